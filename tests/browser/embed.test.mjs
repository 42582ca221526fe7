// examples/embed: a program with a main loop of its own, and Dew beside it.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, start } from './lib/showcase.mjs';

let browser, folder;
before(async () => { [browser, folder] = await Promise.all([launch(), mkdtemp(join(tmpdir(), 'dew-embed-'))]); });
after(async () => { await browser?.close(); await rm(folder, { recursive: true, force: true }); });

/** Opens the station; resolves once its reading has changed twice without a load. */
async function watch(url) {
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(url);
  await page.evaluate(() => { window.same = true; });
  for (let i = 0; i < 2; i++) {
    const shown = await page.textContent('main p');
    await page.waitForFunction((before) => document.querySelector('main p').textContent !== before, shown);
  }
  assert.equal(await page.evaluate(() => window.same), true);
  assert.deepEqual(errors, []);
  return page;
}

test('without --data: live, healthy, and no file anywhere', async () => {
  const program = await start('embed', ['--port', '0'], { cwd: folder });
  const health = await fetch(`${program.url}/health`);
  assert.equal(health.status, 200);
  assert.deepEqual(await health.json(), { status: 'ok' });
  const html = await (await fetch(program.url)).text();
  assert.match(html, /<output id="celsius">\d+\.\d °C<\/output>/);
  assert.doesNotMatch(html, /Logbook/);
  const page = await watch(program.url);
  assert.deepEqual(await readdir(folder), []);
  await page.close();
  assert.deepEqual(await program.end('SIGTERM'), { code: 0, signal: null });
  assert.deepEqual(await readdir(folder), []);
});

test('with --data: the logbook fills while it is looked at, and is there after a restart', async () => {
  const data = join(folder, 'data');
  const program = await start('embed', ['--port', '0', '--data', data], { cwd: folder });
  const page = await watch(program.url);
  await page.waitForFunction(() => document.querySelectorAll('main li').length >= 3);
  const last = (await page.textContent('main li:first-child')).match(/^No\. (\d+): /)[1];
  assert.deepEqual(await program.end('SIGINT'), { code: 0, signal: null });
  const again = await start('embed', ['--port', '0', '--data', data], { cwd: folder });
  assert.match(await (await fetch(again.url)).text(), new RegExp(`<li>No\\. ${last}: `));
  await page.close();
  assert.deepEqual(await again.end('SIGTERM'), { code: 0, signal: null });
});

test('the page tells the daemon to pause and to go on', async () => {
  const program = await start('embed', ['--port', '0'], { cwd: folder });
  const [one, two] = [await watch(program.url), await watch(program.url)];
  await one.click('#pause');
  await two.waitForSelector('#pause >> text=Go on');
  await two.click('#pause');
  await one.waitForSelector('#pause >> text=Pause');
  const shown = await one.textContent('main p');
  await one.waitForFunction((before) => document.querySelector('main p').textContent !== before, shown);
  await Promise.all([one.close(), two.close()]);
  assert.deepEqual(await program.end('SIGTERM'), { code: 0, signal: null });
});

test('arguments that are wrong are told, with code 2', async () => {
  for (const wrong of [['--colour', 'red'], ['--port', 'x'], ['--port']]) {
    await assert.rejects(start('embed', wrong, { quiet: true }), /ended with 2/);
  }
});
