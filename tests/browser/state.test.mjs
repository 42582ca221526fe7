// What components keep, effects, refs, fields, events, contexts and markup (state/state_view.c): the server's HTML adopted in Chromium,
// then used with keyboard, mouse and an input method. Time is the test's.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './lib/showcase.mjs';

const here = new URL('./', import.meta.url).pathname;
const STATE = 0, FIELDS = 1, EFFECTS = 2, EVENTS = 3, OTHER = 4, MEMO = 5;

let folder, browser, context, page, server, origin;

/** The page's script: adopts what is there, and renders again when a handler has run. */
const script = `
import { createDom } from '/dom.js';
const which = Number(location.search.slice(1));
const root = document.getElementById('app');
window.said = [];
document.addEventListener('log', (event) => said.push(event.detail));
const dom = createDom(root, (...what) => console.error(...what));
let isScheduled = false;
const observer = new MutationObserver(() => {});
observer.observe(root, { childList: true, subtree: true, attributes: true, characterData: true });
const { instance } = await WebAssembly.instantiate(await (await fetch('/view.wasm')).arrayBuffer(), { dew: {
  ...dom.imports,
  test_handled() {
    if (!isScheduled) queueMicrotask(() => { isScheduled = false; window.render(); });
    isScheduled = true;
  },
} });
dom.attach(instance.exports);
window.dom = dom;
window.render = () => instance.exports.test_render(which, 0);
window.adopted = instance.exports.test_render(which, 2);
window.changes = observer.takeRecords().length;
observer.disconnect();
`;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dew-state-'));
  execFileSync('sh', [join(here, 'lib/build-view.sh'), folder,
    ...['state_view.c', 'main.client.c', 'html_main.c'].map((name) => join(here, 'state', name))], { stdio: ['ignore', 'inherit', 'inherit'] });
  const html = (/** @type {string} */ which) => execFileSync(join(folder, 'html'), [which]).toString();
  server = createServer((request, response) => {
    const [path, which] = request.url.split('?');
    const isScript = /^\/\w+\.js$/.test(path) && path !== '/page.js';
    const [type, body] =
      path === '/' ? ['text/html; charset=utf-8', `<!doctype html><title>state</title><body><div id="app">${html(which)}</div><script type="module" src="/page.js?${which}"></script>`]
      : path === '/page.js' ? ['text/javascript', script]
      : path === '/view.wasm' ? ['application/wasm', readFileSync(join(folder, 'view.wasm'))]
      : isScript ? ['text/javascript', readFileSync(join(here, '../../client', path))]
      : ['text/plain', 'elsewhere'];
    response.writeHead(200, { 'content-type': type });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

let errors;
beforeEach(async () => {
  context = await browser.newContext();
  context.setDefaultTimeout(5000);
  page = await context.newPage();
  errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(errors, []);
});

async function open(which) {
  await page.goto(`${origin}/?${which}`);
  await page.waitForFunction(() => 'changes' in window);
  assert.deepEqual(await page.evaluate(() => [adopted, changes]), [0, 0], 'adopting changes nothing');
}

/** Time stands until the test lets it run. */
async function openWithoutTime(which) {
  await page.clock.install({ time: 0 });
  await open(which);
  await page.clock.pauseAt(3_600_000);
}

const texts = (selector) => page.locator(selector).allTextContents();
const said = () => page.evaluate(() => said.splice(0));
/** A field: its text and where the caret or the selection is. */
const field = (id) => page.evaluate((id) => {
  const e = document.getElementById(id);
  return `${e.value.slice(0, e.selectionStart)}|${e.value.slice(e.selectionStart)}`;
}, id);

for (const which of [STATE, FIELDS, EFFECTS, EVENTS, OTHER, MEMO])
  test(`view ${which}: adopting and rendering again change nothing`, async () => {
    await open(which);
    assert.equal(await page.evaluate(() => {
      const observer = new MutationObserver(() => {});
      observer.observe(document.getElementById('app'), { childList: true, subtree: true, attributes: true, characterData: true });
      render();
      return observer.takeRecords().length;
    }), 0);
  });

// ---- state ----

test('state belongs to its key, and goes with its item', async () => {
  await open(STATE);
  await page.locator('#keyed button').nth(0).click();
  await page.locator('#keyed button').nth(0).click();
  await page.locator('#keyed button').nth(2).click();
  assert.deepEqual(await texts('#keyed button'), ['102', '200', '301']);
  await page.click('#rotate');
  assert.deepEqual(await texts('#keyed button'), ['200', '301', '102']);
  await page.click('#drop');
  await page.click('#rotate');
  assert.deepEqual(await texts('#keyed button'), ['301', '100'], 'what was dropped begins anew');
});

test('two calls of one component keep two states', async () => {
  await open(STATE);
  await page.click('.y');
  await page.click('.y');
  await page.click('.x');
  assert.deepEqual(await texts('#twice button'), ['x 1', 'y 2']);
});

test('text of any length is kept', async () => {
  await open(STATE);
  const long = 'ä😀<&"'.repeat(2000);
  await page.fill('#note', long);
  assert.equal(await page.textContent('#noted'), long);
  await page.fill('#note', '');
  assert.equal(await page.textContent('#noted'), '');
});

test('a memoised value is computed again only when its props differ', async () => {
  await open(STATE);
  assert.equal(await page.textContent('#area'), '16 m2, 1');
  await page.click('#rotate');
  await page.click('#side');
  assert.equal(await page.textContent('#area'), '25 m2, 2');
});

// ---- fields ----

test('a handler that refuses characters leaves the caret where it is, in the middle too', async () => {
  await open(FIELDS);
  await page.focus('#letters');
  await page.keyboard.press('End');
  await page.keyboard.type('c1d2');
  assert.equal(await field('letters'), 'abcd|');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('9');
  assert.equal(await field('letters'), 'ab|cd');
  await page.keyboard.type('X3Y');
  assert.equal(await field('letters'), 'abXY|cd');
  assert.equal(await page.textContent('#letters-now'), 'abXYcd');
  await page.evaluate(() => document.getElementById('letters').setSelectionRange(1, 3));
  await page.keyboard.press('5');
  assert.equal(await field('letters'), 'a|Ycd');
});

test('what is pasted is filtered as a whole; nothing is set when nothing differs', async () => {
  await open(FIELDS);
  const sets = await page.evaluate(() => {
    const e = document.getElementById('letters');
    const { set, get } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
    window.sets = 0;
    Object.defineProperty(e, 'value', { get, set(value) { window.sets++; set.call(this, value); } });
    return 0;
  });
  await page.focus('#letters');
  await page.keyboard.press('Home');
  await page.keyboard.insertText('q');
  assert.deepEqual([await field('letters'), await page.evaluate(() => window.sets), sets], ['q|ab', 0, 0]);
  await page.keyboard.insertText('1w2');
  assert.deepEqual([await field('letters'), await page.evaluate(() => window.sets)], ['qw|ab', 1]);
});

test('an area: its first newline, its caret', async () => {
  await open(FIELDS);
  assert.equal(await page.inputValue('#area'), '\nfirst');
  await page.focus('#area');
  await page.evaluate(() => document.getElementById('area').setSelectionRange(3, 3));
  await page.keyboard.type('1a\n2');
  assert.equal(await field('area'), '\nfia\n|rst');
  await page.fill('#area', '');
  assert.equal(await page.inputValue('#area'), '');
  await page.keyboard.type('7');
  assert.equal(await page.inputValue('#area'), '');
});

test('ticks, radio buttons and choices show what the view says', async () => {
  await open(FIELDS);
  const shown = () => page.evaluate(() => [
    document.getElementById('tick').checked,
    [...document.querySelectorAll('.radio')].map((e) => e.checked).join(),
    document.getElementById('choice').value,
    document.getElementById('other').value,
  ]);
  assert.deepEqual(await shown(), [false, 'true,false', 'b', 'b']);
  await page.click('#tick');
  await page.locator('.radio').nth(1).click();
  await page.selectOption('#choice', 'c');
  assert.deepEqual(await shown(), [true, 'false,true', 'c', 'b']);
  await page.click('#fix');
  await page.click('#tick');
  await page.locator('.radio').nth(0).click();
  await page.selectOption('#choice', 'a');
  assert.deepEqual(await shown(), [true, 'false,true', 'c', 'b'], 'refused');
});

test('a field without a handler of its own is its visitor’s, until the view says another value', async () => {
  await open(FIELDS);
  await page.fill('#free', 'mine');
  await page.fill('#free-area', 'mine too');
  await page.click('#fix');
  assert.deepEqual([await page.inputValue('#free'), await page.inputValue('#free-area')], ['mine', 'mine too']);
  await page.click('#say');
  assert.deepEqual([await page.inputValue('#free'), await page.inputValue('#free-area')], ['x', 'x']);
});

test('while an input method composes its field is left alone; afterwards what the view says holds', async () => {
  await open(FIELDS);
  const cdp = await context.newCDPSession(page);
  const compose = (text) => cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  await page.focus('#letters');
  await page.keyboard.press('Home');
  await compose('に');
  await compose('に1');
  assert.equal(await field('letters'), 'に1|ab', 'the digit is part of what is composed');
  assert.equal(await page.textContent('#letters-now'), 'にab');
  await cdp.send('Input.insertText', { text: '日2本' });
  await page.waitForFunction(() => document.getElementById('letters').value === '日本ab');
  assert.equal(await field('letters'), '日本|ab');
  assert.equal(await page.textContent('#letters-now'), '日本ab');
});

test('a value that comes while an input method composes in another field is shown at once', async () => {
  await open(FIELDS);
  const cdp = await context.newCDPSession(page);
  await page.focus('#letters');
  await page.keyboard.press('End');
  await cdp.send('Input.imeSetComposition', { text: 'か', selectionStart: 1, selectionEnd: 1 });
  await page.evaluate(() => document.getElementById('say').dispatchEvent(new MouseEvent('click', { bubbles: true })));
  assert.equal(await page.inputValue('#free'), 'x');
  assert.equal(await field('letters'), 'abか|');
});

// ---- effects and refs ----

test('an effect is done after the first render, and again when its props differ; undone before and at the end', async () => {
  await open(EFFECTS);
  assert.deepEqual(await said(), ['run 1']);
  await page.click('#other');
  assert.deepEqual(await said(), []);
  await page.click('#next');
  assert.deepEqual(await said(), ['undo 1', 'run 2']);
});

test('timers run while their place is there', async () => {
  await openWithoutTime(EFFECTS);
  await page.click('#show');
  const ticks = () => page.textContent('#ticks');
  assert.equal(await ticks(), '0');
  await page.clock.runFor(2000);
  assert.equal(await ticks(), '2');
  await page.clock.runFor(1500);
  assert.equal(await ticks(), '4', 'three seconds, and what comes once after two and a half');
  await page.click('#show');
  await page.clock.runFor(10_000);
  await page.click('#show');
  assert.equal(await ticks(), '4', 'nothing ran without its place');
  await page.clock.runFor(1000);
  assert.equal(await ticks(), '5');
});

test('effects are undone when the page is left, and done again when it comes back as it was', async () => {
  await open(EFFECTS);
  await said();
  const left = await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    const left = said.splice(0);
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    return [left, said.splice(0)];
  });
  assert.deepEqual(left, [['undo 1'], ['run 1']]);
  await page.evaluate(() => addEventListener('pagehide', () => { sessionStorage.said = said; }));
  await page.goto(`${origin}/elsewhere`);
  assert.equal(await page.evaluate(() => sessionStorage.said), 'undo 1', 'left for good');
});

