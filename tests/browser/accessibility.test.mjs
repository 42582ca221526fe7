// What assistive technology meets: axe-core finds nothing wrong in any page of the examples, in light and dark, wide and
// narrow, as the server sends it and alive.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pagesOf } from './lib/pages.mjs';
import { launch, start, startShowcase } from './lib/showcase.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const LOOKS = ['light', 'dark'].flatMap((colorScheme) => [[1280, 800], [320, 640]].map(([width, height]) => ({ colorScheme, viewport: { width, height } })));
const OPPOSITE = [LOOKS[0], LOOKS[3]];

let browser, showcase, folder, page;
const programs = [];
before(async () => {
  [browser, showcase, folder] = await Promise.all([launch(), startShowcase(), mkdtemp(join(tmpdir(), 'dew-axe-'))]);
  page = await browser.newPage();
  await page.addInitScript(stay);
});
after(async () => {
  await browser?.close();
  await showcase?.stop();
  for (const program of programs) await program.end();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** What axe finds in the page as it stands: a line for each rule and element. */
async function violations() {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axe });
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
}

/** Runs in each page, before its scripts: what goes away by itself after seconds stays, so that it is there to be checked. */
function stay() {
  const set = window.setTimeout;
  window.setTimeout = (run, ms, ...rest) => (ms >= 5_000 ? 0 : set(run, ms, ...rest));
}

/** Opens a page. All are opened in one window, each once, and looked at there in each look: both cost more than a look. */
async function open(url) {
  await page.goto(url);
  await page.waitForFunction(() => document.documentElement.dew === 'live');
}

/** Gives the page a look. */
async function take({ colorScheme, viewport }) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(viewport);
  await page.waitForFunction(([scheme, width]) => matchMedia(`(prefers-color-scheme: ${scheme})`).matches && innerWidth === width, [colorScheme, viewport.width]);
}

/** Has the page checked in each of the looks. */
async function lookAt(looks, about) {
  for (const look of looks) {
    await take(look);
    assert.deepEqual(await violations(), [], `${about} in ${look.colorScheme}, ${look.viewport.width} wide`);
  }
}

/** Opens a page, has it checked, then once more after `act`. */
async function check(url, act) {
  await open(url);
  await lookAt(OPPOSITE, url);
  if (!act) return;
  await act();
  await lookAt(OPPOSITE, `${url}, used,`);
}

test('the check finds what is wrong, also what is so in one look alone', async () => {
  await open(showcase.url);
  await page.evaluate(() => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: '@media (prefers-color-scheme: dark) { #faint { color: #777; background: #888 } }' }));
    document.querySelector('main').append(document.createElement('img'), document.createElement('input'), Object.assign(document.createElement('p'), { id: 'faint', textContent: 'faint' }));
  });
  const rules = async (look) => {
    await take(look);
    return (await violations()).map((line) => line.split(':', 1)[0]).sort();
  };
  assert.deepEqual(await rules(LOOKS[3]), ['color-contrast', 'image-alt', 'label']);
  assert.deepEqual(await rules(LOOKS[0]), ['image-alt', 'label']);
});

test('every page of the showcase, as it lists them, in each look', async () => {
  for (const address of await pagesOf(page, showcase.url)) {
    await open(address);
    await lookAt(LOOKS, address);
  }
});

test('the counter', () => check(`${showcase.url}/counter`, () => page.click('#increment')));

test('the board, with and without tasks, and with what is refused', async () => {
  await check(`${showcase.url}/board/b1`, () => page.click('li[data-id] .move'));
  await check(`${showcase.url}/board/empty`, async () => {
    await page.evaluate(() => { document.querySelector('#title').required = false; });
    await page.click('.add button');
    await page.waitForFunction(() => document.querySelector('#title').validationMessage || document.querySelector('#dew-notices'));
  });
});

test('the table', () => check(`${showcase.url}/table?rows=50`));

test('a profile, and one that comes too late', () => check(`${showcase.url}/users/1`, async () => {
  await page.click('.choices a[href$="2000"]');
  await page.waitForFunction(() => document.querySelector('h1').textContent !== 'Ada Lovelace');
}));

test('every outcome, and a refusal', async () => {
  await check(`${showcase.url}/slow`, async () => {
    await page.click('#act button >> nth=1');
    await page.waitForSelector('.dew-notice');
  });
  await check(`${showcase.url}/slow?end=denied`);
  await check(`${showcase.url}/slow?came=303`);
});

test('ideas by night and by day, and with what a link asked for', async () => {
  await check(`${showcase.url}/ideas/3`, () => page.click('#shade-night'));
  await check(`${showcase.url}/ideas`, async () => {
    await page.click('#shade-day');
    await page.click('.way >> nth=5');
    await page.waitForSelector('article');
    await page.waitForSelector('.asked');
  });
  await page.context().clearCookies();
});

test('stations: one has not answered, then it has', () => check(`${showcase.url}/stream`, async () => {
  await page.click('#keeper');
  await page.waitForSelector('text=Let him sleep');
  await page.click('text=Ask again');
  await page.waitForSelector('text=11 °C');
}));

test('widgets, with a clock and an open dialog', () => check(`${showcase.url}/widgets`, async () => {
  await page.click('#run');
  await page.click('#measure');
  await page.waitForSelector('dialog[open]');
}));

test('where there is no page', async () => {
  assert.equal((await fetch(`${showcase.url}/nothing/here`)).status, 404);
  await check(`${showcase.url}/nothing/here`);
});

test('after a link was followed without loading', () => check(`${showcase.url}/`, async () => {
  await page.click('nav a:text("Board")');
  await page.waitForSelector('li[data-id]');
}));

test('the guestbook and the station', async () => {
  programs.push(await start('minimal', ['--port', '0', '--data', join(folder, 'guestbook')], { cwd: folder }));
  await check(programs[0].url, async () => {
    await page.fill('[name=name]', 'Ada');
    await page.click('form button');
    await page.waitForSelector('main li');
  });
  programs.push(await start('embed', ['--port', '0', '--data', join(folder, 'station')], { cwd: folder }));
  await check(programs[1].url);
});
