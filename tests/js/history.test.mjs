// client/navigation.js: address, history and page when navigations overtake each other, are refused or given up. In a browser:
// tests/browser/history.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyWindow, siteOf } from './lib/site.mjs';

globalThis.document = { baseURI: 'http://x/' };
globalThis.Element = globalThis.HTMLElement = class {};
const { startNavigation } = await import('../../client/navigation.js');
const { createQueries } = await import('../../client/queries.js');
const { POLICY } = await import('../../client/site.js');

const settle = async () => { for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve)); };

/** A document at "/" of a site with pages /, /a, /b, /c that are shown by their state; answers are the test's unless `free`. */
function start() {
  const window = historyWindow();
  const world = { window, shows: '/', free: true, held: [], loaded: [], verdict: 0, steps: [] };
  const location = {
    get href() { return `http://x${window.url()}`; },
    get pathname() { return new URL(this.href).pathname; },
    get search() { return new URL(this.href).search; },
    get hash() { return new URL(this.href).hash; },
    origin: 'http://x',
    assign: (url) => world.loaded.push(String(url)),
    replace: (url) => world.loaded.push(`replace ${url}`),
    reload: () => world.loaded.push('reload'),
  };
  const document = {
    get baseURI() { return globalThis.document.baseURI; },
    title: '', activeElement: null, documentElement: { dew: 'live' }, body: { append() {} },
    addEventListener() {}, querySelector: () => null, createElement: () => ({ setAttribute() {}, style: {} }),
  };
  Object.assign(window, {
    location, performance, setTimeout, clearTimeout, navigator: { onLine: true }, scrollTo() {}, matchMedia: () => ({}),
    fetch(path, { signal }) {
      const answer = { headers: { get: () => 'application/vnd.dew.state+json' }, json: async () => ({ location: path, build: 'b', status: 200, commit: '1', epoch: 'e', queries: [] }) };
      if (world.free) return Promise.resolve(answer);
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        world.held.push({ path, signal, go: () => resolve(answer) });
      });
    },
    document,
  });
  const queries = createQueries({ send() {}, changed() {}, tell() {}, follow() {}, clock: { now: () => 1, set() {}, clear() {} } });
  const life = {
    safe: {
      ...siteOf(['/', '/a', '/b', '/c'].map((path) => [path, POLICY.STATE, false])),
      dew_text_in: () => 60_000,
      dew_travel: (at, len, step) => { world.steps.push(step); return step === 0 ? world.verdict : 0; },
    },
    flush() {},
    navigate: ({ location: to }) => { world.shows = to; return true; },
  };
  world.navigation = startNavigation({ window, prefix: '', tab: '1', build: 'b', queries, life, announce() {}, tell() {} });
  world.to = async (path) => { world.navigation.follow(path); await settle(); };
  world.back = async (by = -1) => { window.history.go(by); await settle(); };
  world.stands = () => [world.shows, window.url()];
  return world;
}

/** Gone to /a, then /b. */
async function started() {
  const world = start();
  await world.to('/a');
  await world.to('/b');
  assert.deepEqual(world.stands(), ['/b', '/b']);
  return world;
}

test('two quick ways back: the page is the one that the address says', async () => {
  const world = await started();
  world.free = false;
  await world.back();
  await world.back();
  assert.ok(world.held[0].signal.aborted);
  world.held[1].go();
  await settle();
  assert.deepEqual(world.stands(), ['/', '/']);
  world.free = true;
  await world.back(2);
  assert.deepEqual(world.stands(), ['/b', '/b']);
});

for (const [what, by] of [['one way back', [-1]], ['two ways back', [-1, -1]]])
  test(`${what} while the page waits, then refused: the address is the page's again`, async () => {
    const world = await started();
    world.verdict = 2;
    for (const step of by) await world.back(step);
    assert.equal(world.shows, '/b');
    world.verdict = 1;
    world.navigation.rendered();
    await settle();
    assert.deepEqual(world.stands(), ['/b', '/b']);
    world.verdict = 0;
    await world.back();
    assert.deepEqual(world.stands(), ['/a', '/a']);
  });

test('back and forward again before the page came: it is given up', async () => {
  const world = await started();
  world.free = false;
  await world.back();
  await world.back(1);
  assert.ok(world.held[0].signal.aborted);
  assert.deepEqual(world.stands(), ['/b', '/b']);
  assert.deepEqual(world.loaded, []);
});

test('a link that overtakes a way back leads on from the page that shows', async () => {
  const world = await started();
  world.free = false;
  await world.back();
  world.free = true;
  await world.to('/c');
  assert.deepEqual(world.stands(), ['/c', '/c']);
  assert.deepEqual(world.window.entries.map(({ url }) => url), ['/', '/a', '/b', '/c']);
});

test('a document that is left gives up what was under way; kept, it goes on to where its address is', async () => {
  const world = await started();
  world.free = false;
  await world.back();
  world.window.dispatchEvent(new Event('pagehide'));
  await settle();
  assert.ok(world.held[0].signal.aborted);
  assert.deepEqual(world.loaded, []);
  world.free = true;
  world.window.dispatchEvent(new Event('pageshow'));
  await settle();
  assert.deepEqual(world.stands(), ['/a', '/a']);
});

test('a page that has been shown hears no end of its navigation', async () => {
  const world = start();
  world.verdict = 2;
  world.navigation.follow('/a');
  await settle();
  world.verdict = 0;
  world.navigation.rendered();
  await settle();
  assert.deepEqual(world.stands(), ['/a', '/a']);
  world.steps.length = 0;
  await world.to('/b');
  assert.ok(!world.steps.includes(1), String(world.steps));
});

test('where a handler leads', async (t) => {
  const said = t.mock.method(console, 'error', () => {});
  const world = await started();
  for (const to of ['javascript:alert(1)', ' java\nscript:alert(1)', 'data:text/html,x']) await world.to(to);
  assert.equal(said.mock.callCount(), 3);
  assert.deepEqual([world.loaded, world.stands()], [[], ['/b', '/b']]);
  for (const to of ['//other/a', 'https://other/a', '/logout', 'mailto:a@b']) await world.to(to);
  assert.deepEqual(world.loaded, ['http://other/a', 'https://other/a', 'http://x/logout', 'mailto:a@b']);
  globalThis.document.baseURI = 'http://x/b';
  await world.to('?sort=name');
  assert.deepEqual(world.stands(), ['/b?sort=name', '/b?sort=name']);
});
