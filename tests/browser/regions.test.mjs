// Regions (dew/region.h) on both sides, by the program tests/apps/regions: what fails shows in its place and the rest lives, the
// visitor tries again; pages that the browser renders come to the same DOM.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live } from './lib/live.mjs';
import { launch, start } from './lib/showcase.mjs';

let browser, server;
let log = '';
before(async () => {
  [browser, server] = await Promise.all([launch(), start('regions', ['--port', '0'], { quiet: true })]);
  server.child.stderr.on('data', (text) => { log += text; });
});
after(async () => { await browser?.close(); await server?.end(); });

async function open(path, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    const isOfNetwork = message.text().startsWith('Failed to load resource'); // a status that the test knows of
    if (/^(error|warning)$/.test(message.type()) && !isOfNetwork) errors.push(message.text());
  });
  await page.addInitScript(() => {
    window.mutations = [];
    new MutationObserver((records) => {
      for (const r of records) if (document.readyState !== 'loading') window.mutations.push(`${r.type} ${r.target.nodeName}`);
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  const answer = await page.goto(server.url + path);
  if (options.javaScriptEnabled !== false) await live(page);
  const html = () => page.innerHTML('#app');
  return { page, errors, html, answer, status: answer.status(), close: () => context.close() };
}

/** What the server rendered. @param {{ text: () => Promise<string> }} answer */
const body = async (answer) => (await answer.text()).match(/<div id="app">(.*)<\/div><(?:form id="dew"|noscript)/s)[1];

for (const path of ['/', '/own', '/plain'])
  test(`${path}: hydration changes nothing`, async () => {
    const { page, errors, html, answer, close } = await open(path);
    assert.deepEqual(await page.evaluate(() => window.mutations), []);
    assert.equal(await html(), await body(answer));
    assert.deepEqual(errors, []);
    await close();
  });

test('what fails shows in its place; the response has the worst status, and tells no secret', async () => {
  const { page, status, close } = await open('/');
  assert.equal(status, 500);
  assert.match(await page.innerText('#app'), /sensor 1: 10[\s\S]*403: sensor 100 is broken[\s\S]*after[\s\S]*sensor 2: 20[\s\S]*500: a fault in the program/);
  assert.doesNotMatch(await page.content(), /in the region|secret/);
  assert.match(log, /secret of sensor 200/);
  await close();
});

test('memoised components: the browser’s half comes, what waits for no query waits on, and a message is the latest', async () => {
  const { page, errors, close } = await open('/memo');
  await page.waitForFunction(() => document.querySelector('#map')?.textContent === 'map 1');
  assert.equal(await page.locator('#given').count(), 0);
  assert.match(await page.innerText('#message'), /sensor 100 is broken/);
  await page.click('#next');
  await page.waitForSelector('text=after 101');
  assert.match(await page.innerText('#message'), /sensor 101 is broken/);
  assert.equal(await page.locator('#given').count(), 0);
  assert.equal(await page.locator('.waiting').count(), 1);
  await page.click('#give');
  await page.waitForFunction(() => document.querySelector('#given')?.textContent === 'half of 2 is 7');
  assert.deepEqual(errors, []);
  await close();
});

test('trying again loads what failed; a page that failed stands inside its layout', async () => {
  const { page, close, errors, status } = await open('/own');
  assert.equal(status, 403);
  assert.equal(await page.locator('nav a').count(), 4);
  await page.evaluate(() => { window.same = true; });
  await page.click('text=Try again');
  await page.click('nav >> text=Three');
  await page.click('text=Mend');
  await page.click('nav >> text=Own');
  await page.waitForSelector('text=sensor 101: 1010');
  await page.click('nav >> text=Three');
  await page.waitForSelector('text=sensor 100: 1000');
  await page.click('text=Spoil');
  assert.equal(await page.evaluate(() => window.same), true);
  assert.deepEqual(errors, []);
  await close();
});

test('a failure shows until its query is there: no load, no other region touched', async () => {
  const { page, close } = await open('/');
  await page.evaluate(() => { window.first = [...document.querySelectorAll('p')].find((p) => p.textContent === 'sensor 1: 10'); });
  await page.click('text=Mend');
  await page.click('.failed >> nth=0 >> text=Try again');
  await page.waitForSelector('text=sensor 100: 1000');
  assert.equal(await page.evaluate(() => window.first.isConnected), true);
  assert.match(await page.innerText('#app'), /in the region\s+sensor 100: 1000/);
  await page.click('text=Spoil');
  await close();
});

/** What is asked for on the connection from now on. */
async function asked(page) {
  const all = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
    const { type, fn, args } = JSON.parse(String(payload));
    if (type === 'subscribe') all.push(`${fn} ${args.number}`);
  }));
  return all;
}

