// The page /widgets, by keyboard alone: what lives in one window, over the server's HTML.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, startShowcase } from './lib/showcase.mjs';

let browser, showcase, context, page, errors;
before(async () => {
  [browser, showcase] = await Promise.all([launch(), startShowcase()]);
});
after(async () => {
  await browser?.close();
  await showcase?.stop();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()));
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(errors, []);
});

async function open() {
  await page.goto(`${showcase.url}/widgets`);
  await page.waitForFunction(() => document.documentElement.dew === 'live');
}
const active = () => page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute('aria-label'));
const shown = (selector) => page.textContent(selector);
/** After a render that took long, as on a busy machine, the browser gets a turn before the next. */
const settled = () => page.evaluate(() => new Promise((done) => setTimeout(done)));
const press = (key) => page.keyboard.press(key).then(settled);
const type = (text) => page.keyboard.type(text).then(settled);

test('a counter counts, what is folded unfolds', async () => {
  await open();
  await page.focus('#count');
  await press('Enter');
  await press('Space');
  assert.equal(await shown('#count'), 'Pressed 2 times');
  await press('Tab');
  assert.equal(await page.isVisible('#details'), false);
  await press('Enter');
  assert.equal(await page.isVisible('#details'), true);
  assert.equal(await page.getAttribute('#more', 'aria-expanded'), 'true');
});

test('a drawing follows a number: the sun goes by arrows, and says where it is', async () => {
  await open();
  const seen = () => page.evaluate(() => {
    const drawing = document.querySelector('svg.day'), one = document.querySelector('#sun');
    return [one.getAttribute('cx'), one.getAttribute('cy'), drawing.namespaceURI, one.namespaceURI, document.querySelector('#light').textContent].join();
  });
  const svg = 'http://www.w3.org/2000/svg';
  assert.equal(await seen(), `52.1,42.5,${svg},${svg},9:00, 71 % of the light of noon.`);
  assert.equal(await page.getByRole('img', { name: 'The sun at 9:00' }).count(), 1);
  await page.evaluate(() => { window.sun = document.querySelector('#sun'); });
  await page.focus('#hour');
  await press('ArrowRight');
  assert.equal(await seen(), `72,31.4,${svg},${svg},10:00, 87 % of the light of noon.`);
  await press('End');
  assert.equal(await seen(), `216,92,${svg},${svg},18:00, 0 % of the light of noon.`);
  await press('ArrowRight');
  await press('Home');
  assert.equal(await page.getByRole('img', { name: 'The sun at 6:00' }).count(), 1);
  assert.equal(await page.evaluate(() => window.sun.isConnected), true);
  assert.equal(await active(), 'hour');
});

test('tabs: one is on the way of the Tab key, arrows go round, Home and End to the ends', async () => {
  await open();
  await page.focus('#tab-0');
  const pressed = async (key) => {
    await press(key);
    return [await active(), await page.getAttribute('#panel', 'aria-labelledby')].join();
  };
  assert.equal(await pressed('ArrowRight'), 'tab-1,tab-1');
  assert.equal(await pressed('End'), 'tab-2,tab-2');
  assert.equal(await pressed('ArrowRight'), 'tab-0,tab-0');
  assert.equal(await pressed('ArrowLeft'), 'tab-2,tab-2');
  assert.equal(await pressed('Home'), 'tab-0,tab-0');
  assert.equal(await pressed('Tab'), 'panel,tab-0');
  assert.deepEqual(await page.locator('[role=tab]').evaluateAll((tabs) => tabs.map((tab) => tab.tabIndex)), [0, -1, -1]);
});

test('a filter takes letters and digits, in the middle too', async () => {
  await open();
  await page.focus('#code');
  await page.evaluate(() => document.getElementById('code').setSelectionRange(2, 2));
  await type('x-y !');
  assert.deepEqual(await page.evaluate(() => {
    const { value, selectionStart } = document.getElementById('code');
    return [value, selectionStart];
  }), ['ABXY12', 4]);
  await press('End');
  await type('3456789');
  assert.equal(await page.inputValue('#code'), 'ABXY12345678');
  assert.equal(await shown('#code-note'), 'Letters and digits, 12 of 12.');
});

test('a name composed by an input method is greeted', async () => {
  await open();
  const cdp = await context.newCDPSession(page);
  await page.focus('#name');
  await cdp.send('Input.imeSetComposition', { text: 'さ', selectionStart: 1, selectionEnd: 1 });
  await cdp.send('Input.imeSetComposition', { text: 'さく', selectionStart: 2, selectionEnd: 2 });
  await settled();
  assert.equal(await shown('#greeting'), 'Hello, さく.');
  await cdp.send('Input.insertText', { text: '桜' });
  await settled();
  assert.equal(await page.inputValue('#name'), '桜');
  assert.equal(await shown('#greeting'), 'Hello, 桜.');
});

test('a clock runs while it is there', async () => {
  await page.clock.install({ time: 0 });
  await open();
  await page.clock.pauseAt(3_600_000);
  const press = (key) => page.keyboard.press(key).then(() => page.clock.runFor(1));
  await page.focus('#run');
  await press('Enter');
  await page.clock.runFor(2000);
  assert.equal(await shown('#clock'), '0:02');
  await press('Enter');
  assert.equal(await page.locator('#clock').count(), 0);
  await page.clock.runFor(1000);
  await press('Enter');
  assert.equal(await shown('#clock'), '0:00', 'another clock');
});

test('in a list that moves, focus, caret, what was typed and what was counted stay with their item', async () => {
  await open();
  const names = () => page.locator('.plant .title').allTextContents();
  await page.getByLabel('Note on Kale').focus();
  await type('hi there');
  await press('ArrowLeft');
  await press('Tab');
  await press('Enter');
  await press('Shift+Tab');
  assert.deepEqual(await names(), ['Peas', 'Kale', 'Basil', 'Leek']);
  await press('Alt+ArrowDown');
  await press('Alt+ArrowDown');
  assert.deepEqual(await names(), ['Peas', 'Basil', 'Leek', 'Kale']);
  await press('Alt+ArrowDown');
  assert.deepEqual([await active(), await names()], ['Note on Kale', ['Peas', 'Basil', 'Leek', 'Kale']]);
  await page.evaluate(() => document.activeElement.setSelectionRange(3, 5));
  await page.evaluate(() => document.getElementById('shuffle').click());
  await settled();
  assert.notDeepEqual(await names(), ['Peas', 'Basil', 'Leek', 'Kale']);
  assert.deepEqual(await page.evaluate(() => {
    const { activeElement: e } = document;
    return [e.value, e.selectionStart, e.selectionEnd, e.parentNode.querySelector('.title').textContent, e.nextSibling.textContent];
  }), ['hi there', 3, 5, 'Kale', 'Water (1)']);
});

test('a dialog tells what was measured, keeps the focus, and gives it back', async () => {
  await open();
  await page.focus('#measure');
  await press('Enter');
  assert.equal(await page.evaluate(() => document.getElementById('measured').matches(':modal')), true);
  const [, width] = (await shown('#measured p')).match(/^(\d+) by \d+ pixels/);
  assert.ok(Number(width) > 100, width);
  await press('Escape');
  assert.deepEqual([await page.isVisible('#measured'), await active()], [false, 'measure']);
});

test('what is kept goes with the page, and begins anew', async () => {
  await open();
  await page.focus('#count');
  await press('Enter');
  await page.click('nav a:text("Counter")');
  await page.waitForURL('**/counter');
  await page.click('nav a:text("Widgets")');
  await page.waitForSelector('#count');
  assert.equal(await shown('#count'), 'Pressed 0 times');
});
