// client/hooks.js, places.js, prefetch.js: what is loaded ahead and for how long it counts, where the history is, and who is told
// of a navigation. In a browser: tests/browser/{policies,history,navigation}.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHooks } from '../../client/hooks.js';
import { createPlaces } from '../../client/places.js';
import { createQueries } from '../../client/queries.js';
import { historyWindow, siteOf } from './lib/site.mjs';

globalThis.document ??= { baseURI: 'http://x/' };
const { createPrefetch } = await import('../../client/prefetch.js');
const { POLICY } = await import('../../client/site.js');

const settle = () => new Promise((resolve) => setImmediate(resolve)); // after all that was queued before

/* ---- hooks ---- */

test('a navigation that is over is not ended a second time', async () => {
  const steps = [];
  const verdicts = [2, 2, 0]; // wait, wait, go
  const life = { safe: { dew_travel() {} }, flush() {} };
  const prefetch = { run: (name, path, step) => { steps.push(step); return { result: step === 0 ? verdicts.shift() : 0 }; } };
  const hooks = createHooks({ window: {}, life }, prefetch);
  const navigation = new AbortController();
  const answer = hooks.ask('/b', navigation.signal);
  for (let i = 0; i < 2; i++) {
    await settle();
    hooks.changed();
  }
  assert.equal(await answer, true);
  navigation.abort();
  assert.deepEqual(steps, [0, 0, 0]);
});

test('one that waits is ended once, and told at once', async () => {
  const steps = [];
  const life = { safe: { dew_travel() {} }, flush() {} };
  const prefetch = { run: (name, path, step) => { steps.push(step); return { result: step === 0 ? 2 : 0 }; } };
  const hooks = createHooks({ window: {}, life }, prefetch);
  const navigation = new AbortController();
  const answer = hooks.ask('/b', navigation.signal);
  await settle();
  navigation.abort();
  assert.deepEqual(steps, [0, 1]);
  assert.equal(await answer, false);
});

/* ---- places ---- */

test('the history moves, the page does not: its place stays under its own entry', () => {
  const window = historyWindow();
  const places = createPlaces(window);
  places.enter('/b', false);
  places.enter('/c', false);
  window.scrollY = 700;
  for (const moved of [-1, -2]) {
    window.move(-1);
    places.keep(); // as on popstate
    assert.equal(places.moved(), moved);
  }
  window.move(2); // refused
  assert.equal(places.moved(), 0);
  assert.equal(places.here.y, 700);
  window.move(-1);
  window.scrollY = 0;
  places.arrived();
  assert.deepEqual([places.moved(), places.here], [0, undefined]);
});

test('a new entry that the browser made has no place of one that is gone', () => {
  const window = historyWindow();
  const places = createPlaces(window);
  places.enter('/b', false);
  window.scrollY = 700;
  places.keep();
  window.move(-1);
  places.arrived();
  window.history.pushState(null, '', '/#low'); // a link within the page
  assert.equal(places.moved(), 1);
  places.arrived();
  assert.equal(places.here, undefined);
});

test('to another address in the place of the entry that the history is at', () => {
  const window = historyWindow();
  const places = createPlaces(window);
  places.enter('/b', false);
  window.move(-1);
  places.enter('/login', true);
  assert.deepEqual(window.entries.map(({ url, state }) => [url, state.dew]), [['/login', 0], ['/b', 1]]);
  assert.equal(places.moved(), 0);
});

/* ---- what is loaded ahead ---- */

/** A program with these pages, whose hooks ask for `asks`; answers to its requests are the test's. */
function start(pages, asks = []) {
  const world = { requests: [], followed: [], sent: [], now: 1000, listeners: {} };
  const queries = createQueries({
    send: (message) => world.sent.push(message), tell() {}, follow: (to) => world.followed.push(to),
    changed: () => world.prefetch.changed(), // what shows is rendered, as by main.js
    clock: { now: () => world.now, set() {}, clear() {} },
  });
  const safe = {
    ...siteOf(pages),
    dew_text_in: () => 60_000,
    dew_warm: () => asks.map((fn) => queries.use(fn, '{}', '')).filter(({ value, error }) => value === undefined && !error).length,
  };
  const window = {
    document: { documentElement: { dew: 'live' }, querySelector: () => null },
    performance: { now: () => world.now },
    addEventListener: (name, run) => { (world.listeners[name] ??= []).push(run); },
    fetch: (path, { signal, headers }) => new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      world.requests.push({
        path, headers, signal,
        answer: (state) => resolve({ headers: { get: () => 'application/vnd.dew.state+json' }, json: async () => state }),
      });
    }),
  };
  world.prefetch = createPrefetch({ window, prefix: '', build: 'b', queries, life: { safe } });
  world.queries = queries;
  queries.opened();
  return world;
}

