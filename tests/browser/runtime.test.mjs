// The browser half alone, against a server that stands in the test: hydration, frames, calls, navigation, early clicks,
// reconnects, traps. The pages come from the same C as a server's (runtime/html_main.c).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hashOf } from '../../client/hash.js';
import { live as isLive } from './lib/live.mjs';
import { launch } from './lib/showcase.mjs';

const here = new URL('./', import.meta.url).pathname;
let folder, browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dew-runtime-'));
  execFileSync('sh', [join(here, 'runtime/build.sh'), folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const task = (id, title, done = false) => ({ id: String(id), title, done });
const hash = (value) => hashOf(JSON.stringify(value));

/** A server with boards in memory, whose socket is the test's hand. */
async function startServer(boards) {
  const state = { commit: 1, boards, posts: [], fetched: [], navigations: [], hold: {}, pageBuild: null, redirects: {}, refused: new Set() }; // refused: once
  const render = (how, location) => {
    const queries = Object.entries(state.boards).flatMap(([id, list]) => ['tasks', JSON.stringify({ board_id: id }), JSON.stringify(list), String(state.commit)]);
    const { stdout, status } = spawnSync(join(folder, 'html'), [how, location, '/host.js', '/app.wasm', ...queries], {
      maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(status === 2 || status === 4, `html ended with ${status}`); // 1: a sanitizer's report
    return { status: status * 100, text: stdout.toString() };
  };
  const files = { '/host.js': ['text/javascript', 'host.js'], '/host.later.js': ['text/javascript', 'later.js'], '/app.wasm': ['application/wasm', 'app.wasm'] };
  const server = createServer(async (request, response) => {
    const path = request.url.split('?')[0];
    state.fetched.push(`${request.method} ${request.url}`);
    if (request.headers['dew-navigation']) state.navigations.push(request.headers['dew-navigation']);
    if (state.hold[request.url]) await state.hold[request.url];
    if (request.method === 'POST') {
      state.posts.push(request.url);
      response.writeHead(303, { location: '/board/b1' }).end();
    } else if (state.refused.delete(request.url)) {
      response.writeHead(503).end();
    } else if (files[path]) {
      response.writeHead(200, { 'content-type': files[path][0] });
      response.end(readFileSync(join(folder, files[path][1])));
    } else if (request.url === '/plain.txt') {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('plain');
    } else {
      const wantsState = request.headers.accept?.includes('dew.state');
      const to = state.redirects[request.url];
      if (to && wantsState) return response.writeHead(200, { 'content-type': 'application/vnd.dew.state+json' }).end(JSON.stringify({ redirect: to, status: 303 }));
      if (to) return response.writeHead(303, { location: to }).end();
      const { status, text } = render(wantsState ? 'state' : 'html', request.url);
      response.writeHead(status === 400 ? 404 : status, {
        'content-type': wantsState ? 'application/vnd.dew.state+json' : 'text/html; charset=utf-8', vary: 'Accept',
      });
      response.end(state.pageBuild ? text.replace('build1', state.pageBuild) : text);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() });
}

/** A window on the server; `answer` plays the socket's other end unless a test wants to do it itself; with `clock` its time is the test's. */
async function open(server, path, { answer = true, clock = false } = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (clock) await page.clock.install();
  const seen = { errors: [], messages: [], sockets: [] };
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') seen.errors.push(message.text()); });
  await page.routeWebSocket(/_dew\/ws/, (socket) => {
    seen.sockets.push(socket);
    socket.onMessage((text) => {
      const message = JSON.parse(text);
      seen.messages.push(message);
      if (answer) reply(server, socket, message);
    });
  });
  await page.addInitScript(() => {
    window.mutations = [];
    new MutationObserver((records) => {
      for (const r of records) if (document.readyState !== 'loading') window.mutations.push(`${r.type} ${r.target.nodeName}`);
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await page.goto(server.url + path);
  const until = (run, arg) => page.waitForFunction(run, arg, { polling: 10, timeout: 5_000 });
  return {
    page, seen, until,
    live: () => isLive(page),
    say: (message) => seen.sockets.at(-1).send(JSON.stringify(message)),
    titles: () => page.$$eval('li span', (spans) => spans.map((s) => s.textContent)),
    sent: (type) => seen.messages.filter((m) => m.type === type),
    close: () => context.close(),
  };
}

function reply(server, socket, message) {
  const say = (answer) => socket.send(JSON.stringify(answer));
  const at = [String(server.commit), '0'];
  if (message.type === 'connect') say({ type: 'connected', protocol: 1, build: 'build1', commit: at[0], epoch: 'e1' });
  if (message.type === 'subscribe') {
    const value = server.boards[message.args.board_id];
    const query = `q-${message.args.board_id}`;
    if (server.failing) say({ type: 'subscribed', id: message.id, error: server.failing });
    else if (!value) say({ type: 'subscribed', id: message.id, error: { code: 'NOT_FOUND', message: 'no such board' } });
    else if (message.have && message.have.hash === hash(value)) say({ type: 'subscribed', id: message.id, query, status: 'current', at });
    else say({ type: 'subscribed', id: message.id, query, status: 'value', at, value, hash: hash(value) });
  }
  if (message.type === 'call') say({ type: 'answer', id: message.id, value: {}, commit: at[0] });
}

const frame = (from, to, board, step) => ({
  type: 'frame', to: String(to), changes: [{ query: `q-${board}`, from: [String(from), '0'], to: [String(to), '0'], ...step }],
});

test('hydration changes nothing; the query is subscribed from its position', async () => {
  const server = await startServer({ b1: [task(1, 'one <b>'), task(2, 'two')] });
  const w = await open(server, '/board/b1');
  await w.live();
  assert.deepEqual(await w.page.evaluate(() => window.mutations), []);
  assert.deepEqual(w.seen.errors, []);
  assert.deepEqual(w.seen.messages.map((m) => m.type), ['connect', 'subscribe']);
  assert.equal(w.seen.messages[0].build, 'build1');
  assert.match(w.seen.messages[0].client, /^[A-Za-z0-9_-]{1,64}$/);
  assert.deepEqual(w.seen.messages[1].have, { at: ['1', '0'], epoch: 'e1', hash: hash(server.boards.b1) });
  await w.close();
  server.stop();
});

test('frames change the page, rows keep their nodes', async () => {
  const server = await startServer({ b1: [task(1, 'one'), task(2, 'two')] });
  const w = await open(server, '/board/b1');
  await w.live();
  await w.page.evaluate(() => { window.second = document.querySelectorAll('li')[1]; });
  const next = [task(2, 'two!'), task(3, 'three')];
  w.say(frame(1, 2, 'b1', { ops: { del: ['1'], put: [[0, task(2, 'two!')], [1, task(3, 'three')]] }, hash: hash(next) }));
  await w.until(() => document.querySelectorAll('li').length === 2 && document.querySelector('li span').textContent === 'two!');
  assert.deepEqual(await w.titles(), ['two!', 'three']);
  assert.equal(await w.page.evaluate(() => window.second === document.querySelector('li')), true);
  assert.equal(await w.page.textContent('h1'), 'Board b1: 2');
  assert.deepEqual(w.seen.errors, []);
  await w.close();
  server.stop();
});

test('a button calls; a form sends its fields and is emptied when it is done', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1');
  await w.live();
  await w.page.click('li button');
  await w.page.fill('[name=title]', 'Tie & "weed"');
  await w.page.fill('[name=days]', '3');
  await w.page.click('#add button');
  await w.until(() => document.querySelector('[name=title]').value === '');
  await w.page.click('#ring');
  await w.page.waitForTimeout(0);
  await assert.doesNotReject(async () => { while (w.sent('call').length < 3) await w.page.waitForTimeout(5); });
  assert.deepEqual(w.sent('call'), [
    { type: 'call', id: 1, fn: 'finish_task', args: { id: '7' }, seq: '1', location: '/board/b1' },
    { type: 'call', id: 2, fn: 'add_task', fields: w.sent('call')[1].fields, seq: '2', location: '/board/b1' },
    { type: 'call', id: 3, fn: 'ring', args: {}, location: '/board/b1' },
  ]);
  const fields = new URLSearchParams(w.sent('call')[1].fields);
  assert.equal(fields.get('title'), 'Tie & "weed"');
  assert.equal(fields.get('days'), '3');
  assert.deepEqual(JSON.parse(fields.get('_args')), { board_id: 'b1', title: '', days: 0 });
  assert.deepEqual(server.posts, []);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
  server.stop();
});

test('what is refused is said: at the field, or as a notice', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1', { answer: false });
  await w.until(() => true);
  const all = () => w.seen.messages.splice(0).filter((m) => (m.type === 'call' ? true : (reply(server, w.seen.sockets[0], m), false)));
  while (!w.seen.messages.length) await w.page.waitForTimeout(5);
  all();
  await w.live();
  await w.page.fill('[name=days]', 'many');
  await w.page.click('#add button');
  while (!w.sent('call').length) await w.page.waitForTimeout(5);
  w.say({ type: 'answer', id: all()[0].id, error: { code: 'TYPE', message: 'days: expected a 32-bit integer' } });
  await w.until(() => document.querySelector('[name=days]').validationMessage === 'days: expected a 32-bit integer');
  await w.page.fill('[name=days]', '1');
  assert.equal(await w.page.$eval('[name=days]', (e) => e.validationMessage), '');
  await w.page.click('#add button');
  while (!w.sent('call').length) await w.page.waitForTimeout(5);
  w.say({ type: 'answer', id: all()[0].id, error: { code: 'UNPROCESSABLE', message: 'title: give 1 to 200 characters' } });
  await w.until(() => document.querySelector('[name=title]').validationMessage === 'title: give 1 to 200 characters');
  await w.page.click('li button');
  while (!w.sent('call').length) await w.page.waitForTimeout(5);
  w.say({ type: 'answer', id: all()[0].id, error: { code: 'DENIED', message: 'not yours' } });
  await w.page.waitForSelector('#dew-notices >> text=not yours');
  assert.equal(await w.page.getAttribute('#dew-notices', 'role'), 'status');
  await w.close();
  server.stop();
});

test('links, back, forward, error pages and titles without loading the document', async () => {
  const server = await startServer({ b1: [task(1, 'one')], 'b/2 ä': [task(1, 'two')] });
  const w = await open(server, '/');
  await w.live();
  await w.page.evaluate(() => { window.same = true; });
  await w.page.evaluate(() => {
    window.scrollTo(0, 500);
    [...document.querySelectorAll('nav a')].find((a) => a.textContent === 'Two').click(); // a real click would scroll to it
  });
  await w.until(() => document.title === 'Board b/2 ä');
  assert.deepEqual(await w.titles(), ['two']);
  assert.equal(await w.page.evaluate(() => location.pathname), '/board/b%2F2%20%C3%A4');
  assert.equal(await w.page.evaluate(() => document.activeElement.localName), 'main');
  while (w.sent('subscribe').length < 1) await w.page.waitForTimeout(5);
  await w.page.click('nav a:text("One")');
  await w.until(() => document.title === 'Board b1');
  await w.page.click('nav a:text("Missing")');
  await w.until(() => document.querySelector('h1').textContent.startsWith('404'));
  await w.page.goBack();
  await w.until(() => document.title === 'Board b1');
  await w.page.goBack();
  await w.until(() => document.title === 'Board b/2 ä');
  await w.page.goBack();
  await w.until(() => document.querySelector('h1').textContent === 'Home' && window.scrollY === 500);
  await w.page.goForward();
  await w.until(() => document.title === 'Board b/2 ä');
  assert.equal(await w.page.evaluate(() => window.same), true);
  await w.page.click('nav a:text("Plain")'); // no page of the site: not even asked for
  await w.until(() => document.body.textContent === 'plain');
  assert.equal(server.fetched.filter((line) => line === 'GET /plain.txt').length, 1);
  await w.close();
  server.stop();
});

test('a newer navigation ends the one before; another build is loaded whole', async () => {
  const server = await startServer({ b1: [task(1, 'one')], 'b/2 ä': [task(1, 'two')] });
  const w = await open(server, '/');
  await w.live();
  await w.page.evaluate(() => { window.same = true; });
  let release;
  server.hold['/board/b1'] = new Promise((resolve) => { release = resolve; });
  await w.page.click('nav a:text("One")');
  await w.page.click('nav a:text("Two")');
  await w.until(() => document.title === 'Board b/2 ä');
  const { tab } = w.seen.messages.find(({ type }) => type === 'connect');
  assert.match(tab, /^\d{8,}$/);
  assert.deepEqual(server.navigations, [`${tab}.1`, `${tab}.2`]); // by which a server knows what nobody waits for
  release();
  await w.page.waitForTimeout(50);
  assert.equal(await w.page.title(), 'Board b/2 ä');
  assert.equal(await w.page.evaluate(() => window.same), true);
  server.pageBuild = 'build2';
  await w.page.click('nav a:text("One")');
  await w.until(() => document.title === 'Board b1' && !window.same);
  await w.close();
  server.stop();
});

test('a redirect is followed without loading, over several steps; one entry stands in the history', async () => {
  const server = await startServer({ b1: [task(1, 'one')], 'b/2 ä': [task(1, 'two')] });
  server.redirects = { '/board/b1': '/board/moved', '/board/moved': '/board/b%2F2%20%C3%A4' };
  const w = await open(server, '/');
  await w.live();
  await w.page.evaluate(() => { window.same = true; });
  const entries = await w.page.evaluate(() => history.length);
  await w.page.click('nav a:text("One")');
  await w.until(() => document.title === 'Board b/2 ä');
  assert.equal(await w.page.evaluate(() => window.same), true);
  assert.equal(await w.page.evaluate(() => history.length), entries + 1);
  assert.equal(new URL(w.page.url()).pathname, '/board/b%2F2%20%C3%A4');
  // back to where the first link stood, then forward: no more redirects on the way
  server.redirects = {};
  await w.page.goBack();
  await w.until(() => document.querySelector('h1').textContent === 'Home');
  assert.deepEqual(w.seen.errors, []);
  await w.close();
  server.stop();
});

test('a redirect on the way back is the browser\'s to follow', async () => {
  const server = await startServer({ b1: [task(1, 'one')], 'b/2 ä': [task(1, 'two')] });
  const w = await open(server, '/board/b1');
  await w.live();
  await w.page.click('nav a:text("Two")');
  await w.until(() => document.title === 'Board b/2 ä');
  server.redirects = { '/board/b1': '/' };
  await w.page.evaluate(() => history.back());
  await w.until(() => document.querySelector('h1')?.textContent === 'Home');
  assert.equal(new URL(w.page.url()).pathname, '/');
  await w.close();
  server.stop();
});

test('a redirect to another origin loads it, and redirects without end are left to the browser', async () => {
  const server = await startServer({ b1: [task(1, 'one')] }), other = await startServer({});
  const w = await open(server, '/');
  await w.live();
  server.redirects = { '/board/b1': `${other.url}/plain.txt` };
  await w.page.click('nav a:text("One")');
  await w.until(() => document.body.textContent === 'plain');
  assert.equal(w.page.url(), `${other.url}/plain.txt`);
  assert.deepEqual(other.fetched.filter((line) => line.includes('plain')), ['GET /plain.txt']);
  await w.page.goto(`${server.url}/`);
  await w.live();
  server.redirects = { '/board/b1': '/board/b1' };
  server.fetched.length = 0;
  const failed = w.page.waitForEvent('requestfailed', { predicate: (request) => request.isNavigationRequest() });
  await w.page.click('nav a:text("One")');
  assert.match((await failed).failure().errorText, /TOO_MANY_REDIRECTS/);
  assert.ok(server.fetched.length < 60, `${server.fetched.length} requests`);
  await w.close();
  server.stop();
  other.stop();
});

test('a redirect that a call, a refused subscription or a live query says is followed', async () => {
  const server = await startServer({ b1: [task(7, 'one')], 'b/2 ä': [task(1, 'two')] });
  const error = { code: 'REDIRECT', message: 'see /', status: 303, location: '/' };
  for (const how of ['call', 'subscription', 'change']) {
    const w = await open(server, '/board/b1', { answer: how === 'change' });
    if (how === 'change') await w.live();
    else while (!w.sent('subscribe').length) await w.page.waitForTimeout(5);
    await w.page.evaluate(() => { window.same = true; });
    if (how === 'call') {
      w.say({ type: 'connected', protocol: 1, build: 'build1', commit: '1', epoch: 'e1' });
      w.say({ type: 'subscribed', id: 1, query: 'q-b1', status: 'current', at: ['1', '0'] });
      await w.live();
      await w.page.click('li button');
      while (!w.sent('call').length) await w.page.waitForTimeout(5);
      w.say({ type: 'answer', id: w.sent('call')[0].id, error });
    } else if (how === 'subscription') {
      w.say({ type: 'connected', protocol: 1, build: 'build1', commit: '1', epoch: 'e1' });
      w.say({ type: 'subscribed', id: 1, error });
    } else {
      w.say({ type: 'frame', to: '2', changes: [{ query: 'q-b1', error }] });
    }
    await w.until(() => document.querySelector('h1')?.textContent === 'Home');
    assert.equal(await w.page.evaluate(() => window.same === true), how !== 'subscription', how); // a page that is not live yet loads
    assert.equal(await w.page.locator('#dew-notices').count(), 0, how);
    assert.deepEqual(w.seen.errors, [], how);
    await w.close();
  }
  server.stop();
});

test('clicks and submits before the program is there are made again when it is', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  let release;
  server.hold['/app.wasm'] = new Promise((resolve) => { release = resolve; });
  const w = await open(server, '/board/b1');
  await w.page.waitForLoadState('domcontentloaded');
  while (!server.fetched.includes('GET /app.wasm')) await w.page.waitForTimeout(5);
  await w.page.waitForTimeout(100); // for the module to have run: nothing in the page tells
  await w.page.click('li button');
  await w.page.fill('[name=title]', 'early');
  await w.page.fill('[name=days]', '1');
  await w.page.click('#add button');
  release();
  await w.live();
  while (w.sent('call').length < 2) await w.page.waitForTimeout(5);
  assert.deepEqual(w.sent('call').map((m) => [m.fn, new URLSearchParams(m.fields).get('title')]), [['finish_task', null], ['add_task', 'early']]);
  assert.deepEqual(server.posts, []);
  await w.close();
  server.stop();
});

test('a program that does not come does not swallow what is done meanwhile', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  server.hold['/app.wasm'] = new Promise(() => {});
  const w = await open(server, '/board/b1', { clock: true });
  while (!server.fetched.includes('GET /app.wasm')) await w.page.waitForTimeout(5);
  await w.until(() => !document.querySelector('li button').dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true })));
  assert.deepEqual(server.posts, []);
  await w.page.clock.fastForward(10_000);
  while (!server.posts.length) await w.page.waitForTimeout(5);
  assert.match(server.posts[0], /_dew\/form\/finish_task/);
  await w.close();
  server.stop();
});

test('a form submitted twice is done once, with other fields again; who waits long for an answer is told', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1', { answer: false, clock: true });
  while (w.seen.messages.length < 2) await w.page.waitForTimeout(5);
  for (const m of w.seen.messages) reply(server, w.seen.sockets[0], m);
  await w.live();
  await w.page.fill('[name=title]', 'milk');
  await w.page.fill('[name=days]', '1');
  await w.page.evaluate(() => { for (let i = 0; i < 2; i++) document.querySelector('#add').requestSubmit(); });
  await w.page.fill('[name=title]', 'bread');
  await w.page.click('#add button');
  while (w.sent('call').length < 2) await w.page.waitForTimeout(5);
  assert.deepEqual(w.sent('call').map((m) => new URLSearchParams(m.fields).get('title')), ['milk', 'bread']);
  assert.equal(await w.page.locator('.dew-notice').count(), 0);
  await w.page.clock.runFor(4_000);
  assert.match(await w.page.textContent('.dew-notice'), /waits for the server/);
  for (const m of w.sent('call')) reply(server, w.seen.sockets[0], m);
  await w.until(() => document.querySelector('[name=title]').value === '');
  await w.page.fill('[name=title]', 'milk'); // done before: another one
  await w.page.fill('[name=days]', '1');
  await w.page.click('#add button');
  while (w.sent('call').length < 3) await w.page.waitForTimeout(5);
  await w.close();
  server.stop();
});

test('a lost connection: what shows stays, mutations are sent again, updates come', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1', { answer: false });
  while (w.seen.messages.length < 2) await w.page.waitForTimeout(5);
  for (const m of w.seen.messages) reply(server, w.seen.sockets[0], m);
  await w.live();
  await w.page.click('li button');
  while (!w.sent('call').length) await w.page.waitForTimeout(5);
  await w.seen.sockets[0].close({ code: 1012 });
  await w.until(() => document.documentElement.dew === 'offline');
  assert.deepEqual(await w.titles(), ['one']);
  while (w.seen.messages.length < 5) await w.page.waitForTimeout(5);
  assert.deepEqual(w.seen.messages.slice(3).map((m) => m.type), ['connect', 'subscribe'], 'whether to call again, "connected" will say');
  assert.deepEqual([w.seen.messages[3].commit, w.seen.messages[3].epoch], ['1', 'e1']);
  reply(server, w.seen.sockets[1], w.seen.messages[3]);
  while (w.sent('call').length < 2) await w.page.waitForTimeout(5);
  const [first, second] = w.sent('call');
  assert.deepEqual(first, second);
  server.commit = 5;
  server.boards.b1 = [task(7, 'one', true), task(8, 'new')];
  for (const m of w.seen.messages.slice(4)) reply(server, w.seen.sockets[1], m);
  await w.live();
  assert.deepEqual(await w.titles(), ['one', 'new']);
  await w.close();
  server.stop();
});

