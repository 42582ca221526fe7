// use_with(…, .keep = true) in Chromium, by the page /keep of the program tests/apps/regions: what a call gave last stays while it
// waits with other arguments. Its sensors answer when they are let go.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, start } from './lib/showcase.mjs';

let browser, server, page;
const errors = [];
const words = new Map(); // of the client query: number → gate
before(async () => {
  [browser, server] = await Promise.all([launch(), start('regions', ['--port', '0'], { quiet: true })]);
  page = await browser.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.route('**/words/*.json', async (route) => {
    const number = Number(new URL(route.request().url()).pathname.match(/\d+/)[0]);
    await new Promise((open) => words.set(number, open));
    await route.fulfill({ json: { word: `word ${number}` } });
  });
});
after(async () => { await browser?.close(); await server?.end(); });

const texts = (...ids) => Promise.all(ids.map((id) => page.locator(`#${id}`).textContent()));
const shows = (id, text) => page.waitForFunction(([at, wanted]) => document.querySelector(`#${at}`)?.textContent === wanted, [id, text]);
const letGo = (number) => page.click(`text=Let go ${number}`);

async function next(number) {
  await page.click('#next');
  await shows('number', `${number}`);
}

/** The answer to a client query's request, which is there or comes. */
async function say(number) {
  while (!words.has(number)) await page.waitForEvent('request');
  words.get(number)();
}

test('at first nothing is kept: the loading views', async () => {
  await page.goto(`${server.url}/keep`, { waitUntil: 'commit' }); // it is whole once sensor 11 is let go
  await page.waitForSelector('#number');
  assert.equal(await page.locator('.waiting').count(), 2);
  assert.equal(await page.locator('#reading').count(), 0);
  assert.deepEqual(await texts('kept-word'), ['none']);
  await letGo(11);
  await shows('reading', '1100');
  await shows('card', '1100');
});

test('while other arguments load, what the call gave last stays, and views can tell', async () => {
  await next(12);
  assert.deepEqual(await texts('reading', 'card'), ['1100 of before', '1100 of before']);
  assert.equal(await page.locator('.waiting').count(), 0);
  await letGo(12);
  await shows('reading', '1200');
  await shows('card', '1200'); // memoised: it sees that its value has come
});

test('what fails ends it', async () => {
  await next(13);
  assert.deepEqual(await texts('reading', 'card'), ['1200 of before', '1200 of before']);
  await letGo(13);
  await page.waitForFunction(() => document.querySelectorAll('.failed').length === 2);
  await next(14);
  assert.equal(await page.locator('.waiting').count(), 2);
  assert.equal(await page.locator('.failed').count(), 0);
  await letGo(14);
  await shows('reading', '1400');
});

test('it stays over several arguments that never load, and until the last has', async () => {
  await next(15);
  await next(16);
  assert.deepEqual(await texts('reading', 'card'), ['1400 of before', '1400 of before']);
  await letGo(15); // nobody asks for it any more
  await letGo(16);
  await shows('reading', '1600');
  await shows('card', '1600');
  assert.deepEqual(errors, []);
});

test('a query that the browser answers is kept, too', async () => {
  await say(16);
  await shows('kept-word', 'word 16');
  await next(17);
  assert.deepEqual(await texts('kept-word'), ['word 16 of before']);
  await say(17);
  await shows('kept-word', 'word 17');
  assert.deepEqual(errors, []);
});
