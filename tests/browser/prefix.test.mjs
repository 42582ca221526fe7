// The showcase under a prefix, as beside other programs behind one proxy: every address that the page, its scripts, its socket and
// its forms use begins with it, and nothing is answered outside.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live as isLive } from './lib/live.mjs';
import { launch, startShowcase } from './lib/showcase.mjs';

let browser, server, origin;
before(async () => {
  [browser, server] = await Promise.all([launch(), startShowcase(['--url-prefix', '/app'])]);
  origin = new URL(server.url).origin;
});
after(async () => { await browser?.close(); await server?.stop(); });

/** A window, with its errors and the paths of its requests and sockets noted. */
async function open(path, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { errors: [], paths: [], sockets: [] };
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') seen.errors.push(message.text()); });
  page.on('request', (request) => seen.paths.push(new URL(request.url()).pathname));
  page.on('websocket', (socket) => seen.sockets.push(new URL(socket.url()).pathname));
  await page.goto(server.url + path);
  return { page, seen, close: () => context.close() };
}

const live = ({ page }) => isLive(page);

test('the address that the server prints has the prefix, and outside of it nothing is served', async () => {
  assert.equal(server.url, `${origin}/app`);
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
  for (const path of ['/board/b1', '/showcase.css', '/application/board/b1', '/app2', '/_dew/metrics'])
    assert.equal((await fetch(origin + path)).status, 404, path);
});

test('every address in the HTML has the prefix and is served', async () => {
  const html = await (await fetch(`${server.url}/board/b1`)).text();
  const addresses = [...html.matchAll(/ (?:href|src|action|formaction)="(\/[^"]*)"/g)].map((match) => match[1]);
  assert.ok(addresses.length >= 8, String(addresses));
  for (const address of new Set(addresses)) {
    assert.match(address, /^\/app(\/|$)/);
    const status = (await fetch(origin + address)).status;
    assert.equal(status, address.includes('/_dew/form/') ? 405 : 200, address);
  }
});

test('scripts, wasm and socket come from below it, and two windows show the same', async () => {
  const [one, two] = await Promise.all([open('/board/b1'), open('/board/b1')]);
  await Promise.all([live(one), live(two)]);
  await one.page.fill('#title', 'Under a prefix');
  await one.page.click('.add button');
  await two.page.waitForSelector('li[data-id] >> text=Under a prefix');
  assert.ok(one.seen.paths.some((path) => /^\/app\/_dew\/client\.[0-9a-f]+\.wasm$/.test(path)), String(one.seen.paths));
  for (const path of one.seen.paths) assert.match(path, /^\/app\//);
  assert.deepEqual([...new Set(one.seen.sockets)], ['/app/_dew/ws']);
  assert.deepEqual(one.seen.errors.concat(two.seen.errors), []);
  await Promise.all([one.close(), two.close()]);
});

test('links lead to pages below it, without a load', async () => {
  const window = await open('/');
  await live(window);
  await window.page.evaluate(() => { window.same = true; });
  await window.page.click('a[href="/app/counter"]');
  await window.page.waitForSelector('#count');
  assert.equal(new URL(window.page.url()).pathname, '/app/counter');
  const before = Number(await window.page.textContent('#count'));
  await window.page.click('#increment');
  await window.page.waitForFunction((n) => document.querySelector('#count').textContent === String(n), before + 1);
  await window.page.goBack();
  await window.page.waitForFunction(() => location.pathname === '/app' || location.pathname === '/app/');
  assert.equal(await window.page.evaluate(() => window.same), true);
  assert.deepEqual(window.seen.errors, []);
  await window.close();
});

test('with scripts off, forms and buttons come back below it', async () => {
  const { page, seen, close } = await open('/board/quiet', { javaScriptEnabled: false });
  await page.fill('#title', 'Without scripts');
  await page.click('.add button');
  await page.waitForSelector('li[data-id]');
  assert.equal(new URL(page.url()).pathname, '/app/board/quiet');
  await page.click('li[data-id] .delete');
  await page.waitForSelector('.empty');
  assert.equal(new URL(page.url()).pathname, '/app/board/quiet');
  for (const path of seen.paths) assert.match(path, /^\/app\//);
  await close();
});
