// Layouts and pages that live in the browser: what a layout keeps, provides and waits for, and pages of the browser alone. The program
// is tests/apps/travel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { travel } from './lib/traveller.mjs';

const travelling = travel();
const { window_ } = travelling;

test('a layout waits with its own view; its state, its subscription and what it provides stay from page to page', async () => {
  const w = await window_();
  await w.page.click('#room');
  await w.heading('Room 1');
  assert.match(await w.first('Waits'), /^Waits$/);
  assert.equal(await w.page.textContent('#bell'), 'rung 0');
  await w.page.click('#count');
  await w.page.click('#count');
  assert.deepEqual([await w.page.textContent('#count'), await w.page.textContent('#mood')], ['2', '2']);
  w.clear();
  await w.page.click('#next');
  await w.heading('Room 2');
  assert.deepEqual([await w.page.textContent('#count'), await w.page.textContent('#mood')], ['2', '2']);
  await w.page.click('#ring');
  await w.text('bell', 'rung 1');
  assert.deepEqual(w.seen.subscribed, []);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('what is in a layout for the browser alone: the server draws what stands for it', async () => {
  const html = await (await fetch(`${travelling.server.url}/room/3`)).text();
  assert.match(html, /<p id="bell">rung \d<\/p><p id="outside">/);
  assert.doesNotMatch(html, /Room 3|id="mood"/);
  const w = await window_('/room/3');
  await w.heading('Room 3');
  assert.equal(await w.page.locator('#outside').count(), 0);
  assert.equal(await w.page.textContent('#mood'), '0');
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('a page that only the browser can draw, loaded and gone to', async () => {
  assert.match(await (await fetch(`${travelling.server.url}/far`)).text(), /<div id="app"><\/div><noscript>/);
  const w = await window_('/far');
  await w.text('spot', 'spot');
  assert.deepEqual([await w.page.textContent('h1'), await w.page.title()], ['Far', 'Far']);
  await w.page.click('nav a');
  await w.heading('Home');
  await w.page.click('#room');
  await w.page.click('#far');
  await w.heading('Far');
  assert.ok(await w.same());
  assert.deepEqual([w.seen.states, w.seen.errors], [['/'], []]);
  await w.close();
});

test('a handler says what is loaded before the page it goes to shows', async () => {
  const w = await window_();
  await w.page.click('#go-ahead');
  await w.heading('Place 7');
  assert.match(await w.first('Place 7'), /item 7\s+note 7\s+deep 7/);
  assert.deepEqual(w.seen.states, ['/none/7']);
  await w.close();
});