test('a program that is over has no timers and hears nothing', async () => {
  await openWithoutTime(EFFECTS);
  await page.click('#show');
  await page.evaluate(() => dom.detach());
  await page.clock.runFor(5000);
  await page.evaluate(() => document.getElementById('chart').dispatchEvent(new CustomEvent('chart:picked', { detail: { index: 1 } })));
  assert.equal(await page.textContent('#ticks'), '0');
  assert.deepEqual(await said(), ['run 1']);
});

test('scripts of the page are told, and heard', async () => {
  await page.addInitScript(() => {
    window.drawn = [];
    document.addEventListener('chart:draw', (event) => drawn.push([event.target.id, event.detail]));
  });
  await open(EFFECTS);
  assert.deepEqual(await page.evaluate(() => drawn), [['chart', { width: 300, title: '</script>"ä' }]]);
  await said();
  const pick = (detail) => page.evaluate((detail) => {
    document.getElementById('chart').dispatchEvent(new CustomEvent('chart:picked', { detail, bubbles: true }));
  }, detail);
  await pick({ index: 7 });
  await pick({ index: 'seven' });
  assert.deepEqual(await said(), ['picked 7', 'picked -1']);
});

test('what a handler was called with stays while an event that it causes is handled', async () => {
  await open(EFFECTS);
  await said();
  await page.evaluate(() => {
    const type = (/** @type {string} */ id, /** @type {string} */ text) => {
      const field = document.getElementById(id);
      field.value = text;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    document.addEventListener('typed', () => type('echo-too', 'within '.repeat(100)), { once: true });
    type('echo', 'without');
  });
  assert.deepEqual(await said(), ['within '.repeat(100), 'without']);
});

test('focus asked for in a handler goes to what the next render shows', async () => {
  await open(EFFECTS);
  await page.click('#show');
  assert.deepEqual(await page.evaluate(() => [document.activeElement.id, String(getSelection())]), ['field', 'some text']);
});

test('an element is measured by its handle; one that is not there is nowhere', async () => {
  await open(EFFECTS);
  await said();
  await page.click('#measure');
  assert.deepEqual(await said(), ['width 120', 'height 40', 'none 0']);
  await page.click('#show');
  await page.click('#show');
  await page.click('#measure');
  assert.deepEqual(await said(), ['width 120', 'height 40', 'none 0'], 'its number may be another node’s by now');
});

// ---- events ----

const heard = async () => (await page.textContent('#heard')).split(';').filter(Boolean);

test('mouse, pointer and key events, with their keys and where they were', async () => {
  await open(EVENTS);
  await page.mouse.move(110, 220);
  await page.keyboard.down('Shift');
  await page.mouse.down();
  await page.mouse.up();
  await page.keyboard.up('Shift');
  assert.deepEqual(await heard(), ['pointerdown+shift 110,220', 'pointerup+shift 110,220', 'click+shift 110,220', 'keyup 0,0']);
});

test('double clicks, and the context menu with its modifiers', async () => {
  await open(EVENTS);
  await page.dblclick('#target', { position: { x: 5, y: 6 } });
  await page.click('#target', { button: 'right', modifiers: ['Control', 'Alt'], position: { x: 5, y: 6 } });
  const all = await heard();
  assert.ok(all.includes('dblclick 105,206'), all.join());
  assert.ok(all.includes('contextmenu+ctrl+alt 105,206'), all.join());
});

test('what only the element itself hears does not go up', async () => {
  await open(EVENTS);
  await page.evaluate(() => document.getElementById('scroller').scrollTo(0, 30));
  await page.waitForFunction(() => document.getElementById('heard').textContent);
  await page.click('summary');
  await page.waitForFunction(() => document.getElementById('heard').textContent.includes('toggle'));
  assert.deepEqual(await heard(), ['scroll 0,30', 'toggle+on 0,0']);
});

test('composition is heard, and its input says that it composes', async () => {
  await open(EVENTS);
  const cdp = await context.newCDPSession(page);
  await page.focus('#composed');
  await cdp.send('Input.imeSetComposition', { text: 'か', selectionStart: 1, selectionEnd: 1 });
  await cdp.send('Input.insertText', { text: '火' });
  assert.deepEqual((await heard()).map((what) => what.split(' ')[0]), ['start', 'input+composing', 'input+composing', 'end']);
});

test('a dialog is shown, and closed by its button and by Escape', async () => {
  await open(EVENTS);
  const isOpen = () => page.evaluate(() => document.getElementById('dialog').open);
  await page.click('#open');
  assert.equal(await isOpen(), true);
  await page.click('#close');
  assert.equal(await isOpen(), false);
  await page.click('#open');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.getElementById('heard').textContent.split('close').length === 3);
  assert.equal(await isOpen(), false);
});