test('trying again in one region leaves the others as they are, outside of all it is every one', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const all = await asked(page);
  await page.goto(`${server.url}/retry`);
  await live(page);
  assert.equal(await page.locator('.failed').count(), 4); // one of them needs nothing of what failed
  assert.equal(await page.locator('#unneeded').count(), 0);
  all.length = 0;
  await page.click('text=Mend');
  await page.click('#second .failed >> text=Try again');
  await page.waitForSelector('#second >> text=sensor 103: 1030');
  assert.deepEqual(all.splice(0), ['read_sensor 103']);
  assert.equal(await page.locator('.failed').count(), 3);
  await page.click('#memo button'); // in a memoised component of the error view
  await page.waitForSelector('text=sensor 105: 1050');
  await page.waitForSelector('text=sensor 106: 1060'); // the region inside had failed by itself
  assert.deepEqual(all.splice(0).sort(), ['read_sensor 104', 'read_sensor 105', 'read_sensor 106']);
  assert.equal(await page.locator('.failed').count(), 2);
  await page.click('text=Spoil');
  await page.click('#other');
  await page.waitForFunction(() => document.querySelector('.failed button'));
  all.length = 0;
  await page.click('text=Mend');
  await page.click('#all'); // in no error view
  await page.waitForFunction(() => document.querySelectorAll('.failed').length === 0);
  assert.deepEqual(all.sort(), ['read_sensor 110', 'read_sensor 111', 'read_sensor 112', 'read_sensor 113']);
  assert.equal(await page.innerText('#unneeded'), 'there');
  await page.click('text=Spoil');
  await context.close();
});

test('what a region said to stores goes with what it drew, and comes back with it', async () => {
  const { page, errors, html, answer, close } = await open('/said');
  assert.equal(await html(), await body(answer));
  assert.equal(await page.innerText('#said'), 'nothing');
  await page.click('text=Mend');
  await page.click('.failed >> text=Try again');
  await page.waitForFunction(() => document.querySelector('#said')?.textContent === 'in the region');
  await page.click('text=Spoil');
  await page.click('#next');
  await page.waitForFunction(() => document.querySelector('#said')?.textContent === 'nothing' && document.querySelector('.failed'));
  assert.deepEqual(errors, []);
  await close();
});

test('without scripts a link tries again', async () => {
  const { page, close } = await open('/own', { javaScriptEnabled: false });
  assert.match(await page.innerText('.failed'), /403: sensor 101 is broken/);
  assert.equal(await page.getAttribute('.failed a', 'href'), '/own');
  await close();
});

test('pages of all modes come to the same DOM', async () => {
  const shown = {};
  for (const path of ['/plain', '/data', '/off']) {
    const { page, html, answer, close } = await open(path);
    await page.waitForSelector('text=sensor 4: 40');
    shown[path] = await html();
    assert.equal((await answer.text()).includes('sensor 4: 40'), path === '/plain', path);
    assert.equal(await page.title(), path[1].toUpperCase() + path.slice(2));
    await close();
  }
  assert.equal(shown['/data'], shown['/plain']);
  assert.equal(shown['/off'], shown['/plain']);
});

test('a bare page says without scripts that it needs them', async () => {
  const { page, close } = await open('/off', { javaScriptEnabled: false });
  assert.match(await page.innerText('body'), /This page needs JavaScript/);
  await close();
});

test('what one side alone renders: the server’s goes, the browser’s comes, and hydration is right', async () => {
  const withoutNav = (text) => text.replace(/<nav>.*<\/nav>/, '');
  assert.equal(withoutNav(await body(await fetch(`${server.url}/sides`))), '<h1>Sides</h1><p class="waiting">waiting</p><p id="server">server</p><p>both</p>');
  const { page, html, errors, close } = await open('/sides');
  await page.waitForSelector('#client');
  assert.equal(withoutNav(await html()), '<h1>Sides</h1><p id="client">browser</p><p id="slot">slot</p><p>both</p>');
  assert.deepEqual(errors, []);
  await close();
});

test('a view that fails leaves the page to the browser, and names no internals', async () => {
  const { page, status, answer, close } = await open('/refuse');
  assert.equal(status, 500);
  const text = await answer.text();
  assert.match(text, /"failed":\{"code":"INTERNAL","message":"a fault in the program; the log has the details \(error (\w+)\)","id":"\1"\}/);
  assert.match(text, /<noscript><main><h1>Server error<\/h1>/);
  assert.doesNotMatch(text, /secret|Half/);
  assert.match(log, /the secret 7/);
  assert.equal(await page.innerText('h1'), 'a fault in the program; the log has the details');
  await close();
});

test('what only the server cannot render shows whole in the browser, and lives', async () => {
  const { page, html, status, answer, errors, close } = await open('/deep');
  assert.equal(status, 500);
  const text = await answer.text();
  assert.match(text, /<div id="app"><\/div><noscript><main><h1>Server error<\/h1>/);
  assert.doesNotMatch(text, /too deep/);
  assert.match(log, /endless: views that call each other too deep/);
  await page.waitForSelector('text=sensor 4: 40');
  assert.match(await html(), /^<nav>.*<\/nav><h1>Deep<\/h1><p>sensor 4: 40<\/p>$/);
  await page.click('nav >> text=Plain');
  await page.waitForSelector('h1 >> text=Plain');
  assert.deepEqual(errors, []);
  await close();
});
