// What pages need before they are rendered, on both sides: declared loads, hooks, seeds. The program is tests/apps/ahead.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bin, launch, start } from './lib/showcase.mjs';
import { open } from './lib/traveller.mjs';

let browser, server;
before(async () => {
  [browser, server] = await Promise.all([launch(), start(`${bin}ahead`, ['--port', '0', '--development'])]);
});
after(async () => {
  await browser?.close();
  await server?.end();
});

const window_ = (path = '/') => open(browser, server.url + path);
const shown = (w) => w.page.evaluate(() => [...document.querySelectorAll('main p')].map((p) => p.textContent));

test('the server: passes by page, and what is shown', async () => {
  const get = async (path) => {
    const answer = await fetch(server.url + path);
    return [answer.headers.get('dew-passes'), await answer.text()];
  };
  assert.equal((await get('/'))[0], '3'); // layout, page
  const [passes, html] = await get('/idea/2');
  assert.equal(passes, '1'); // declared, and in a hook
  assert.match(html, /<header>Ann<\/header><main><h1>Idea 2<\/h1><p id="title">Idea 2 itself<\/p><p id="author">Author 12<\/p><p id="report">Report 2<\/p>/);
  const [more, seeded] = await get('/plain/2');
  assert.equal(more, '3'); // the layout's; author and report
  assert.match(seeded, /<p id="title">Idea 2 of the list<\/p><p id="author">Author 12<\/p>/);
});

test('the browser takes over what the server rendered, and asks for a seed whole', async () => {
  const w = await window_('/plain/1');
  await w.text('title', 'Idea 1 itself');
  assert.deepEqual(await shown(w), ['Idea 1 itself', 'Author 11', 'Report 1']);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('declared loads and hooks before a navigation', async () => {
  const w = await window_();
  await w.page.click('#idea-2');
  await w.heading('Idea 2');
  assert.match(await w.first('Idea 2'), /Idea 2 itself\s+Author 12\s+Report 2/);
  assert.deepEqual(w.seen.states, []);
  assert.deepEqual(await w.subscribed(3), ['author 12', 'idea 2', 'reports 2']);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('a hook seeds what the page shows first', async () => {
  const w = await window_();
  await w.page.click('#plain-1');
  await w.heading('Idea 1');
  assert.match(await w.first('Idea 1'), /Idea 1 of the list/);
  await w.text('title', 'Idea 1 itself');
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('what a hook says to stores, cookies and the head is nothing to the page that shows', async () => {
  const w = await window_();
  await w.page.click('#plain-1');
  await w.heading('Idea 1');
  await w.text('title', 'Idea 1 itself');
  await w.page.click('#rename');
  await w.text('title', 'Renamed');
  assert.equal(await w.page.evaluate(() => document.cookie), '');
  assert.equal(await w.page.textContent('footer'), '');
  assert.equal(await w.page.locator('meta[name=description]').count(), 0);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('a handler seeds what shows', async () => {
  const w = await window_('/idea/1');
  await w.text('title', 'Idea 1 itself');
  await w.page.click('#rename');
  await w.text('title', 'Renamed');
  assert.deepEqual((await shown(w)).slice(0, 2), ['Renamed', '(nobody)']);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('an address that has no page is shown in the layout, whose main part is the only one', async () => {
  const answer = await fetch(`${server.url}/nowhere`);
  assert.equal(answer.status, 404);
  assert.match(await answer.text(), /<header>Ann<\/header><main><h1>no page at \/nowhere<\/h1><\/main><footer>/);
  const w = await window_('/nowhere');
  await w.heading('no page at /nowhere');
  assert.equal(await w.page.locator('main').count(), 1);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});