// ---- contexts and markup ----

test('a context is the nearest around', async () => {
  await open(OTHER);
  const shown = async () => [await texts('#outside'), await texts('#outer'), await texts('#inner'), await texts('#after')].flat();
  assert.deepEqual(await shown(), ['-1', '1', '10', '1']);
  await page.click('#size');
  assert.deepEqual(await shown(), ['-1', '2', '20', '2']);
});

test('markup as the server parsed it stays, and is put anew when it differs', async () => {
  await open(OTHER);
  const kept = await page.evaluateHandle(() => document.querySelector('#markup b'));
  await page.evaluate(() => render());
  assert.equal(await page.evaluate((b) => b.isConnected, kept), true);
  const shown = () => page.evaluate(() => document.getElementById('markup').innerHTML);
  assert.equal(await shown(), '<b>bold</b>');
  await page.click('#size');
  assert.equal(await shown(), '');
  await page.click('#size');
  assert.equal(await shown(), 'plain <svg viewBox="0 0 1 1"><path d="M0 0"></path></svg>');
  assert.equal(await page.evaluate(() => document.querySelector('#markup path').namespaceURI), 'http://www.w3.org/2000/svg');
  assert.equal(await page.textContent('#mixed'), 'no markup');
  await page.click('#size');
  assert.equal(await shown(), '<b>bold</b> &amp; <i>it</i>');
});

