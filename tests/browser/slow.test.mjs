// /slow of the showcase: what a visitor gets for each way in which a handler may end, on a first load, by a link that is followed
// in the browser, from a button with scripts and without.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, startShowcase } from './lib/showcase.mjs';

let browser, server;
let log = '';
before(async () => {
  [browser, server] = await Promise.all([launch(), startShowcase([], { quiet: true })]);
  server.child.stderr.on('data', (text) => { log += text; });
});
after(async () => { await browser?.close(); await server?.stop(); });

async function open(path, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  const answer = await page.goto(server.url + path);
  if (options.javaScriptEnabled !== false) await page.waitForFunction(() => document.documentElement.dew === 'live');
  return { page, errors, status: answer.status(), close: () => context.close() };
}

const link = (page, end) => page.click(`a[href="/slow?end=${end}"]`);

test('a first load has the status of what it came to, or goes there', async () => {
  const statuses = { waits: 200, missing: 404, unknown: 401, denied: 403, rate: 429, fault: 500, late: 504, never: 504, r301: 301, r302: 302, r303: 303, r307: 307, r308: 308, abroad: 303 };
  for (const [end, status] of Object.entries(statuses)) {
    const answer = await fetch(`${server.url}/slow?end=${end}`, { redirect: 'manual' });
    assert.equal(answer.status, status, end);
    const to = answer.headers.get('location');
    assert.equal(to, end === 'abroad' ? 'https://example.org/' : end[0] === 'r' && end !== 'rate' ? `/slow?came=${status}` : null, end);
  }
});

test('a link shows the same without a load', async () => {
  const words = { waits: 'waited 250 ms', missing: 'No such page', unknown: 'Say who you are first.', denied: 'This is somebody else’s.', rate: 'That was too often.', late: 'This took too long' };
  for (const [end, text] of Object.entries(words)) {
    const { page, errors, close } = await open('/slow');
    await page.evaluate(() => { window.same = true; });
    await link(page, end);
    await page.waitForSelector(`main >> text=${text}`);
    assert.equal(await page.evaluate(() => window.same), true, end);
    assert.equal(page.url(), `${server.url}/slow?end=${end}`);
    assert.deepEqual(errors, []);
    await close();
  }
});

test('redirects lead on without a load', async () => {
  const { page, close } = await open('/slow');
  await page.evaluate(() => { window.same = true; });
  for (const status of [301, 302, 303, 307, 308]) {
    await link(page, `r${status}`);
    await page.waitForSelector(`#came >> text=with ${status}`);
    assert.equal(page.url(), `${server.url}/slow?came=${status}`);
  }
  assert.equal(await page.evaluate(() => window.same), true);
  await close();
});

test('a fault says nothing but its id, which the log has too', async () => {
  const { page, status, close } = await open('/slow?end=fault');
  assert.equal(status, 500);
  const shown = await page.textContent('main');
  assert.doesNotMatch(shown, /pump|10\.0\.0\.7/);
  const [, id] = /\(error ([0-9a-z]{8})\)/.exec(shown);
  assert.match(log, new RegExp(`error ${id}: /slow\\?end=fault: INTERNAL: the pump at 10\\.0\\.0\\.7`));
  await close();
});

test('buttons: elsewhere without a load, a refusal as a notice on the page as it is', async () => {
  for (const kind of ['act', 'write']) {
    const { page, errors, close } = await open('/slow');
    await page.evaluate(() => { window.same = true; });
    await page.click(`#${kind} button >> nth=1`);
    await page.waitForSelector(`.dew-notice >> text=${kind === 'act' ? 'This is somebody else’s.' : 'It has changed meanwhile'}`);
    assert.equal(new URL(page.url()).search, '');
    await page.click(`#${kind} button >> nth=0`);
    await page.waitForSelector('#came >> text=with 303');
    assert.equal(await page.evaluate(() => window.same), true);
    assert.deepEqual(errors, []);
    await close();
  }
});

test('buttons without scripts: elsewhere, or a page that leads back', async () => {
  for (const kind of ['act', 'write']) {
    const { page, close } = await open('/slow', { javaScriptEnabled: false });
    await page.click(`#${kind} button >> nth=0`);
    await page.waitForSelector('#came >> text=with 303');
    const refused = page.waitForResponse((answer) => answer.request().method() === 'POST');
    await page.click(`#${kind} button >> nth=1`);
    assert.equal((await refused).status(), kind === 'act' ? 403 : 409);
    await page.click('text=see the page as it is');
    await page.waitForSelector('#came');
    await close();
  }
});