test('leaving a page with a change that has no answer yet asks first; not when there is none, nor where the page says so', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1', { answer: false });
  /** Answers all that was said once this has been. */
  const answer = async (type) => {
    while (!w.sent(type).length) await w.page.waitForTimeout(5);
    for (const m of w.seen.messages.splice(0)) reply(server, w.seen.sockets.at(-1), m);
  };
  await answer('subscribe');
  await w.live();
  const asked = [];
  w.page.on('dialog', (dialog) => { asked.push(dialog.type()); dialog.dismiss(); });
  /** Whether going elsewhere asks; whoever is asked stays. */
  const leaves = async () => {
    const before = asked.length;
    const dialog = w.page.waitForEvent('dialog', { timeout: 0 }).catch(() => {}); // the page may close first
    await w.page.evaluate(() => { location.href = '/plain.txt'; });
    await Promise.race([w.page.waitForURL('**/plain.txt'), dialog]);
    return asked.length === before;
  };
  await w.page.click('li button');
  assert.equal(await leaves(), false);
  assert.deepEqual(asked, ['beforeunload']);
  await w.page.evaluate(() => { document.body.setAttribute('data-dew-leave', ''); });
  assert.equal(await leaves(), true);

  await w.page.goto(`${server.url}/board/b1`);
  await answer('subscribe');
  await w.live();
  await w.page.fill('[name=title]', 'x');
  await w.page.click('#add button');
  await answer('call');
  await w.until(() => document.querySelector('[name=title]').value === '');
  assert.equal(await leaves(), true);
  assert.deepEqual(asked, ['beforeunload']);
  await w.close();
  server.stop();
});