const stateOf = (location, more) => ({ location, build: 'b', status: 200, commit: '1', epoch: 'e', queries: [], ...more });
const visit = (world, path, policy = 0) => world.prefetch.visit(path, policy, new AbortController().signal, {});
const { STATE, QUERIES } = POLICY;

test('a query that leads elsewhere, loaded ahead: so does the page; and asked for anew the next time', async () => {
  const world = start([['/admin', QUERIES]], ['me']);
  for (const id of [1, 2]) {
    const visited = visit(world, '/admin');
    await settle();
    world.queries.received({ type: 'subscribed', id, error: { code: 'REDIRECT', message: '303 /login', location: '/login' } });
    assert.equal((await visited).state.redirect, '/login');
  }
  assert.deepEqual(world.followed, []);
  const visited = visit(world, '/admin'); // signed in meanwhile
  await settle();
  world.queries.received({ type: 'subscribed', id: 3, query: '7', status: 'value', at: ['1', '1'], value: 'Ann', hash: 'h' });
  assert.equal((await visited).state.redirect, undefined);
});

test('what a hover brought counts; a redirect and a failure do not', async () => {
  const world = start([['/a', STATE]]);
  const hover = async (state) => {
    world.prefetch.hover('/a', STATE);
    world.requests.at(-1).answer(state);
    await settle();
    return world.requests.length;
  };
  assert.equal(await hover({ redirect: '/login', status: 303 }), 1);
  assert.equal(await hover(stateOf('/a', { status: 404, error: { code: 'NOT_FOUND', message: '' } })), 2);
  assert.equal(await hover(stateOf('/a', { status: 500 })), 3);
  assert.equal(await hover(stateOf('/a')), 4);
  assert.equal((await visit(world, '/a')).state.status, 200);
  assert.equal(world.requests.length, 4);
  assert.ok(world.requests.every(({ headers }) => headers['dew-prefetch']));
});

test('a failed query of a hover is asked for anew by the navigation', async () => {
  const world = start([['/a', QUERIES]], ['me']);
  world.prefetch.hover('/a', QUERIES);
  await settle();
  world.queries.received({ type: 'subscribed', id: 1, error: { code: 'FORBIDDEN', message: 'no' } });
  await settle();
  const visited = visit(world, '/a');
  await settle();
  world.queries.received({ type: 'subscribed', id: 2, query: '7', status: 'value', at: ['1', '1'], value: 'Ann', hash: 'h' });
  assert.equal((await visited).state.status, 200);
});

for (const [what, happens] of Object.entries({
  'something was done': (world) => world.prefetch.drop(),
  'the connection was lost': (world) => world.listeners['dew:offline'].forEach((run) => run()),
}))
  test(`nothing of what was loaded ahead counts once ${what}`, async () => {
    const world = start([['/a', STATE], ['/b', STATE]]);
    world.prefetch.hover('/a', STATE);
    world.requests[0].answer(stateOf('/a', { user: 'before' }));
    await settle();
    world.prefetch.hover('/b', STATE);
    happens(world);
    assert.ok(world.requests[1].signal.aborted);
    const visited = visit(world, '/a');
    await settle();
    world.requests[2].answer(stateOf('/a', { user: 'after' }));
    assert.equal((await visited).state.user, 'after');
  });

test('of many hovers the oldest ends', () => {
  const world = start(Array.from({ length: 21 }, (_, i) => [`/${i}`, STATE]));
  for (let i = 0; i < 21; i++) world.prefetch.hover(`/${i}`, STATE);
  assert.deepEqual(world.requests.map(({ signal }) => signal.aborted), [true, ...Array(20).fill(false)]);
});

test('a navigation that took a hover over goes on when that ends', async () => {
  const world = start([['/a', STATE]]);
  world.prefetch.hover('/a', STATE);
  const visited = visit(world, '/a');
  world.prefetch.drop();
  await settle();
  world.requests[1].answer(stateOf('/a', { user: 'after' }));
  assert.equal((await visited).state.user, 'after');
});

test('the state of a page that is on its way leaves the address of the one that shows', async () => {
  const world = start([['/a', STATE], ['/b', 0]], ['me']);
  world.queries.load(stateOf('/a'));
  const visited = visit(world, '/b');
  await settle();
  world.requests[0].answer(stateOf('/b', { queries: [{ fn: 'me', args: {}, at: ['1', '1'], hash: 'h', value: 'Ann' }] }));
  await visited;
  assert.equal(world.queries.place, '/a');
  assert.deepEqual(world.sent.map(({ location }) => location), ['/b']); // of me, for what comes
});

test('what is no page is nobody\'s to load', async () => {
  const world = start([['/a', STATE]]);
  await assert.rejects(visit(world, '/logout'), /not a page/);
  assert.deepEqual(world.requests, []);
});
