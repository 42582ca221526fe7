// The keyboard alone: on every page of the showcase Tab reaches every control, in the order in which they stand, shows where it
// is, and leads out again; each control is worked by the keys that its kind has. Then what the pages are for is done so.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live } from './lib/live.mjs';
import { pagesOf } from './lib/pages.mjs';
import { launch, startShowcase } from './lib/showcase.mjs';

let browser, showcase, page;
before(async () => {
  [browser, showcase] = await Promise.all([launch(), startShowcase()]);
  page = await browser.newPage();
});
after(async () => {
  await browser?.close();
  await showcase?.stop();
});

/** Marks what is to be reached, and keeps clicks and submits from doing anything: they are counted. */
const prepare = () => page.evaluate(() => {
  const isShown = (element) => element.checkVisibility?.({ checkOpacity: false, checkVisibilityCSS: true }) ?? element.getClientRects().length > 0;
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]')]
    .filter((element) => !element.disabled && element.type !== 'hidden' && isShown(element) && !element.closest('[inert]'))
    // a control that Tab passes by is one of a group that arrows go through; what is no control may be for scripts alone
    .filter((element) => element.tabIndex >= 0 || (element.matches('a, button, input, select, textarea, summary') &&
      !element.closest('[role=tablist], [role=menu], [role=menubar], [role=toolbar], [role=grid], [role=listbox], [role=radiogroup], [role=tree]')));
  // of a group of radio buttons Tab reaches one
  const groups = new Set();
  const controls = all.filter((element) => {
    if (element.type !== 'radio') return true;
    const group = `${element.form?.id}/${element.name}`;
    const isFirst = !groups.has(group);
    groups.add(group);
    return isFirst;
  });
  controls.forEach((element, i) => {
    element.dataset.stop = `${i}`;
  });
  window.heard = [];
  for (const type of ['click', 'submit', 'input', 'change', 'keydown']) {
    addEventListener(type, (event) => {
      window.heard.push(type);
      if (type !== 'click' && type !== 'submit') return;
      const isCheck = event.target instanceof HTMLInputElement && ['checkbox', 'radio'].includes(event.target.type);
      event.stopImmediatePropagation();
      if (!isCheck) event.preventDefault();
    }, true);
  }
  return controls.length;
});

/** What has the focus. */
const focused = () => page.evaluate(() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  const style = getComputedStyle(element);
  const has = (one) => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) > 0;
  return {
    stop: Number(element.dataset.stop ?? -1),
    html: element.cloneNode(false).outerHTML.slice(0, 120),
    name: element.localName,
    type: element.type ?? '',
    isSeen: has(style) || style.boxShadow !== 'none' || has(getComputedStyle(element.parentElement)),
  };
});

const hear = async (key) => {
  await page.evaluate(() => { window.heard.length = 0; });
  await page.keyboard.press(key);
  return page.evaluate(() => window.heard.filter((type) => type !== 'keydown'));
};

/** Works the control that has the focus by its keys. */
async function work({ name, type, html }) {
  if (name === 'a' || name === 'summary') assert.deepEqual(await hear('Enter'), ['click'], `Enter at ${html}`);
  else if (name === 'button' || ['submit', 'button', 'image', 'reset'].includes(type)) {
    assert.deepEqual(await hear('Enter'), ['click'], `Enter at ${html}`);
    assert.deepEqual(await hear('Space'), ['click'], `Space at ${html}`);
  } else if (type === 'checkbox' || type === 'radio') assert.ok((await hear('Space')).includes('click'), `Space at ${html}`);
  else if (name === 'select') await hear('ArrowDown'); // one choice has no other
  else if (type === 'range') assert.ok((await hear('ArrowRight')).includes('input') || (await hear('ArrowLeft')).includes('input'), `arrows at ${html}`);
  else if (['number', 'date', 'time', 'month', 'week', 'datetime-local'].includes(type)) assert.ok((await hear('ArrowUp')).includes('input'), `arrows at ${html}`);
  else if ((name === 'input' || name === 'textarea') && !['color', 'file'].includes(type)) {
    const isFixed = await page.evaluate(() => document.activeElement.readOnly);
    if (!isFixed) assert.ok((await hear('a')).includes('input'), `a letter at ${html}`);
  }
}

/** Goes through the page that is open. */
async function goThrough(address) {
  const count = await prepare();
  const reached = [];
  await page.keyboard.press('Tab');
  for (let at = await focused(); at !== null; at = await focused()) {
    assert.ok(reached.length <= count, `${address}: Tab does not lead out of the page`);
    if (at.stop < 0 || reached.includes(at.stop)) break; // round, or what has come since
    assert.ok(at.isSeen, `${address}: it does not show that ${at.html} has the focus`);
    reached.push(at.stop);
    await work(at);
    await page.evaluate((stop) => document.querySelector(`[data-stop="${stop}"]`)?.focus(), at.stop); // where Tab goes on
    await page.keyboard.press('Tab');
  }
  assert.deepEqual(reached, Array.from({ length: count }, (_, i) => i), `${address}: controls that Tab reaches, in their order`);
}

test('the check finds what is wrong', async () => {
  for (const [change, message] of [
    [() => document.querySelector('main').insertAdjacentHTML('beforeend', '<button tabindex="-1">by mouse alone</button>'), /controls that Tab reaches/],
    [() => document.querySelector('main').insertAdjacentHTML('beforeend', '<a href="/" tabindex="1">first</a>'), /controls that Tab reaches/],
    [() => document.head.insertAdjacentHTML('beforeend', '<style>* { outline: none !important; box-shadow: none !important }</style>'), /does not show/],
    [() => document.querySelector('main').insertAdjacentHTML('beforeend', '<button onkeydown="return false">deaf</button>'), /Enter at <button/],
  ]) {
    await page.goto(`${showcase.url}/counter`);
    await live(page);
    await page.evaluate(change);
    await assert.rejects(goThrough('/counter'), message);
  }
});

test('on every page every control is reached, seen and worked', async () => {
  const addresses = await pagesOf(page, showcase.url);
  assert.ok(addresses.length >= 6);
  for (const address of addresses) {
    await page.goto(address);
    await live(page);
    await goThrough(address);
  }
});

/** Tab until this has the focus. */
async function tabTo(selector) {
  for (let i = 0; i < 200; i++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${selector}`);
}

test('a board is found, filled and worked', async () => {
  await page.goto(showcase.url);
  await live(page);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip'); // the first stop leads past the frame
  await tabTo('nav a[href^="/board/"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('li[data-id]');
  await tabTo('#title');
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => [...document.querySelectorAll('li[data-id]')].some((item) => item.textContent.includes('By keyboard')));
  await page.evaluate(() => [...document.querySelectorAll('li[data-id]')].find((item) => item.textContent.includes('By keyboard'))
    .setAttribute('data-mine', ''));
  await tabTo('[data-mine] button');
  const label = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press('Space');
  await page.waitForFunction((before) => {
    const mine = [...document.querySelectorAll('li[data-id]')].find((item) => item.textContent.includes('By keyboard'));
    return !mine || mine.querySelector('button')?.textContent !== before;
  }, label);
});

test('the counter counts', async () => {
  await page.goto(`${showcase.url}/counter`);
  await live(page);
  const value = () => page.textContent('main');
  const before = await value();
  await tabTo('#increment');
  await page.keyboard.press('Enter');
  await page.waitForFunction((was) => document.querySelector('main').textContent !== was, before);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'increment'); // the focus stays
});