test('a query that is refused after a reconnect: what shows stays, and is current again when that has passed', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1');
  await w.live();
  server.failing = { code: 'TIMEOUT', message: 'too slow' };
  server.boards.b1 = [task(7, 'one'), task(8, 'new')];
  await w.seen.sockets[0].close({ code: 1012 });
  while (w.sent('subscribe').length < 2) await w.page.waitForTimeout(5);
  await w.live();
  assert.deepEqual(await w.titles(), ['one']);
  server.failing = null;
  await w.until(() => document.querySelectorAll('li').length === 2);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
  server.stop();
});

test('a query that a view begins to use is subscribed, and let go when it is used no more', async () => {
  const server = await startServer({ b1: [task(1, 'one')], extra: [task(1, 'x'), task(2, 'y')] });
  const w = await open(server, '/board/b1');
  await w.live();
  await w.page.click('#extra-on');
  await w.until(() => document.querySelector('#extra')?.textContent === '2 more');
  assert.deepEqual(w.sent('subscribe').map((m) => m.args.board_id), ['b1', 'extra']);
  await w.page.click('#extra-off');
  await w.until(() => !document.querySelector('#extra'));
  await w.close();
  server.stop();
});

test('a trap starts the program anew, with a word; what shows is alive again', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1');
  await w.live();
  const second = [task(7, 'one'), task(8, 'two')];
  w.say(frame(1, 2, 'b1', { value: second, hash: hash(second) }));
  await w.until(() => document.querySelectorAll('li').length === 2);
  await w.page.click('#trap');
  await w.page.waitForSelector('#dew-notices >> text=started anew');
  await w.until(() => document.querySelectorAll('li').length === 2);
  await w.page.click('li button');
  while (!w.sent('call').length) await w.page.waitForTimeout(5);
  const third = [task(9, 'nine')];
  w.say(frame(2, 3, 'b1', { value: third, hash: hash(third) }));
  await w.until(() => document.querySelector('li span').textContent === 'nine');
  assert.equal(w.seen.sockets.length, 1);
  await w.close();
  server.stop();
});

