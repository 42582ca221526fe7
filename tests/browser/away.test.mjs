// A page that was away: gone from and come back to, frozen, without a network, on a connection that says nothing any more.
// Afterwards it shows what is. Clocks that jump and computers that sleep: tests/js.
import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { launch, startShowcase } from './lib/showcase.mjs';

let browser, server;
before(async () => { [browser, server] = await Promise.all([launch(), startShowcase()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const add = (board, title) => fetch(`${server.url}/_dew/rpc`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fn: 'add_task', args: { board_id: board, title } }),
});
const shows = (page, title) => page.waitForFunction((text) => [...document.querySelectorAll('.title')].some((e) => e.textContent === text), title);
const stands = (page, state) => page.waitForFunction((wanted) => document.documentElement.dew === wanted, state);

async function open(url, within = browser) {
  const context = await within.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await stands(page, 'live');
  await page.evaluate(() => { window.same = true; });
  return { context, page, devtools: await context.newCDPSession(page) };
}

test('gone elsewhere and back, whether the browser has kept the page or loads it anew: what came meanwhile is there', async () => {
  // as visitors have it: playwright turns the keeping off
  const keeping = await chromium.launch({
    executablePath: process.env.DEW_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  const { page } = await open(`${server.url}/board/back`, keeping);
  await page.goto(`${server.url}/health`);
  await add('back', 'meanwhile');
  await page.goBack({ waitUntil: 'commit' });
  await shows(page, 'meanwhile');
  await stands(page, 'live');
  await add('back', 'afterwards');
  await shows(page, 'afterwards');
  await keeping.close();
});

test('frozen: the page goes on where it was', async () => {
  const { context, page, devtools } = await open(`${server.url}/board/frozen`);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await add('frozen', 'meanwhile');
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await shows(page, 'meanwhile');
  await stands(page, 'live');
  assert.equal(await page.evaluate(() => window.same), true);
  await context.close();
});

/** A way to the server that can stop carrying anything, without a word to either end. */
async function startWay() {
  const sockets = new Set();
  let isDead = false;
  const way = createServer((near) => {
    const far = connect(server.port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    near.on('data', (bytes) => { if (!near.isDead) far.write(bytes); });
    far.on('data', (bytes) => { if (!near.isDead) near.write(bytes); });
    near.isDead = isDead;
  });
  await new Promise((resolve) => way.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${way.address().port}`,
    die() { for (const socket of sockets) socket.isDead = true; },
    stop() { for (const socket of sockets) socket.destroy(); way.close(); },
  };
}

test('a connection that carries nothing any more: asked about when the network is back, and given up', async () => {
  const way = await startWay();
  const context = await browser.newContext();
  const page = await context.newPage();
  // ten seconds of waiting for a pong go by at once
  await page.addInitScript(() => {
    const wait = window.setTimeout;
    window.setTimeout = (run, ms, ...rest) => {
      const isPong = ms === 10_000 && window.isAsking;
      if (isPong) window.isAsking = false; // a new connection has its ten seconds to open
      return wait(run, isPong ? 0 : ms, ...rest);
    };
    const now = performance.now.bind(performance);
    performance.now = () => now() + (window.isLate ? 10_000 : 0);
  });
  await page.goto(`${way.url}/board/silent`);
  await stands(page, 'live');
  await page.evaluate(() => { window.same = true; });
  way.die();
  await add('silent', 'meanwhile');
  await page.evaluate(() => { window.isAsking = true; dispatchEvent(new Event('online')); window.isLate = true; });
  await shows(page, 'meanwhile');
  await stands(page, 'live');
  assert.equal(await page.evaluate(() => window.same), true);
  await context.close();
  way.stop();
});

test('without a network: what was clicked waits, and is done once when it is back', async () => {
  const { context, page } = await open(`${server.url}/board/offline`);
  await server.kill(); // Chromium's own switch leaves open sockets open
  await stands(page, 'offline');
  await context.setOffline(true);
  await page.fill('#title', 'waited');
  await page.click('.add button');
  await server.restart();
  await context.setOffline(false); // fires "online": no back-off is waited for
  await shows(page, 'waited');
  await stands(page, 'live');
  assert.equal(await page.$$eval('.title', (all) => all.filter((e) => e.textContent === 'waited').length), 1);
  assert.equal(await page.evaluate(() => window.same), true);
  await context.close();
});
