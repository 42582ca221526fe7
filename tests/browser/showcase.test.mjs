// The showcase in a real browser: two windows, hydration that changes nothing, forms without scripts, and a server that
// is killed and comes back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live as isLive } from './lib/live.mjs';
import { launch, startShowcase } from './lib/showcase.mjs';

let browser, server;
before(async () => { [browser, server] = await Promise.all([launch(), startShowcase()]); });
after(async () => { await browser?.close(); await server?.stop(); });

/** A window of its own, with its errors, requests, socket messages and DOM mutations noted from the first moment. */
async function open(path, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { errors: [], requests: [], sent: [], received: [] };
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') seen.errors.push(message.text()); });
  page.on('request', (request) => seen.requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => seen.sent.push(JSON.parse(payload)));
    socket.on('framereceived', ({ payload }) => seen.received.push(JSON.parse(payload)));
  });
  await page.addInitScript(() => {
    window.mutations = [];
    new MutationObserver((records) => {
      for (const r of records) {
        // what the parser itself adds while the document loads is no change
        if (document.readyState === 'loading') continue;
        window.mutations.push(`${r.type} ${r.target.nodeName} ${r.attributeName ?? ''}`);
      }
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await page.goto(server.url + path);
  return { page, seen, close: () => context.close() };
}

const live = ({ page }) => isLive(page);

test('the first HTML holds the real data', async () => {
  const html = await (await fetch(`${server.url}/board/b1`)).text();
  assert.match(html, /Water the tomatoes/);
  assert.match(html, /<li[^>]* data-id="2"/);
  const counter = await (await fetch(`${server.url}/counter`)).text();
  assert.match(counter, /id="count"[^>]*>0</);
});

test('a click on the counter shows in the other window', async () => {
  const [one, two] = await Promise.all([open('/counter'), open('/counter')]);
  await Promise.all([live(one), live(two)]);
  const before = Number(await two.page.textContent('#count'));
  await one.page.click('#increment');
  await two.page.waitForFunction((n) => document.querySelector('#count').textContent === String(n), before + 1);
  await one.page.waitForFunction((n) => document.querySelector('#count').textContent === String(n), before + 1);
  assert.deepEqual(one.seen.errors, []);
  assert.deepEqual(two.seen.errors, []);
  await Promise.all([one.close(), two.close()]);
});

test('hydration changes nothing in the DOM, asks for no data, and is told that nothing changed', async () => {
  // how many queries each page shows: its own, or the error page's
  const paths = { '/': 0, '/counter': 1, '/board/b1': 1, '/board/two%20%20blanks': 1, '/table?rows=50': 1, '/slow': 0, '/ideas': 1, '/ideas/3': 3, '/widgets': 0, '/nowhere': 0, '/board/%zz': 0, '/table?rows=-1': 0 };
  for (const [path, queries] of Object.entries(paths)) {
    const window = await open(path);
    await live(window);
    await window.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.deepEqual(await window.page.evaluate(() => window.mutations), [], path);
    // the document once, and what is embedded: no state, no query
    const files = /^GET \/(_dew\/client\.[0-9a-f]+\.(js|later\.js|wasm)|[a-z]+\.(js|css|svg))$/;
    assert.deepEqual(window.seen.requests.filter((r) => !files.test(r)), [`GET ${path.split('?')[0]}`], path);
    const answers = window.seen.received.filter((m) => m.type === 'subscribed' && !m.error); // what failed is asked for again
    assert.equal(answers.length, queries, path);
    for (const answer of answers) assert.equal(answer.status, 'current', path);
    assert.deepEqual(window.seen.errors.filter((error) => !/status of 40[04]/.test(error)), [], path);
    await window.close();
  }
});

test('tasks are added, moved and deleted in both windows, and rows keep their nodes', async () => {
  const [one, two] = await Promise.all([open('/board/b1'), open('/board/b1')]);
  await Promise.all([live(one), live(two)]);
  await two.page.evaluate(() => { window.first = document.querySelector('li[data-id]'); });
  await one.page.fill('#title', 'Tie up <the> "peas" & beans');
  await one.page.click('.add button');
  await two.page.waitForSelector('li[data-id] >> text=Tie up <the> "peas" & beans');
  await one.page.waitForFunction(() => document.querySelector('#title').value === '');
  const id = await two.page.evaluate(() => [...document.querySelectorAll('li[data-id]')].at(-1).dataset.id);
  await two.page.click(`li[data-id="${id}"] .move`);
  await one.page.waitForSelector(`li[data-id="${id}"].done`);
  await one.page.click(`li[data-id="${id}"] .delete`);
  await two.page.waitForFunction((gone) => !document.querySelector(`li[data-id="${gone}"]`), id);
  assert.equal(await two.page.evaluate(() => window.first === document.querySelector('li[data-id]')), true);
  assert.deepEqual(one.seen.errors.concat(two.seen.errors), []);
  await Promise.all([one.close(), two.close()]);
});

test('with scripts off the forms and buttons work', async () => {
  const { page, close } = await open('/board/quiet', { javaScriptEnabled: false });
  await page.fill('#title', 'Without scripts');
  await page.click('.add button');
  await page.waitForSelector('li[data-id]');
  assert.equal(new URL(page.url()).pathname, '/board/quiet');
  await page.click('li[data-id] .move');
  await page.waitForSelector('li[data-id].done');
  await page.click('li[data-id] .delete');
  await page.waitForSelector('.empty');
  await page.goto(`${server.url}/counter`);
  const before = Number(await page.textContent('#count'));
  await page.click('#increment');
  assert.equal(Number(await page.textContent('#count')), before + 1);
  await close();
});

test('a click before hydration is not lost', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route('**/*.wasm', async (route) => { await held; await route.continue(); });
  await page.goto(`${server.url}/counter`);
  await page.waitForLoadState('load');
  const before = Number(await page.textContent('#count'));
  await page.click('#increment');
  release();
  await page.waitForFunction((n) => Number(document.querySelector('#count').textContent) === n, before + 1);
  await context.close();
});

test('links are followed without loading the document again, back and forward work', async () => {
  const { page, seen, close } = await open('/');
  await live({ page });
  await page.evaluate(() => { window.same = true; });
  await page.click('nav a:text("Board")');
  await page.waitForSelector('li[data-id]');
  assert.equal(await page.evaluate(() => window.same), true);
  assert.equal(new URL(page.url()).pathname, '/board/b1');
  assert.equal(await page.title(), 'Board b1');
  await page.click('nav a:text("Counter")');
  await page.waitForSelector('#count');
  await page.goBack();
  await page.waitForSelector('li[data-id]');
  assert.equal(await page.evaluate(() => window.same), true);
  assert.deepEqual(seen.errors, []);
  await close();
});

test('the server is killed and started again: the page recovers without a reload', async () => {
  const window = await open('/board/b2');
  await live(window);
  await window.page.evaluate(() => { window.same = true; });
  await window.page.fill('#title', 'Written before the crash');
  await window.page.click('.add button');
  await window.page.waitForSelector('li[data-id]');
  await server.kill();
  await window.page.waitForSelector('.offline[role=status] >> text=The connection is lost');
  assert.equal(await window.page.textContent('li[data-id] .title'), 'Written before the crash');
  await server.restart();
  const other = await open('/board/b2');
  await live(other);
  assert.equal(await other.page.textContent('li[data-id] .title'), 'Written before the crash');
  await other.page.fill('#title', 'Written after it');
  await other.page.click('.add button');
  await window.page.waitForFunction(() => document.querySelectorAll('li[data-id]').length === 2, undefined, { timeout: 60_000 });
  assert.equal(await window.page.evaluate(() => window.same), true);
  await window.page.waitForSelector('.offline', { state: 'detached' });
  await Promise.all([window.close(), other.close()]);
});

test('the server is killed while changes are under way: each shows once in both windows, without a reload', async () => {
  const [writer, reader] = await Promise.all([open('/board/b3'), open('/board/b3')]);
  await Promise.all([live(writer), live(reader)]);
  for (const { page } of [writer, reader]) await page.evaluate(() => { window.same = true; });
  const add = (from, to) => writer.page.evaluate(([first, last]) => {
    for (let i = first; i < last; i++) {
      document.querySelector('#title').value = `change ${i}`;
      document.querySelector('form.add').requestSubmit();
    }
  }, [from, to]);
  await add(0, 30); // sent at once; some are on the disk, some are not, some were answered
  await writer.page.waitForSelector('li[data-id]');
  await server.kill();
  await add(30, 40); // these wait
  await server.restart();
  const shown = () => [...document.querySelectorAll('li[data-id] .title')].map((title) => title.textContent);
  for (const { page } of [writer, reader]) {
    await page.waitForFunction(() => document.querySelectorAll('li[data-id]').length >= 40, undefined, { timeout: 60_000 });
    assert.deepEqual((await page.evaluate(shown)).sort(), Array.from({ length: 40 }, (_, i) => `change ${i}`).sort());
    assert.equal(await page.evaluate(() => window.same), true);
  }
  const answers = writer.seen.received.filter((message) => message.type === 'answer');
  assert.ok(answers.length >= 40 && answers.every((answer) => !answer.error), JSON.stringify(answers.filter((answer) => answer.error)));
  await Promise.all([writer.close(), reader.close()]);
});
