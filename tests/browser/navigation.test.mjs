// Going from page to page in a real browser: what becomes of history, scroll position and focus, and what pages have to say. The
// program is tests/apps/travel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { live } from './lib/live.mjs';
import { gate, travel } from './lib/traveller.mjs';

const travelling = travel();
const { window_ } = travelling;

/* ---- the history ---- */

const where = (w) => w.page.evaluate(() => ({ y: Math.round(scrollY), at: document.activeElement.id, url: location.pathname + location.search + location.hash }));

test('back and forward: scroll position and focus are where they were; so after a page that was loaded whole', async () => {
  const w = await window_();
  await w.page.focus('#own');
  await w.page.evaluate(() => { scrollTo(0, 700); document.getElementById('state').click(); });
  await w.heading('Place 1');
  assert.equal((await where(w)).y, 0);
  await w.page.goBack();
  await w.heading('Home');
  assert.deepEqual(await where(w), { y: 700, at: 'own', url: '/' });
  await w.page.goForward();
  await w.heading('Place 1');
  assert.equal((await where(w)).y, 0);
  await w.page.goBack();
  await w.heading('Home');
  await w.page.click('#reload');
  await w.heading('Place 3');
  assert.ok(!(await w.same()));
  await w.close();
});

test('hash links: the browser goes there, :target holds, and the way back leads to where one was', async () => {
  const w = await window_();
  await w.page.click('#jump');
  await w.until(() => scrollY > 1000);
  assert.equal((await where(w)).url, '/#low');
  await w.page.evaluate(() => history.back());
  await w.until(() => scrollY === 0);
  assert.deepEqual(w.seen.states, []);
  await w.page.click('#to-end');
  await w.heading('List');
  await w.until(() => scrollY > 1000);
  assert.deepEqual({ ...(await where(w)), y: 0 }, { y: 0, at: 'end', url: '/list#end' });
  assert.equal(await w.page.evaluate(() => document.querySelector(':target')?.id), 'end');
  await w.page.goBack();
  await w.heading('Home');
  await w.page.goForward();
  await w.heading('List');
  await w.until(() => scrollY > 1000);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('the focus of a new page: at what asks for it, main, or the heading', async () => {
  const w = await window_();
  const focused = () => w.page.evaluate(() => document.activeElement.id || document.activeElement.localName);
  for (const [link, heading, at] of [['#field-1', 'Field', 'field'], ['#field-2', 'Field', 'main'], ['#none', 'Place 1', 'main'], ['#heading', 'Heading', 'h1']]) {
    await w.page.click(link);
    await w.heading(heading);
    assert.equal(await focused(), at, link);
    await w.page.goBack();
    await w.heading('Home');
  }
  await w.close();
});

test('the query string as state: in the same entry, with scroll position and focus as they are', async () => {
  const w = await window_('/list');
  const entries = await w.page.evaluate(() => history.length);
  await w.page.focus('#sort-name');
  await w.page.evaluate(() => { scrollTo(0, 300); document.getElementById('sort-name').click(); });
  await w.text('sort', 'name');
  assert.deepEqual(await where(w), { y: 300, at: 'sort-name', url: '/list?sort=name' });
  assert.equal(await w.page.evaluate(() => history.length), entries);
  await w.close();
});

test('a form that asks is a navigation, by Enter and by its button', async () => {
  const w = await window_('/list');
  await w.page.fill('[name=find]', 'a b&c');
  await w.page.press('[name=find]', 'Enter');
  await w.text('find', 'a b&c');
  assert.equal((await where(w)).url, '/list?find=a+b%26c');
  await w.page.fill('[name=find]', 'd');
  await w.page.click('#search button');
  await w.text('find', 'd');
  await w.page.goBack();
  await w.text('find', 'a b&c');
  assert.ok(await w.same());
  assert.deepEqual(w.seen.documents, []);
  await w.close();
});

test('what is said to screen readers: the title of each page that was gone to, also one that is late', async () => {
  const w = await window_();
  await w.page.click('#none');
  await w.text('deep', 'deep 1');
  await w.page.waitForFunction(() => window.said.length === 1);
  await w.page.goBack();
  await w.heading('Home');
  await w.page.waitForFunction(() => window.said.length === 2);
  assert.deepEqual(await w.page.evaluate(() => window.said), ['Place 1', 'Home']);
  assert.equal(await w.page.evaluate(() => document.getElementById('dew-announce').getAttribute('role')), 'status');
  await w.close();
});

test('what says so to screen readers is there, and empty, before there is anything to say; without a navigation there is none', async () => {
  const w = await window_();
  const region = () => w.page.evaluate(() => {
    const element = document.getElementById('dew-announce');
    const before = window.region;
    window.region = element;
    return element && { role: element.getAttribute('role'), text: element.textContent, isSame: element === before };
  });
  assert.equal(await region(), null);
  const held = gate();
  await w.page.route('**/state/1', async (route) => { await held.wait; await route.continue(); });
  const asked = w.page.waitForRequest((request) => request.url().endsWith('/state/1'));
  await w.page.click('#state');
  await asked;
  assert.deepEqual(await region(), { role: 'status', text: '', isSame: false });
  held.go();
  await w.heading('Place 1');
  await w.page.waitForFunction(() => window.region.textContent);
  assert.deepEqual(await region(), { role: 'status', text: 'Place 1', isSame: true });
  await w.close();
});

test('what shows at once is said once the region has been there for a moment', async () => {
  const w = await window_();
  assert.deepEqual(await w.page.evaluate(() => new Promise((done) => {
    let inNextTask;
    const look = () => document.getElementById('dew-announce')?.textContent;
    new MutationObserver(() => {
      if (look() !== undefined && inNextTask === undefined) setTimeout(() => { inNextTask = look(); });
      if (inNextTask !== undefined && look()) done([inNextTask, look()]);
    }).observe(document, { subtree: true, childList: true, characterData: true });
    document.getElementById('none').click();
  })), ['', 'Place 1']);
  await w.close();
});

test('without a network: the visitor is told, and the page stays', async () => {
  const w = await window_();
  await w.context.setOffline(true);
  await w.page.click('#state');
  await w.page.waitForSelector('.dew-notice >> text=no connection');
  assert.equal(await w.page.textContent('h1'), 'Home');
  await w.context.setOffline(false);
  await w.page.click('#state');
  await w.heading('Place 1');
  assert.ok(await w.same());
  await w.close();
});

/* Counts the transitions that are asked for; reads the site's wish, which is markup in its head. */
const transitions = `
  window.transitions = 0;
  const start = Document.prototype.startViewTransition;
  Document.prototype.startViewTransition = function (...args) { window.transitions++; return start.apply(this, args); };
  addEventListener('DOMContentLoaded', () => document.head.insertAdjacentHTML('beforeend', '<meta name="view-transition" content="same-origin">'));`;
for (const [reducedMotion, count] of [['no-preference', 1], ['reduce', 0]])
  test(`view transitions where the site wants them, with motion: ${reducedMotion}`, async () => {
    const w = await window_('/', { before: transitions, reducedMotion });
    await w.page.click('#state');
    await w.heading('Place 1');
    assert.equal(await w.page.evaluate(() => window.transitions), count);
    await w.close();
  });

test('no view transition where the site does not ask for them', async () => {
  const w = await window_('/', { before: transitions.replace('same-origin', 'none') });
  await w.page.click('#state');
  await w.heading('Place 1');
  assert.equal(await w.page.evaluate(() => window.transitions), 0);
  await w.close();
});

/* ---- layouts ---- */

test('a layout keeps its nodes and what was typed there from page to page; another layout has its own', async () => {
  const w = await window_();
  await w.page.fill('#kept', 'typed');
  await w.page.evaluate(() => { window.kept = document.getElementById('kept'); });
  for (const name of ['state', 'none']) {
    await w.page.click(`#${name}`);
    await w.text('deep', 'deep 1');
    assert.ok(await w.page.evaluate(() => document.getElementById('kept') === window.kept && window.kept.value === 'typed'));
  }
  await w.page.click('#bare');
  await w.heading('Bare');
  assert.deepEqual(await w.page.evaluate(() => [document.getElementById('kept') === window.kept, document.getElementById('kept').value]), [false, '']);
  await w.close();
});

/* ---- what pages and layouts have to say ---- */

test('a page that is not to be left yet asks in its own view, and stays or goes; a newer navigation ends the question', async () => {
  const w = await window_('/draft');
  await w.page.click('#sent');
  await w.heading('Sent');
  await w.page.goBack();
  await w.heading('Draft');
  await w.page.click('#write');
  await w.page.click('#sent');
  await w.page.click('#keep');
  await w.until(() => !document.getElementById('ask'));
  assert.equal(await w.page.textContent('h1'), 'Draft');
  await w.page.evaluate(() => history.forward()); // the history has moved already, and is put back
  await w.page.click('#keep');
  await w.until(() => !document.getElementById('ask') && location.pathname === '/draft');
  await w.page.click('#sent');
  await w.page.waitForSelector('#ask');
  await w.page.click('#late'); // newer: asked anew
  await w.page.click('#drop');
  await w.heading('Late');
  assert.deepEqual(w.seen.states.filter((path) => path === '/late'), []);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('closing or reloading such a page asks as the browser does, and only then', async () => {
  const w = await window_('/draft');
  const asked = [];
  w.page.on('dialog', (dialog) => { asked.push(dialog.type()); return dialog.accept(); });
  await w.page.reload();
  await live(w.page);
  assert.deepEqual(asked, []);
  await w.page.click('#write');
  await w.page.reload();
  assert.deepEqual(asked, ['beforeunload']);
  await w.close();
});

test('a page that is not to be entered leads elsewhere, in one entry; one that waits is entered when it may', async () => {
  const w = await window_();
  const entries = await w.page.evaluate(() => history.length);
  await w.page.click('#secret');
  await w.text('sort', 'secret');
  assert.equal((await where(w)).url, '/list?sort=secret');
  assert.equal(await w.page.evaluate(() => history.length), entries + 1);
  assert.deepEqual(w.seen.states, ['/list?sort=secret']);
  w.clear();
  await w.page.click('#late');
  await w.heading('Late');
  assert.deepEqual((await w.first('Late')).split('\n').filter(Boolean), ['Late', 'note 5']); // nothing was loaded but by its hook
  assert.deepEqual([w.seen.states, w.seen.subscribed], [[], ['note 5']]);
  await w.close();
});

test('a layout is entered when it may be, hears that a newer navigation came, and says where to go instead of leaving it', async () => {
  const w = await window_('/porch');
  await w.page.click('#inside');
  await w.page.waitForSelector('#open');
  assert.equal(await w.page.textContent('h1'), 'Porch');
  await w.page.click('#list'); // newer
  await w.heading('List');
  assert.equal(await w.page.textContent('#said'), 'over /porch /inside/1\n');
  await w.page.goBack();
  await w.heading('Porch');
  assert.equal(await w.page.locator('#open').count(), 0); // what was shown for the question is gone
  await w.page.click('#inside');
  await w.page.click('#open');
  await w.heading('Inside 1');
  await w.page.click('#next'); // the layout stays
  await w.heading('Inside 2');
  await w.page.click('nav a');
  await w.text('sort', 'gate');
  assert.equal((await where(w)).url, '/list?sort=gate');
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('entering and leaving: each page by every navigation, a layout when it comes and goes', async () => {
  const w = await window_('/draft');
  const said = () => w.page.textContent('#said');
  await w.until(() => document.getElementById('said').textContent.includes('enter page'));
  assert.equal(await said(), 'enter desk  /draft\nenter page  /draft\n');
  await w.page.click('#sent');
  await w.heading('Sent');
  await w.page.click('#draft');
  await w.until(() => document.getElementById('said').textContent.split('enter page').length === 3);
  await w.page.click('nav a');
  await w.heading('Home');
  assert.equal(await said(), `enter desk  /draft
enter page  /draft
leave page /draft /sent
enter page /sent /draft
leave page /draft /
leave desk /draft /
`);
  await w.close();
});

test('views know where a navigation leads while it is under way', async () => {
  const w = await window_();
  const held = gate();
  await w.page.route('**/state/1', async (route) => { await held.wait; await route.continue(); });
  await w.page.click('#state');
  await w.text('pending', '/ to /state/1');
  assert.equal(await w.page.textContent('h1'), 'Home');
  held.go();
  await w.heading('Place 1');
  assert.equal(await w.page.textContent('#pending'), '');
  await w.close();
});

test('a handler goes elsewhere', async () => {
  const w = await window_('/list');
  const entries = await w.page.evaluate(() => history.length);
  await w.page.click('#sort-date');
  await w.text('sort', 'date');
  assert.deepEqual(await where(w), { y: 0, at: 'sort-date', url: '/list?sort=date' });
  assert.equal(await w.page.evaluate(() => history.length), entries);
  await w.close();
});

test('links know where one is, the same on both sides', async () => {
  const html = await (await fetch(`${travelling.server.url}/list?sort=name`)).text();
  assert.match(html, /<a class="here" id="list" href="\/list">List/);
  assert.match(html, /<a id="pattern" href="\/draft" style="[^"]*">\/list</);
  const w = await window_('/list');
  const marks = () => w.page.$$eval('nav [aria-current], nav .here', (links) => links.map((a) => `${a.id} ${a.getAttribute('aria-current')} ${a.className}`));
  assert.deepEqual(await marks(), ['list page here']);
  await w.page.click('#sort-name');
  await w.text('sort', 'name');
  assert.deepEqual(await marks(), ['list null here']);
  await w.page.click('#draft');
  await w.heading('Draft');
  assert.deepEqual(await marks(), ['pattern null here']);
  assert.equal(await w.page.textContent('#pattern'), '/draft');
  await w.close();
});
