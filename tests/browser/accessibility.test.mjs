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
const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 320, height: 640 } },
];

let browser, showcase, folder;
const programs = [];
before(async () => {
  [browser, showcase, folder] = await Promise.all([launch(), startShowcase(), mkdtemp(join(tmpdir(), 'dew-axe-'))]);
});
after(async () => {
  await browser?.close();
  await showcase?.stop();
  for (const program of programs) await program.end();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** What axe finds in the page as it stands: a line for each rule and element. */
async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: axe });
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
}

/** Opens a page in each look, has it checked, then once more after `act`. */
async function check(url, act = async () => {}) {
  for (const look of LOOKS) {
    const context = await browser.newContext(look);
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction(() => document.documentElement.dew === 'live');
    assert.deepEqual(await violations(page), [], `${url} in ${look.colorScheme}`);
    await act(page);
    assert.deepEqual(await violations(page), [], `${url} in ${look.colorScheme}, used`);
    await context.close();
  }
}

test('the check finds what is wrong', async () => {
  const page = await browser.newPage();
  await page.goto(showcase.url);
  await page.evaluate(() => document.querySelector('main').append(document.createElement('img'), document.createElement('input')));
  const found = (await violations(page)).map((line) => line.split(':', 1)[0]);
  assert.deepEqual(found.sort(), ['image-alt', 'label']);
  await page.close();
});

test('every page of the showcase, as it lists them, in each look', async () => {
  const page = await browser.newPage();
  const addresses = await pagesOf(page, showcase.url);
  await page.close();
  for (const colorScheme of ['light', 'dark']) {
    for (const viewport of [{ width: 1280, height: 800 }, { width: 320, height: 640 }]) {
      const context = await browser.newContext({ colorScheme, viewport });
      const seen = await context.newPage();
      for (const address of addresses) {
        await seen.goto(address);
        await seen.waitForFunction(() => document.documentElement.dew === 'live');
        assert.deepEqual(await violations(seen), [], `${address} in ${colorScheme}, ${viewport.width} wide`);
      }
      await context.close();
    }
  }
});

test('the counter', () => check(`${showcase.url}/counter`, (page) => page.click('#increment')));

test('the board, with and without tasks, and with what is refused', async () => {
  await check(`${showcase.url}/board/b1`, (page) => page.click('li[data-id] .move'));
  await check(`${showcase.url}/board/empty`, async (page) => {
    await page.evaluate(() => { document.querySelector('#title').required = false; });
    await page.click('.add button');
    await page.waitForFunction(() => document.querySelector('#title').validationMessage || document.querySelector('#dew-notices'));
  });
});

test('the table', () => check(`${showcase.url}/table?rows=50`));

test('a profile, and one that comes too late', () => check(`${showcase.url}/users/1`, async (page) => {
  await page.click('.choices a[href$="2000"]');
  await page.waitForFunction(() => document.querySelector('h1').textContent !== 'Ada Lovelace');
}));

test('every outcome, and a refusal', async () => {
  await check(`${showcase.url}/slow`, async (page) => {
    await page.click('#act button >> nth=1');
    await page.waitForSelector('.dew-notice');
  });
  await check(`${showcase.url}/slow?end=denied`);
  await check(`${showcase.url}/slow?came=303`);
});

test('where there is no page', async () => {
  assert.equal((await fetch(`${showcase.url}/nothing/here`)).status, 404);
  await check(`${showcase.url}/nothing/here`);
});

test('after a link was followed without loading', () => check(`${showcase.url}/`, async (page) => {
  await page.click('nav a:text("Board")');
  await page.waitForSelector('li[data-id]');
}));

test('the guestbook and the station', async () => {
  programs.push(await start('minimal', ['--port', '0', '--data', join(folder, 'guestbook')], { cwd: folder }));
  await check(programs[0].url, async (page) => {
    await page.fill('[name=name]', 'Ada');
    await page.click('form button');
    await page.waitForSelector('main li');
  });
  programs.push(await start('embed', ['--port', '0', '--data', join(folder, 'station')], { cwd: folder }));
  await check(programs[1].url);
});