test('a page that keeps trapping is loaded anew once, and then left as the server sent it', async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1');
  await w.live();
  server.boards.b1 = [task(7, 'one'), task(8, 'trap')];
  w.say(frame(1, 2, 'b1', { value: server.boards.b1, hash: hash(server.boards.b1) }));
  await w.page.waitForSelector('#dew-notices >> text=has stopped');
  assert.equal(server.fetched.filter((f) => f === 'GET /board/b1').length, 2);
  await w.close();
  server.stop();
});

test('another build at the socket loads the page anew', { timeout: 30_000 }, async () => {
  const server = await startServer({ b1: [task(7, 'one')] });
  const w = await open(server, '/board/b1', { answer: false });
  while (w.sent('subscribe').length < 1) await w.page.waitForTimeout(5);
  w.seen.sockets[0].close({ code: 4409 }).catch(() => {}); // answered by a page that may be gone by then
  // until the new page speaks: Chromium never ends the closing of a context whose page is just being replaced
  while (w.sent('subscribe').length < 2) await new Promise((resume) => setTimeout(resume, 5));
  assert.deepEqual(w.seen.messages.map((m) => m.type), ['connect', 'subscribe', 'connect', 'subscribe']);
  assert.equal(server.fetched.filter((f) => f === 'GET /board/b1').length, 2);
  await w.close();
  server.stop();
});

test('navigation that could not be fetched: the next connection asks for it by another address', async () => {
  const server = await startServer({ b1: [task(1, 'one')], 'b/2 ä': [task(2, 'two')] });
  server.refused.add('/host.later.js');
  const w = await open(server, '/board/b1');
  const asked = () => server.fetched.filter((line) => line.includes('later.js'));
  const isLive = () => w.until(() => document.documentElement.dew === 'live');
  await isLive();
  const [warned] = w.seen.errors.length > 1 ? [true] : [await w.page.waitForEvent('console', (message) => message.text().includes('dynamically imported'))];
  assert.ok(warned);
  assert.deepEqual(asked(), ['GET /host.later.js']);
  await w.page.evaluate(() => { window.marked = true; });
  await w.seen.sockets[0].close({ code: 1012 });
  await w.until(() => history.scrollRestoration === 'manual'); // navigation has begun
  assert.deepEqual(asked(), ['GET /host.later.js', 'GET /host.later.js?'], 'browsers may keep that a module could not be fetched');
  await w.page.click('text=Two');
  await w.until(() => document.querySelector('li span')?.textContent === 'two');
  assert.equal(await w.page.evaluate(() => window.marked), true);
  await w.close();
  server.stop();
});
