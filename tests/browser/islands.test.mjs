// Islands (dew/island.h) in Chromium, by the program tests/apps/islands: a static page is left as the server sent it, and each
// island in it comes to life when it is due.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, start } from './lib/showcase.mjs';

let browser, server;
before(async () => {
  [browser, server] = await Promise.all([launch(), start('islands', ['--port', '0'], { quiet: true })]);
});
after(async () => { await browser?.close(); await server?.end(); });

/** mend: changes the document on its way. */
async function open(path, { mend, ...options } = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  if (mend) await context.grantPermissions(['local-network-access']); // for its WebSocket: the browser does not see from where such a document comes
  if (mend) await page.route(server.url + path, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: mend(await response.text()) });
  });
  const errors = [], fetched = [], asked = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => /^(error|warning)$/.test(message.type()) && errors.push(message.text()));
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
    const { type, fn, args } = JSON.parse(String(payload));
    if (type === 'subscribe') asked.push(`${fn} ${args.of ?? ''}`.trim());
  }));
  await page.addInitScript(() => {
    window.mutations = [];
    new MutationObserver((records) => {
      for (const r of records) if (document.readyState !== 'loading') window.mutations.push(`${r.type} ${r.target.nodeName}`);
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  const answer = await page.goto(server.url + path);
  return { page, errors, fetched, asked, answer, close: () => context.close() };
}

/** Connected, and all that shows has been answered. */
const live = (page) => page.waitForFunction(() => document.documentElement.dew === 'live');
const shows = (page, text) => page.waitForFunction((wanted) => document.body.textContent.includes(wanted), text);
const wasm = (fetched) => fetched.filter((path) => path.endsWith('.wasm')).length;
const below = '[data-dew-props*="Below"] .step';

/** The first island moves its count on, and then one begins that was out of sight. @returns {Promise<number>} the count before */
async function addAndGoBelow(page) {
  const count = Number((await page.locator('.tally').first().innerText()).match(/\d+/)[0]);
  await page.locator('.add').first().click();
  await shows(page, `a has ${count + 1}`);
  await page.locator(below).scrollIntoViewIfNeeded();
  await page.click(below);
  await shows(page, 'Below: 9');
  return count;
}

test('a page without islands takes a small script, and nothing of the program', async () => {
  const { page, fetched, errors, answer, close } = await open('/none');
  await page.waitForLoadState('networkidle');
  assert.equal(await page.innerText('h1'), 'As it is');
  assert.deepEqual(fetched.filter((path) => !path.endsWith('.islands.js')), ['/none']);
  assert.doesNotMatch(await answer.text(), /"fn":/); // no query's value twice
  assert.deepEqual(errors, []);
  await close();
});

test('islands that are due come to life over the server’s nodes; what is around stays, and its queries are nobody’s', async () => {
  const { page, fetched, errors, asked, answer, close } = await open('/');
  await live(page);
  assert.deepEqual(await page.evaluate(() => window.mutations), []);
  assert.equal(wasm(fetched), 1);
  assert.deepEqual(asked, ['tally a']); // once, for two islands; not the page's own, nor the one that is not to be seen yet
  assert.equal(await page.title(), 'Said by the view: As it is');
  assert.doesNotMatch(await answer.text(), /motto/); // what only the page itself has used does not go with it
  const step = page.locator('.step').first();
  assert.equal(await step.innerText(), `<Apples> & "pears" 'n' </div>: 3`);
  await step.click();
  await shows(page, `</div>: 4`);
  await page.locator('.draft').first().fill('kept');
  await shows(page, 'kept');
  assert.deepEqual(errors, []);
  await close();
});

test('an island that asks for a query is live: calls, and what another window does', async () => {
  const [one, other] = await Promise.all([open('/'), open('/live')]);
  await Promise.all([live(one.page), live(other.page)]);
  const count = Number((await one.page.locator('.tally').first().innerText()).match(/\d+/)[0]);
  await one.page.locator('.add').first().click();
  for (const page of [one.page, other.page]) await shows(page, `a has ${count + 1}`);
  await one.page.waitForFunction((text) => [...document.querySelectorAll('.tally')].slice(0, 2).every((p) => p.textContent === text), `a has ${count + 1}`);
  await other.page.click('.add');
  await shows(one.page, `a has ${count + 2}`);
  assert.deepEqual([...one.errors, ...other.errors], []);
  await Promise.all([one.close(), other.close()]);
});

test('an island that is out of sight costs nothing until it is seen; then it alone begins', async () => {
  const { page, fetched, errors, asked, close } = await open('/below');
  await page.waitForLoadState('networkidle');
  assert.equal(wasm(fetched), 0);
  assert.equal(fetched.filter((path) => path.endsWith('.js')).length, 1);
  await page.locator(below).scrollIntoViewIfNeeded();
  await live(page);
  assert.equal(wasm(fetched), 1);
  assert.equal(await page.locator(below).innerText(), 'Below: 8');
  await page.click(below);
  await shows(page, 'Below: 9');
  assert.deepEqual(asked.filter((query) => query !== 'tally missing'), []);
  assert.match(await page.innerText('.broken'), /nobody counts missing/); // the page's error view
  assert.deepEqual(errors.filter((text) => !text.includes('404')), []);
  await close();
});

test('what comes later begins with what is there now: another island has moved it on', async () => {
  const { page, errors, close } = await open('/');
  await live(page);
  const count = await addAndGoBelow(page);
  await page.locator('[data-dew-props*=\'"b"\'] .add').click();
  await shows(page, 'b has 1');
  assert.equal(await page.locator('.tally').first().innerText(), `a has ${count + 1}`);
  assert.deepEqual(errors, []);
  await close();
});

test('what begins after the connection led to another server leaves the others as they are there', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = [];
  await page.routeWebSocket(/_dew/, (socket) => {
    const there = socket.connectToServer();
    socket.onMessage((text) => {
      const { type, fn, args } = JSON.parse(text);
      if (type === 'subscribe') asked.push(`${fn} ${args.of}`);
      there.send(text);
    });
    there.onMessage((text) => socket.send(text.replace(/("type":"connected".*"epoch":")[^"]*/, '$1another')));
  });
  await page.goto(`${server.url}/`);
  await live(page);
  await addAndGoBelow(page);
  await page.locator('[data-dew-props*=\'"b"\'] .add').click();
  await page.waitForFunction(() => !document.querySelector('[data-dew-props*=\'"b"\'] .tally').textContent.endsWith(' 0'));
  assert.equal(asked.filter((query) => query === 'tally a').length, 1);
  await context.close();
});

test('HTML that says that it is an island makes no static page of a live one, and is no island of a static one', async () => {
  const forged = ['<div class="forged" data-dew-island="9" data-dew-props="{}"></div>', '<div class="forged" data-dew-island="0" data-dew-props="{"></div>'];
  const one = await open('/live', { mend: (html) => html.replace('</body>', `${forged[0]}</body>`) });
  await live(one.page);
  await one.page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('.later.js')));
  await one.page.click('.step');
  await shows(one.page, 'Plums: 6');
  const other = await open('/', { mend: (html) => html.replace('<h1>', `${forged.join('')}<h1>`) });
  await live(other.page);
  await other.page.locator('.step').first().click();
  await shows(other.page, '</div>: 4');
  assert.equal(await other.page.locator('.forged').first().innerHTML(), '');
  assert.deepEqual([...one.errors, ...other.errors], []);
  await Promise.all([one.close(), other.close()]);
});

