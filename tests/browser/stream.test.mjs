// Pages that are sent in chunks (docs/protocol.md §4), by the program tests/apps/regions: /stream waits for three sensors, each let go by
// the test. Nothing here waits for a time to pass.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { live } from './lib/live.mjs';
import { launch, start } from './lib/showcase.mjs';

let browser, server;
before(async () => {
  [browser, server] = await Promise.all([launch(), start('regions', ['--port', '0'], { quiet: true })]);
});
after(async () => { await browser?.close(); await server?.end(); });

/** @param {number} number of the sensor */
async function letGo(number) {
  const answer = await fetch(`${server.url}/_dew/rpc`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ fn: 'let_go', args: { number } }),
  });
  assert.equal(answer.status, 200);
}

/** Opens what does not end by itself. */
async function open(address, { init, clock, ...options } = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (/^(error|warning)$/.test(message.type()) && !message.text().startsWith('Failed to load resource')) errors.push(message.text());
  });
  /** @type {any[]} what the page says on its WebSocket */
  const said = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => said.push(JSON.parse(String(payload)))));
  if (clock) await page.clock.install();
  if (init) await page.addInitScript(init);
  const answer = await page.goto(address, { waitUntil: 'commit' });
  await page.waitForSelector('text=Let go', { state: 'attached' });
  const shows = (text) => page.waitForSelector(`text=${text}`);
  const subscribed = (number) => said.filter((message) => message.type === 'subscribe' && message.args.number === number);
  return { page, errors, said, subscribed, answer, shows, close: () => context.close() };
}

/** A WebSocket that never opens. */
function noSockets() {
  window.WebSocket = class extends EventTarget {
    close() {}

    send() {}
  };
}

test('regions fill by what comes on the page’s own connection, whichever first, over the nodes that are there', async () => {
  const { page, errors, shows, answer, close } = await open(`${server.url}/stream?ten=1`, { init: noSockets });
  assert.equal(answer.status(), 200);
  assert.equal(await page.locator('.waiting').count(), 3);
  await page.evaluate(() => { window.first = document.querySelector('h1'); });
  for (const [number, text] of [[12, 'slow 12: 1200'], [13, '403: sensor 13 is broken'], [11, 'slow 11: 1100']]) {
    assert.equal(await page.locator(`text=${text}`).count(), 0);
    assert.equal(await page.evaluate(() => document.readyState), 'loading');
    await letGo(number);
    await shows(text);
  }
  await page.waitForFunction(() => document.readyState === 'complete');
  assert.equal(await page.locator('.waiting').count(), 0);
  assert.equal(await page.evaluate(() => window.first.isConnected), true);
  assert.deepEqual(errors, []);
  await close();
});

test('what comes late is not subscribed before, and then from where it stands', async () => {
  const { page, errors, said, subscribed, shows, close } = await open(`${server.url}/stream?ten=2`);
  await live(page);
  assert.equal(said[0].type, 'connect');
  assert.equal(subscribed(21).length + subscribed(22).length + subscribed(23).length, 0);
  await letGo(22);
  await shows('slow 22: 2200');
  while (subscribed(22).length === 0) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.match(subscribed(22)[0].have.hash, /^[0-9a-f]{16}$/);
  assert.equal(subscribed(21).length, 0);
  await letGo(21);
  await letGo(23);
  await shows('slow 21: 2100');
  await shows('403: sensor 23 is broken');
  await page.waitForFunction(() => document.readyState === 'complete');
  assert.equal(subscribed(22).length, 1);
  assert.deepEqual(errors, []);
  await close();
});

test('a connection that is cut: what has not come is subscribed', async () => {
  /** @type {import('node:net').Socket[]} */
  const pages = [];
  const proxy = createServer((socket) => {
    const there = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('data', (bytes) => { if (String(bytes).startsWith('GET /stream')) pages.push(there); });
    socket.pipe(there).pipe(socket);
    for (const end of [socket, there]) end.on('error', () => {}).on('close', () => { socket.destroy(); there.destroy(); });
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
  const { page, subscribed, shows, close } = await open(`http://127.0.0.1:${proxy.address().port}/stream?ten=3`, { clock: true });
  await live(page);
  assert.equal(subscribed(31).length, 0);
  for (const socket of pages) socket.destroy();
  await page.clock.fastForward(30_000); // the browser does not tell that a document was cut off: nothing comes any more
  while (subscribed(31).length === 0) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal(subscribed(31)[0].have, undefined);
  await letGo(31);
  await shows('slow 31: 3100');
  await letGo(32);
  await shows('slow 32: 3200');
  await letGo(33);
  await close();
  proxy.close();
});

test('a redirect that comes late is followed', async () => {
  const { page, shows, errors, close } = await open(`${server.url}/stream?ten=4&also=1`);
  await live(page);
  await letGo(49);
  await page.waitForURL('**/plain', { waitUntil: 'commit' });
  await shows('sensor 4: 40');
  for (const number of [41, 42, 43]) await letGo(number);
  assert.deepEqual(errors, []);
  await close();
});

test('a value that comes for a page that was left changes nothing', async () => {
  const { page, errors, shows, close } = await open(`${server.url}/stream?ten=5`);
  await live(page);
  await page.click('nav >> text=Plain');
  await shows('sensor 4: 40');
  for (const number of [51, 52, 53]) await letGo(number);
  await page.waitForFunction(() => document.readyState === 'complete');
  assert.equal(await page.innerText('h1'), 'Plain');
  await page.goBack();
  await shows('slow 51: 5100');
  await shows('403: sensor 53 is broken');
  assert.deepEqual(errors, []);
  await close();
});

test('without scripts the browser is led to the whole of a streamed page', async () => {
  for (const number of [1, 2, 3]) await letGo(number);
  const { page, close } = await open(`${server.url}/stream`, { javaScriptEnabled: false });
  await page.waitForURL('**/stream?_whole=1');
  assert.match(await page.innerText('#app'), /slow 1: 100[\s\S]*slow 2: 200[\s\S]*403: sensor 3 is broken/);
  await close();
});

test('without scripts the whole page comes in order, without loading views', async () => {
  for (const number of [1, 2, 3]) await letGo(number);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.url}/stream?ten=0&also=1`, { waitUntil: 'commit' });
  await page.click('noscript a');
  await page.waitForURL('**/stream?ten=0&also=1&_whole=1', { waitUntil: 'commit' });
  await page.waitForSelector('text=slow 2: 200'); // 1 to 3 are in memory
  await page.waitForSelector('text=sensor 3 is broken');
  assert.equal(await page.locator('text=Let go').count(), 0); // stands behind sensor 9
  assert.equal(await page.locator('.waiting').count(), 0);
  await letGo(9);
  await page.waitForSelector('text=Let go 3');
  await page.waitForSelector('text=see /plain');
  await context.close();
});

test('with scripts the whole page is taken over as any other', async () => {
  for (const number of [1, 2, 3]) await letGo(number);
  const { page, errors, close } = await open(`${server.url}/stream?_whole=1`);
  await live(page);
  assert.match(await page.innerText('#app'), /slow 1: 100[\s\S]*slow 2: 200[\s\S]*403: sensor 3 is broken/);
  assert.deepEqual(errors, []);
  await close();
});