// ---- inside memoised components ----

const rendered = () => page.textContent('#rendered');

test('a memoised component is rendered when its own state changes, and no other is', async () => {
  await open(MEMO);
  await page.click('#other');
  assert.equal(await rendered(), '0');
  await page.locator('li button').nth(1).click();
  assert.deepEqual(await texts('li button'), ['card 1: 0', 'card 2: 1', 'card 3: 0']);
  assert.equal(await rendered(), '1');
  assert.deepEqual(await texts('.markup > *'), ['even', 'odd', 'even']);
  await page.click('#other');
  assert.equal(await rendered(), '0');
});

test('a memoised component is rendered when a context that it read changes', async () => {
  await open(MEMO);
  await page.click('#other');
  await page.click('#size');
  assert.deepEqual(await texts('[id^=leaf]'), ['2', '2', '2']);
  assert.equal(await rendered(), '3');
  await page.click('#other');
  assert.equal(await rendered(), '0');
});

test('a handle inside a memoised component is found, by handlers and by effects; so are its fields', async () => {
  await page.addInitScript(() => {
    window.ran = [];
    document.addEventListener('card:run', (event) => ran.push(`${event.target.id} ${event.detail.id}`));
  });
  await open(MEMO);
  assert.deepEqual(await page.evaluate(() => ran), ['card-1 1', 'card-2 2', 'card-3 3']);
  await page.click('#other');
  await page.locator('li button').nth(2).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'card-3');
  await page.keyboard.press('Home');
  await page.keyboard.type('x1y');
  assert.equal(await field('card-3'), 'xy|a');
  assert.equal(await rendered(), '1');
});

