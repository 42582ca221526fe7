// Address, history and page in a real browser when navigations overtake each other, are refused or given up, and lead to what is no
// page. The program is tests/apps/travel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { live } from './lib/live.mjs';
import { gate, travel } from './lib/traveller.mjs';

const travelling = travel();
const { window_ } = travelling;

const where = (w) => w.page.evaluate(() => ({ y: Math.round(scrollY), at: document.activeElement.id, url: location.pathname + location.search + location.hash }));

/** The state of this page is held back until `go`; `ended`: nobody waits for it any more. */
async function hold(w, path) {
  const held = gate();
  await w.page.route(`**${path}`, async (route) => {
    if (!route.request().headers().accept?.includes('dew.state')) return route.continue();
    await held.wait;
    return route.continue().catch(() => {}); // nobody may wait for it
  });
  const isIt = (request) => new URL(request.url()).pathname === path;
  const ended = w.page.waitForEvent('requestfailed', isIt);
  ended.catch(() => {}); // not every test waits for it
  return { go: held.go, asked: w.page.waitForRequest(isIt), ended };
}
const back = (w) => w.page.evaluate(() => history.back());

test('a newer navigation ends the one before', async () => {
  const w = await window_();
  const { asked, ended, go } = await hold(w, '/state/1');
  await w.page.click('#state');
  await asked;
  await w.page.click('#list');
  await ended;
  go();
  await w.heading('List');
  assert.equal((await where(w)).url, '/list');
  await w.page.goBack();
  await w.heading('Home');
  assert.ok(await w.same());
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('a way back ends a navigation that is under way, and what a hover began goes on', async () => {
  const w = await window_();
  await w.page.click('#list');
  await w.heading('List');
  const { asked, ended, go } = await hold(w, '/state/1');
  await w.page.click('#state');
  await asked;
  await back(w);
  await ended;
  go();
  await w.heading('Home');
  assert.equal((await where(w)).url, '/');
  assert.equal(await w.page.textContent('#pending'), '');
  const ahead = await hold(w, '/hover/1');
  await w.page.hover('#hover');
  await ahead.asked;
  await w.page.evaluate(() => history.forward());
  await w.heading('List');
  ahead.go();
  await w.page.click('#hover');
  await w.heading('Place 1');
  assert.equal(w.seen.states.filter((path) => path === '/hover/1').length, 1);
  assert.ok(await w.same());
  await w.close();
});

test('two quick ways back: the page is the one that the address says', async () => {
  const w = await window_();
  await w.page.click('#list');
  await w.heading('List');
  await w.page.click('#sent');
  await w.heading('Sent');
  const { asked, go } = await hold(w, '/list');
  await back(w);
  await asked;
  await back(w);
  await w.heading('Home');
  go();
  assert.equal((await where(w)).url, '/');
  await w.page.evaluate(() => history.go(2));
  await w.heading('Sent');
  assert.equal((await where(w)).url, '/sent');
  await w.close();
});

test('two quick ways back that are refused: all the way forward again', async () => {
  const w = await window_();
  await w.page.click('#list');
  await w.heading('List');
  await w.page.click('#draft');
  await w.heading('Draft');
  await w.page.click('#write');
  for (const path of ['/list', '/']) {
    await back(w);
    await w.until((wanted) => location.pathname === wanted && document.getElementById('ask'), path);
  }
  await w.page.click('#keep');
  await w.until(() => !document.getElementById('ask') && location.pathname === '/draft');
  assert.equal(await w.page.textContent('h1'), 'Draft');
  await back(w);
  await w.page.click('#drop');
  await w.heading('List');
  assert.equal((await where(w)).url, '/list');
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

test('a link that overtakes a way back leads on from the page that shows', async () => {
  const w = await window_();
  await w.page.click('#list');
  await w.heading('List');
  await w.page.click('#sent');
  await w.heading('Sent');
  const { asked, go } = await hold(w, '/list');
  await back(w);
  await asked;
  await w.page.click('#none');
  await w.heading('Place 1');
  go();
  assert.equal((await where(w)).url, '/none/1');
  await w.page.goBack();
  await w.heading('Sent');
  assert.equal((await where(w)).url, '/sent');
  await w.close();
});

test('a document that is left gives up what was under way, and is whole on the way back', async () => {
  const w = await window_();
  const { asked, ended, go } = await hold(w, '/state/1');
  await w.page.click('#state');
  await asked;
  await w.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await ended;
  go();
  await w.page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  assert.deepEqual([await w.page.textContent('h1'), await w.page.textContent('#pending'), (await where(w)).url], ['Home', '', '/']);
  assert.deepEqual(w.seen.documents, []);
  await w.close();
});

test('a link within the page, made where another page was: nothing of that one is restored', async () => {
  const w = await window_();
  await w.page.click('#list');
  await w.heading('List');
  await w.page.evaluate(() => scrollTo(0, 700));
  await w.page.goBack();
  await w.heading('Home');
  await w.page.click('#jump');
  await w.until(() => location.hash === '#low' && history.state?.dew === 1);
  await w.until(() => scrollY > 1000);
  await w.close();
});

test('what is no page is the browser\'s to load, once', async () => {
  const w = await window_();
  await w.page.click('#file');
  await w.page.waitForURL('**/spot.json?9');
  assert.deepEqual([w.seen.files, w.seen.documents, w.seen.states], [['/spot.json?9'], ['/spot.json?9'], []]);
  await w.close();
});

test('a handler\'s address is what a link\'s would be', async () => {
  const w = await window_('/list');
  await w.page.route('http://other.invalid/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Other</h1><main></main>' }));
  await w.page.click('#go-1');
  await w.text('sort', 'query');
  assert.ok(await w.same());
  await w.page.click('#go-0');
  await w.until(() => true);
  assert.match(w.seen.errors.join(), /not followed, it would run code: javascript:/);
  assert.equal(await w.page.evaluate(() => window.ran), undefined);
  await w.page.click('#go-2');
  await w.page.waitForURL('http://other.invalid/list');
  assert.deepEqual(w.seen.states, ['/list?sort=query']);
  await w.page.goto(`${travelling.server.url}/list`);
  await live(w.page);
  w.clear();
  await w.page.click('#go-3');
  await w.page.waitForURL('**/spot.json?7');
  assert.deepEqual([w.seen.documents, w.seen.states], [['/spot.json?7'], []]);
  await w.close();
});
