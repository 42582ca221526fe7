// Client queries (dew/client_query.h), by the program tests/apps/regions: pending in what the server sends, loaded right after hydration.
// The answers are the test's own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live } from './lib/live.mjs';
import { launch, start } from './lib/showcase.mjs';

let browser, server;
before(async () => { [browser, server] = await Promise.all([launch(), start('regions', ['--port', '0'])]); });
after(async () => { await browser?.close(); await server?.end(); });

/** A window; words are answered by `answers`, and what is not there is held. */
async function open(path, answers = {}, before = () => {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(before);
  const errors = [];
  const held = {};
  const asked = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'warning') errors.push(message.text()); });
  await page.route('**/words/*.json', async (route) => {
    const number = route.request().url().match(/(\d+)\.json$/)[1];
    asked.push(number);
    if (number in answers) await route.fulfill(answers[number]);
    else held[number] = route;
  });
  const answer = await page.goto(server.url + path);
  await live(page);
  return { page, errors, held, asked, answers, text: await answer.text(), close: () => context.close() };
}
const say = (word) => ({ json: { word } });

test('the server sends loading views; hydration is right, then the answers show, each as it comes', async () => {
  const { page, text, held, errors, close } = await open('/browser', { 1: say('one') });
  assert.match(text, /<p class="waiting">waiting<\/p><p class="waiting">waiting<\/p><p class="waiting">waiting<\/p><a/);
  await page.waitForSelector('#word1 >> text=one');
  assert.equal(await page.locator('#kept').innerText(), 'nobody');
  assert.equal(await page.locator('.waiting').count(), 1);
  await page.waitForFunction(() => true);
  await held[2].fulfill(say('two'));
  await page.waitForSelector('#word2 >> text=two');
  assert.equal(await page.locator('.waiting').count(), 0);
  assert.deepEqual(errors, []);
  await close();
});

test('two views of one render see the same value, though it is stale at once', async () => {
  const { page, errors, close } = await open('/browser', { 1: say('one'), 2: say('two') }, () => {
    const now = performance.now.bind(performance);
    let looks = 0;
    performance.now = () => now() + ++looks; // time passes between two looks at the clock
  });
  await page.waitForSelector('#word2 >> text=two');
  for (let i = 0; i < 3; i++) {
    assert.equal(await page.locator('#twice').innerText(), 'one value');
    await page.click('text=More');
    await page.waitForURL('**/browser?more=1');
    await page.goBack();
    await page.waitForURL('**/browser');
  }
  assert.deepEqual(errors, []);
  await close();
});

test('what cannot be loaded shows in its region, and is tried again', async () => {
  const w = await open('/browser', { 1: { status: 500, body: 'no' }, 2: { json: { wrong: 1 } } });
  await w.page.waitForSelector('text=the answer was 500');
  assert.equal(await w.page.locator('.failed').count(), 2);
  w.answers[1] = say('mended');
  await w.page.click('.failed >> nth=0 >> text=Try again');
  await w.page.waitForSelector('#word1 >> text=mended');
  assert.equal(w.page.url(), `${server.url}/browser`);
  await w.close();
});

test('what nobody uses any more is cancelled; a value is kept for a while', async () => {
  const w = await open('/browser', { 1: say('one') });
  await w.page.waitForSelector('#word1 >> text=one');
  const cancelled = w.page.waitForEvent('requestfailed');
  await w.page.click('nav >> text=Plain');
  assert.match((await cancelled).url(), /words\/2\.json/);
  await w.page.goBack();
  await w.page.waitForSelector('#word1 >> text=one');
  assert.deepEqual(w.asked, ['1', '2', '2']);
  await w.close();
});

test('a program whose client queries ask the server for nothing is live', async () => {
  const alone = await start('window', ['--port', '0']);
  const page = await browser.newPage({ viewport: { width: 777, height: 600 } });
  await page.goto(alone.url);
  await live(page);
  await page.waitForSelector('#width >> text=777 pixels');
  await page.close();
  await alone.end();
});