test('what has focus in a component keeps it, and its selection, while the list moves', async () => {
  await open(MEMO);
  await page.focus('#card-2');
  await page.keyboard.type('bc');
  await page.evaluate(() => document.getElementById('card-2').setSelectionRange(1, 2));
  await page.evaluate(() => document.getElementById('rotate').dispatchEvent(new MouseEvent('click', { bubbles: true })));
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('li input')].map((e) => e.id)), ['card-2', 'card-3', 'card-1']);
  assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.activeElement.selectionStart, document.activeElement.selectionEnd]), ['card-2', 1, 2]);
  await page.keyboard.type('9Z');
  assert.equal(await page.inputValue('#card-2').then((value) => value.includes('9')), false);
});

test('an input method composes on while the list moves, whichever item it composes in', async () => {
  await open(MEMO);
  const cdp = await context.newCDPSession(page);
  await page.evaluate(() => {
    window.ended = 0;
    addEventListener('compositionend', () => { window.ended++; });
  });
  for (const id of ['card-1', 'card-2', 'card-3']) {
    await page.focus(`#${id}`);
    await page.keyboard.press('End');
    await cdp.send('Input.imeSetComposition', { text: 'か', selectionStart: 1, selectionEnd: 1 });
    for (let i = 0; i < 3; i++) { // each stands at the front, in the middle and at the end
      await page.evaluate(() => document.getElementById('rotate').dispatchEvent(new MouseEvent('click', { bubbles: true })));
      assert.deepEqual([await page.evaluate(() => [document.activeElement.id, ended]), await field(id)], [[id, 0], 'aか|'], `${id}, ${i}`);
    }
    await cdp.send('Input.insertText', { text: '火' });
    assert.equal(await field(id), 'a火|');
    await page.evaluate(() => { ended = 0; });
  }
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('li input')].map((e) => e.id)), ['card-1', 'card-2', 'card-3']);
});

test('MathML that the browser makes is MathML, and follows', async () => {
  await open(OTHER);
  await page.click('#size');
  const made = () => page.evaluate(() => [document.getElementById('fraction'), ...document.querySelectorAll('#fraction *')].map((e) => `${e.namespaceURI} ${e.localName}`));
  const name = 'http://www.w3.org/1998/Math/MathML';
  assert.deepEqual(await made(), [`${name} math`, `${name} mfrac`, `${name} mn`, `${name} mi`]);
  assert.equal(await page.evaluate(() => document.getElementById('fraction').nextElementSibling.namespaceURI), 'http://www.w3.org/1999/xhtml');
  await page.evaluate(() => { window.fraction = document.querySelector('#fraction mn'); });
  await page.click('#size');
  assert.deepEqual(await page.evaluate(() => [document.querySelector('#fraction mn') === fraction, fraction.textContent]), [true, '3']);
});
