// client/late.js: what comes after the page, beside what the connection says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueries } from '../../client/queries.js';

/** Script elements that the document has so far. @type {object[]} */
let elements = [];
const listeners = new Map();
globalThis.document = {
  readyState: 'loading', body: {},
  querySelectorAll: () => elements,
  addEventListener: (name, listener) => listeners.set(name, listener),
  dispatchEvent() {},
};
globalThis.MutationObserver = class { observe() {} disconnect() {} };
const { takeLate } = await import('../../client/late.js');

/** A page that shows tasks of "b1", which are to come late, connected. */
function start() {
  elements = [];
  document.readyState = 'loading';
  const world = { sent: [], followed: [], timers: [] };
  const queries = createQueries({
    send: (message) => world.sent.push(message),
    changed() {}, tell() {},
    follow: (location) => world.followed.push(location),
    clock: { now: () => 1000, set: (run, ms) => world.timers.push({ run, ms }), clear() {} },
    random: () => 1,
  });
  const args = { board: 'b1' };
  const state = { location: '/', commit: '12', epoch: 'e1', queries: [], late: [{ fn: 'tasks', args }] };
  const pass = () => {
    queries.beginPass();
    const entry = queries.use('tasks', JSON.stringify(args), 'id');
    queries.endPass();
    return entry;
  };
  queries.load(state);
  pass();
  takeLate({ state, queries, schedule: pass, follow: (location) => world.followed.push(location) });
  const open = (epoch = 'e1') => {
    queries.opened();
    queries.received({ type: 'connected', protocol: 1, commit: '12', epoch });
  };
  open();
  assert.deepEqual(world.sent, []); // it is held
  const come = (token) => {
    elements.push({ nextSibling: {}, textContent: JSON.stringify({ fn: 'tasks', args, ...token }) });
    listeners.get('DOMContentLoaded')();
  };
  /** The document is whole, so that nothing of it waits. */
  const end = () => {
    document.readyState = 'complete';
    listeners.get('DOMContentLoaded')();
  };
  return Object.assign(world, { queries, entry: pass(), open, come, end });
}

test('a late failure that passes is asked for again after a while, another is not', () => {
  for (const code of ['TIMEOUT', 'BUSY', 'INTERNAL']) {
    const { sent, timers, entry, come, end } = start();
    come({ error: { code, message: 'not now' } });
    assert.equal(entry.error.code, code);
    assert.deepEqual(sent, []);
    assert.equal(timers.length, 1);
    timers[0].run();
    assert.deepEqual(sent.map(({ type, fn }) => `${type} ${fn}`), ['subscribe tasks']);
    end();
  }
  const { sent, timers, entry, come, end } = start();
  come({ error: { code: 'NOT_FOUND', message: 'no board' } });
  end();
  assert.equal(entry.error.message, 'no board');
  assert.deepEqual([sent, timers], [[], []]);
});

test('a late redirect is followed once', () => {
  const { followed, sent, timers, come, end } = start();
  come({ error: { code: 'REDIRECT', message: 'see /login', location: '/login' } });
  end();
  assert.deepEqual(followed, ['/login']);
  assert.deepEqual([sent, timers], [[], []]);
});

test('what another server has said since is not taken back by the answer that still flows', () => {
  const { queries, sent, entry, open, come, end } = start();
  queries.closed();
  open('e2'); // nobody knows how long the document takes: it is asked for
  const { id } = sent.at(-1);
  queries.received({ type: 'subscribed', id, query: '1', status: 'value', at: ['3', '0'], value: [{ id: '1' }], hash: 'h' });
  sent.length = 0;
  come({ at: ['15', '0'], hash: 'old', value: [] });
  assert.deepEqual(entry.value, [{ id: '1' }]);
  assert.deepEqual(sent, []);
  end();
});