test('an island that cannot go on stops alone', async () => {
  const { page, errors, close } = await open('/', { mend: (html) => html.replace(/(data-dew-props=")[^"]*/, '$1{&quot;from&quot;:true}') });
  await page.waitForSelector('#dew-notices >> text=A part of this page has stopped');
  await live(page);
  await page.evaluate(() => { window.same = true; });
  await addAndGoBelow(page);
  assert.equal(await page.evaluate(() => window.same), true);
  assert.equal(errors.length, 3); // each start of the one
  await close();
});

test('a host that could not be fetched is asked for by another address when the next island is due', async () => {
  const { page, close } = await open('/none');
  const asked = [];
  await page.route(/\/_dew\/client\.\w+\.js\??$/, (route) => {
    asked.push(route.request().url());
    return asked.length === 1 ? route.abort() : route.continue();
  });
  const failed = page.waitForEvent('console', (message) => message.text().includes('dynamically imported'));
  await page.goto(`${server.url}/`);
  await failed;
  await page.locator(below).scrollIntoViewIfNeeded();
  await live(page);
  assert.deepEqual(asked, [asked[0], `${asked[0]}?`]);
  await page.locator(below).click();
  await shows(page, 'Below: 9');
  await close();
});

test('links lead from a live page to a static one and back by documents, whole', async () => {
  const { page, errors, close } = await open('/live');
  await live(page);
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('.later.js')));
  await page.evaluate(() => { window.same = true; });
  await page.click('text=Static');
  await page.waitForURL(server.url + '/');
  await live(page);
  assert.equal(await page.evaluate(() => window.same), undefined);
  await page.locator('.step').first().click();
  await shows(page, '</div>: 4');
  await page.click('nav >> text=Live');
  await page.waitForURL('**/live');
  await live(page);
  await page.click('.step');
  await shows(page, 'Plums: 6');
  await page.goBack();
  await page.waitForURL(server.url + '/');
  assert.deepEqual(errors, []);
  await close();
});

test('on a live page an island is a component as any other', async () => {
  const { page, errors, close } = await open('/live');
  await live(page);
  assert.deepEqual(await page.evaluate(() => window.mutations), []);
  await page.click('.step');
  await shows(page, 'Plums: 6');
  assert.equal(await page.locator('[data-dew-island]').count(), 0);
  assert.deepEqual(errors, []);
  await close();
});

test('a hook that asks by use_… alone runs before its page shows', async () => {
  const { page, errors, asked, close } = await open('/live');
  await live(page);
  await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('.later.js')));
  await page.click('text=Hooked');
  await shows(page, 'As it is');
  assert.deepEqual(asked, ['tally a', 'tally b', 'motto']);
  assert.deepEqual(errors, []);
  await close();
});

test('an address without a page is no static page', async () => {
  const answer = await fetch(`${server.url}/nowhere?_whole=1`);
  assert.equal(answer.status, 404);
  assert.match(await answer.text(), /rel="preload".*<h1>Nothing here. As it is<\/h1>/s);
  assert.equal((await fetch(`${server.url}/nowhere`)).status, 404);
});

test('without scripts a static page reads, and its buttons post', async () => {
  const { page, close } = await open('/', { javaScriptEnabled: false });
  const count = Number((await page.locator('.tally').first().innerText()).match(/\d+/)[0]);
  await page.locator('.add').first().click();
  assert.equal(await page.locator('.tally').first().innerText(), `a has ${count + 1}`);
  await close();
});
