// A page stays open while the server's database is put back from an older copy: it shows what the copy has, without being
// loaded anew, and what was clicked on the data that is gone is not done to other data.
import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, startShowcase } from './lib/showcase.mjs';

let browser, server;
before(async () => { [browser, server] = await Promise.all([launch(), startShowcase()]); });
after(async () => {
  rmSync(`${server.data}-copy`, { recursive: true, force: true });
  await browser?.close();
  await server?.stop();
});

test('the page shows the copy, and does nothing to it that was meant for the other', async () => {
  const page = await browser.newPage();
  const titles = () => page.$$eval('.title', (all) => all.map((e) => e.textContent));
  const shows = (title, wanted = true) => page.waitForFunction(
    ([text, is]) => [...document.querySelectorAll('.title')].some((e) => e.textContent === text) === is, [title, wanted]);
  const state = (name) => page.waitForFunction((wanted) => document.documentElement.dew === wanted, name);
  await page.goto(`${server.url}/board/copy`);
  await state('live');
  await page.evaluate(() => { window.same = true; });
  await page.fill('#title', 'kept');
  await page.click('.add button');
  await shows('kept');

  await server.kill();
  cpSync(server.data, `${server.data}-copy`, { recursive: true });
  await state('offline');
  await server.restart();
  await state('live');
  await page.fill('#title', 'lost');
  await page.click('.add button');
  await shows('lost');
  await server.kill();
  await state('offline');
  await page.click('li:has-text("lost") .delete'); // waits for a server

  for (const name of readdirSync(server.data)) rmSync(join(server.data, name), { recursive: true });
  cpSync(`${server.data}-copy`, server.data, { recursive: true });
  await server.restart();
  // whatever has the number of the lost task now must not be deleted
  await fetch(`${server.url}/_dew/rpc`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fn: 'add_task', args: { board_id: 'copy', title: 'another' } }),
  });
  await state('live');
  await shows('another');
  assert.deepEqual(await titles(), ['kept', 'another']);
  await page.waitForSelector('#dew-notices >> text=The data here was replaced');
  assert.equal(await page.evaluate(() => window.same), true);

  await page.click('li:has-text("another") .move');
  await page.waitForSelector('li.done:has-text("another")');
  await page.close();
});
