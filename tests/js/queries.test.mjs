// client/queries.js: from the page's state, through frames, reconnects and repairs, to the end of a query's grace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOf, xxh32 } from '../../client/hash.js';
import { islandAt, notHere } from '../../client/island_lives.js';
import { createQueries, patchList } from '../../client/queries.js';

const a = { id: '1', title: 'a' };
const b = { id: '2', title: 'b' };
const c = { id: '3', title: 'c' };
const hash = (value) => hashOf(JSON.stringify(value));
const ARGS = '{"board":"b1"}';

function start({ random } = {}) {
  const world = { sent: [], changes: 0, gone: [], now: 1000, timers: [], told: [], followed: [] };
  const queries = createQueries({
    send: (message) => world.sent.push(JSON.parse(JSON.stringify(message))),
    changed: () => { world.changes += 1; },
    forgotten: (entry) => world.gone.push(entry.args),
    tell: (message) => world.told.push(message),
    follow: (location) => world.followed.push(location),
    clock: { now: () => world.now, set: (run, ms) => world.timers.push({ run, ms }), clear() {} },
    random: random ?? (() => 1),
  });
  /** One render pass that asks for the tasks of a board (null: for nothing): titles, or what stands in their place. */
  const pass = (args = ARGS) => {
    queries.beginPass();
    const entry = args && queries.use('tasks', args, 'id');
    queries.endPass();
    if (!entry) return null;
    if (entry.error && entry.value === undefined) return entry.error.message;
    return entry.value && entry.value.map((item) => item.title).join('');
  };
  const changed = (message) => {
    const before = world.changes;
    queries.received(message);
    return world.changes > before;
  };
  return Object.assign(world, { queries, pass, changed });
}

const state = (at, value = [a, b]) => ({ commit: at[0], epoch: 'e1', queries: [{ fn: 'tasks', args: { board: 'b1' }, at, hash: hash(value), value }] });

/** A page with the value of b1 at 12, subscribed as id 1 under the server's name 41. */
function livePage() {
  const world = start();
  world.queries.load(state(['12', '0']));
  assert.equal(world.pass(), 'ab');
  world.queries.opened();
  world.queries.received({ type: 'connected', protocol: 1, commit: '12', epoch: 'e1' });
  world.queries.received({ type: 'subscribed', id: 1, query: '41', status: 'current', at: ['12', '0'] });
  world.sent.length = 0;
  return world;
}

const frame = (from, to, step, rest = {}) => ({
  type: 'frame', to, changes: [{ query: '41', from: [from, '0'], to: [to, '0'], ...step, ...rest }],
});

test('xxh32 gives the published values', () => {
  const bytes = (text) => new TextEncoder().encode(text);
  assert.equal(xxh32(bytes(''), 0), 0x02cc5d05);
  assert.equal(xxh32(bytes(''), 1), 0x0b2cb792);
  assert.equal(xxh32(bytes('a'), 0), 0x550d7456);
  assert.equal(xxh32(bytes('abc'), 0), 0x32d153ff);
  assert.equal(xxh32(bytes('Nobody inspects the spammish repetition'), 0), 0xe2293b2f);
});

const at = (location, value, rest = {}) => {
  const page = state(['12', '0'], value);
  return { ...page, location, status: 200, ...rest, queries: page.queries.map((token) => ({ ...token, ...rest.token })) };
};

test('a subscription says which page shows', () => {
  const { queries, pass, sent } = start();
  queries.load(at('/board/b1?rows=5', [a]));
  pass();
  queries.opened();
  assert.equal(sent[0].location, '/board/b1?rows=5');
  assert.equal(queries.place, '/board/b1?rows=5');
  queries.load(at('/nowhere', [a], { status: 404, error: { code: 'NOT_FOUND', message: 'no page' } }));
  queries.closed();
  queries.opened();
  assert.equal(sent[1].location, undefined);
});

test('what is right at one address alone is not kept for another', () => {
  const token = { located: true };
  const { queries, pass, sent } = start();
  queries.load(at('/board/b1?rows=1', [a], { token }));
  assert.equal(pass(), 'a');
  queries.opened();
  queries.load(at('/board/b1?rows=2', [a, b], { token })); // at the same position
  assert.equal(pass(), 'ab');
  assert.deepEqual(sent.map((m) => [m.type, m.location]), [['subscribe', '/board/b1?rows=1'], ['unsubscribe', undefined], ['subscribe', '/board/b1?rows=2']]);
  queries.load(at('/board/b1?rows=2', [c], { token })); // the same place: what is here stays
  assert.equal(pass(), 'ab');
  queries.load(at('/board/b1?rows=3', [c])); // right everywhere
  assert.equal(pass(), 'ab');
  assert.equal(sent.length, 3);
});

test('a seed shows until the server says more, and is asked for whole', () => {
  const { queries, pass, sent, changed } = start();
  queries.seed('tasks', ARGS, 'id', [c], true);
  assert.equal(pass(), 'c');
  queries.opened();
  assert.deepEqual(sent, [{ type: 'subscribe', id: 1, fn: 'tasks', args: { board: 'b1' } }]); // have: left out
  assert.equal(changed({ type: 'subscribed', id: 1, query: '41', status: 'value', at: ['15', '0'], value: [a, b], hash: hash([a, b]) }), true);
  assert.equal(pass(), 'ab');
});

test('a page knows better than a seed', () => {
  const { queries, pass } = start();
  queries.seed('tasks', ARGS, 'id', [c], true);
  queries.load(state(['12', '0']));
  assert.equal(pass(), 'ab');
});

test('a hook leaves what is there, a handler does not; changes do not lead on from it', () => {
  const world = livePage();
  const { queries, pass, sent, changed } = world;
  queries.seed('tasks', ARGS, 'id', [c], true);
  assert.equal(pass(), 'ab');
  queries.seed('tasks', ARGS, 'id', [a, b, c], false);
  assert.equal(pass(), 'abc');
  assert.equal(changed(frame('12', '13', { ops: { del: ['1'] }, hash: hash([b]) })), false);
  assert.deepEqual(sent.map(({ type, have }) => [type, have]), [['unsubscribe', undefined], ['subscribe', undefined]]);
  changed({ type: 'subscribed', id: 2, query: '41', status: 'value', at: ['13', '0'], value: [b], hash: hash([b]) });
  assert.equal(pass(), 'b');
});

test('what is seeded and not used goes as everything does', () => {
  const world = start();
  world.queries.seed('tasks', ARGS, 'id', [c], true);
  world.queries.beginPass();
  world.queries.endPass();
  world.now += 10_000;
  world.queries.sweep();
  assert.deepEqual(world.gone, [ARGS]);
});

test('the value of the page is there at once, and subscribed from its position', () => {
  const { queries, pass, sent, changed } = start();
  queries.load(state(['12', '0']));
  assert.equal(pass(), 'ab');
  assert.deepEqual(sent, []);
  queries.opened();
  assert.deepEqual(sent, [{ type: 'subscribe', id: 1, fn: 'tasks', args: { board: 'b1' }, have: { at: ['12', '0'], epoch: 'e1', hash: hash([a, b]) } }]);
  assert.equal(queries.unanswered, 1);
  assert.equal(changed({ type: 'subscribed', id: 1, query: '41', status: 'current', at: ['15', '0'] }), false);
  assert.equal(queries.unanswered, 0);
});

test('a value of the page that no view uses is not subscribed', () => {
  const { queries, pass, sent } = start();
  queries.load(state(['12', '0']));
  pass(null);
  queries.opened();
  assert.deepEqual(sent, []);
});

test('a new query waits, and is subscribed after the pass', () => {
  const { queries, pass, sent, changed } = start();
  queries.opened();
  assert.equal(pass(), undefined);
  assert.deepEqual(sent, [{ type: 'subscribe', id: 1, fn: 'tasks', args: { board: 'b1' } }]);
  pass();
  assert.equal(sent.length, 1);
  assert.equal(changed({ type: 'subscribed', id: 1, query: '41', status: 'value', at: ['15', '0'], hash: hash([a]), value: [a] }), true);
  assert.equal(pass(), 'a');
});

test('frames move the value, by steps and whole', () => {
  const { pass, sent, changed } = livePage();
  assert.equal(changed(frame('12', '16', { ops: { put: [[2, c]] }, hash: hash([a, b, c]) })), true);
  assert.equal(pass(), 'abc');
  assert.equal(changed(frame('16', '17', { value: [b], hash: hash([b]) })), true);
  assert.equal(pass(), 'b');
  assert.deepEqual(sent, []);
});

test('a change that is known already, or of another query, is dropped', () => {
  const { pass, sent, changed } = livePage();
  assert.equal(changed(frame('10', '12', { value: [], hash: hash([]) })), false);
  assert.equal(changed(frame('10', '16', { value: [], hash: hash([]) }, { query: '99' })), false);
  assert.equal(pass(), 'ab');
  assert.deepEqual(sent, []);
});

test('positions are numbers: 9 comes before 10', () => {
  const { changed, queries } = livePage();
  assert.equal(changed(frame('9', '100', { value: [], hash: hash([]) })), true);
  assert.equal(changed(frame('12', '99', { value: [a], hash: hash([a]) })), false);
  assert.deepEqual([...queries.entries.values()][0].at, ['100', '0']);
});

test('a wrong hash repairs that query alone; what shows stays', () => {
  const { pass, sent, changed } = livePage();
  assert.equal(changed(frame('12', '16', { ops: { del: ['1'] }, hash: 'ffffffffffffffff' })), false);
  assert.equal(pass(), 'ab');
  assert.deepEqual(sent, [{ type: 'unsubscribe', id: 1 }, { type: 'subscribe', id: 2, fn: 'tasks', args: { board: 'b1' } }]);
  // what was under way for the old subscription means nothing any more
  assert.equal(changed(frame('16', '17', { value: [], hash: hash([]) })), false);
  assert.equal(changed({ type: 'subscribed', id: 1, query: '41', status: 'value', at: ['17', '0'], value: [] }), false);
  assert.equal(changed({ type: 'subscribed', id: 2, query: '41', status: 'value', at: ['17', '0'], hash: hash([c]), value: [c] }), true);
  assert.equal(pass(), 'c');
});

test('a gap is repaired', () => {
  const { sent, changed } = livePage();
  assert.equal(changed(frame('14', '16', { ops: {}, hash: hash([a, b]) })), false);
  assert.equal(sent.length, 2);
});

test('a frame without changes moves the position', () => {
  const { queries, sent } = livePage();
  queries.received({ type: 'frame', to: '19' });
  queries.closed();
  queries.opened();
  assert.deepEqual(sent[0].have.at, ['19', '0']);
});

test('a reconnect resumes by the kept frames', () => {
  const { queries, pass, sent, changed } = livePage();
  queries.closed();
  assert.equal(pass(), 'ab');
  queries.opened();
  assert.deepEqual(sent.map((m) => [m.type, m.id, m.have.at]), [['subscribe', 2, ['12', '0']]]);
  queries.received({ type: 'connected', protocol: 1, epoch: 'e2' });
  assert.equal(changed({ type: 'subscribed', id: 2, query: '7', status: 'changes', at: ['3', '5'] }), false);
  const changes = [{ query: '7', from: ['3', '5'], to: ['16', '5'], ops: { put: [[2, c]] }, hash: hash([a, b, c]) }];
  assert.equal(changed({ type: 'frame', to: '20', changes }), true);
  assert.equal(pass(), 'abc');
  queries.closed();
  queries.opened();
  assert.deepEqual(sent[1].have, { at: ['20', '5'], epoch: 'e2', hash: hash([a, b, c]) });
});

test('a second answer gives the query another name', () => {
  const { queries, pass, changed } = livePage();
  queries.received({ type: 'subscribed', id: 1, query: '77', status: 'current', at: ['13', '0'] });
  assert.equal(changed(frame('12', '14', { value: [c] }, { hash: hash([c]) })), false); // of the old one
  assert.equal(changed({ type: 'frame', to: '15', changes: [{ query: '77', from: ['12', '0'], to: ['15', '0'], value: [c], hash: hash([c]) }] }), true);
  assert.equal(pass(), 'c');
});

test('a refused query without a value fails, and is tried again on the next connection only', () => {
  const { queries, pass, sent, changed, timers } = start();
  queries.opened();
  pass();
  assert.equal(changed({ type: 'subscribed', id: 1, error: { code: 'DENIED', message: 'not yours' } }), true);
  assert.equal(pass(), 'not yours');
  assert.equal(sent.length, 1);
  assert.deepEqual(timers, []);
  queries.closed();
  queries.opened();
  assert.equal(sent.length, 2);
  assert.equal(pass(), 'not yours'); // until the answer is there
  assert.equal(changed({ type: 'subscribed', id: 2, error: { code: 'DENIED', message: 'not yours' } }), false); // which shows already
});

test('what passes is tried again after a while, longer each time, until it is there', () => {
  const { queries, pass, sent, changed, timers } = start();
  queries.opened();
  pass();
  for (let id = 1; id <= 3; id++) {
    queries.received({ type: 'subscribed', id, error: { code: 'TIMEOUT', message: 'too slow' } });
    assert.equal(pass(), 'too slow');
    assert.equal(sent.length, id);
    timers.at(-1).run();
    assert.equal(sent.at(-1).id, id + 1);
    assert.equal(pass(), 'too slow');
  }
  assert.ok(timers[0].ms < timers[1].ms && timers[1].ms < timers[2].ms);
  assert.equal(changed({ type: 'subscribed', id: 4, query: '41', status: 'value', at: ['15', '0'], hash: hash([a]), value: [a] }), true);
  assert.equal(pass(), 'a');
  assert.equal(sent.length, 4);
});

test('of the codes, the faults of a server that may be over in a while pass, and no others', () => {
  const passing = ['TIMEOUT', 'LOADER_TIMEOUT', 'BUSY', 'IO', 'INTERNAL', 'NOMEM', 'FULL', 'CLOSED'];
  const others = ['LIMIT', 'INVALID', 'NOT_FOUND', 'UNAUTHENTICATED', 'DENIED', 'SCHEMA', 'REDIRECT', 'UNSUPPORTED', 'METHOD'];
  for (const code of [...passing, ...others]) {
    const { queries, pass, sent, timers } = start();
    queries.opened();
    pass();
    queries.received({ type: 'subscribed', id: 1, error: { code, message: 'no' } });
    timers.at(-1)?.run();
    assert.equal(sent.length, passing.includes(code) ? 2 : 1, code);
  }
});

test('what shows stays when its query is refused after a reconnect, and is current again when that has passed', () => {
  const { queries, pass, sent, changed, timers, told } = livePage();
  queries.closed();
  queries.opened();
  assert.equal(changed({ type: 'subscribed', id: 2, error: { code: 'BUSY', message: 'too much to do' } }), false);
  assert.equal(pass(), 'ab');
  assert.equal(queries.unanswered, 0);
  assert.equal(sent.length, 1);
  timers.at(-1).run();
  assert.deepEqual(sent.map((m) => [m.id, m.have.at]), [[2, ['12', '0']], [3, ['12', '0']]]);
  queries.received({ type: 'subscribed', id: 3, query: '9', status: 'current', at: ['17', '0'] });
  assert.equal(changed({ type: 'frame', to: '18', changes: [{ query: '9', from: ['17', '0'], to: ['18', '0'], value: [c], hash: hash([c]) }] }), true);
  assert.equal(pass(), 'c');
  assert.deepEqual(told, []);
});

test('a refusal that does not pass leaves the value too, and is told', () => {
  const { queries, pass, sent, changed, timers, told } = livePage();
  queries.closed();
  queries.opened();
  assert.equal(changed({ type: 'subscribed', id: 2, error: { code: 'DENIED', message: 'not yours' } }), false);
  assert.equal(pass(), 'ab');
  assert.deepEqual([sent.length, timers.length, told], [1, 0, ['This page is not up to date: not yours']]);
});

test('a try that was left for later is not made on another connection, nor for what is gone', () => {
  const world = livePage();
  const { queries, pass, sent, timers } = world;
  const refuse = (id) => queries.received({ type: 'subscribed', id, error: { code: 'IO', message: 'the disk' } });
  queries.closed();
  queries.opened();
  refuse(2);
  queries.closed();
  timers[0].run();
  queries.opened();
  timers[0].run();
  assert.deepEqual(sent.map((m) => m.id), [2, 3]);
  refuse(3);
  pass(null);
  world.now += 10_000;
  queries.sweep();
  timers[1].run();
  assert.equal(sent.length, 2);
});

test('an error in a frame leaves the value', () => {
  const { queries, pass } = livePage();
  queries.received({ type: 'frame', to: '16', changes: [{ query: '41', error: { code: 'INTERNAL', message: 'oh' } }] });
  assert.equal(pass(), 'ab');
});

test('a query in error does not move with frames: the step that ends it fits where the query was', () => {
  const { queries, pass, changed, sent } = livePage();
  const error = { query: '41', error: { code: 'TIMEOUT', message: 'too slow' } };
  assert.equal(changed({ type: 'frame', to: '16', changes: [error] }), false);
  assert.equal(changed({ type: 'frame', to: '17' }), false);
  assert.equal(changed(frame('12', '16', { ops: { put: [[2, c]] }, hash: hash([a, b, c]) })), true);
  assert.equal(pass(), 'abc');
  queries.received({ type: 'frame', to: '18' });
  queries.closed();
  queries.opened();
  assert.deepEqual(sent.at(-1).have.at, ['18', '0']); // it moves again
});

test('an error ends with a new subscription', () => {
  const { queries, sent } = livePage();
  queries.received({ type: 'frame', to: '16', changes: [{ query: '41', error: { code: 'TIMEOUT', message: 'too slow' } }] });
  queries.closed();
  queries.opened();
  queries.received({ type: 'subscribed', id: 2, query: '9', status: 'current', at: ['17', '0'] });
  queries.received({ type: 'frame', to: '18' });
  queries.closed();
  queries.opened();
  assert.deepEqual(sent.at(-1).have.at, ['18', '0']);
});

test('an unused query is let go after its grace, not before, and not when it is wanted again', () => {
  const world = livePage();
  const { queries, pass, sent, gone } = world;
  world.now = 2000;
  pass(null);
  world.now = 11_999;
  queries.sweep();
  assert.deepEqual(sent, []);
  assert.equal(pass(), 'ab');
  world.now = 12_000;
  queries.sweep();
  assert.deepEqual(sent, []);
  pass(null);
  world.now = 22_000;
  queries.sweep();
  assert.deepEqual(sent, [{ type: 'unsubscribe', id: 1 }]);
  assert.deepEqual(gone, [ARGS]);
  assert.equal(queries.entries.size, 0);
});

test('the state of a navigation replaces what is older, and nothing else', () => {
  const { queries, pass, changed } = livePage();
  changed(frame('12', '16', { value: [a, b, c], hash: hash([a, b, c]) }));
  queries.load(state(['14', '0']));
  assert.equal(pass(), 'abc');
  queries.load(state(['18', '0']));
  assert.equal(pass(), 'ab');
});

test('there are never more entries than the server takes', () => {
  const { queries } = start();
  queries.beginPass();
  for (let i = 0; i < 1000; i++) assert.ok(queries.use('tasks', `{"board":"${i}"}`, 'id'));
  assert.equal(queries.use('tasks', '{"board":"one more"}', 'id'), null);
  queries.beginPass();
  queries.endPass();
  assert.ok(queries.use('tasks', '{"board":"one more"}', 'id')); // the idle make room
});

test('changes of keyed lists: delete, replace in place, insert', () => {
  const B = { id: '2', title: 'B' };
  assert.deepEqual(patchList([a, b, c], 'id', { del: ['1', '9'], put: [[0, B]] }), [B, c]);
  assert.deepEqual(patchList([a, c], 'id', { put: [[1, b]] }), [a, b, c]);
  assert.deepEqual(patchList([a], 'id', { put: [[9, b]] }), [a, b]);
  assert.deepEqual(patchList([a], 'id', {}), [a]);
});

test('a newer page ends the subscriptions of what it replaces: they would lead on from a value that is gone', () => {
  const { queries, pass, sent, changed } = start();
  queries.load(state(['12', '0']));
  pass();
  queries.opened();
  queries.received({ type: 'connected', protocol: 1, commit: '12', epoch: 'e1' });
  queries.load(state(['13', '0'], [a])); // the visitor has gone on to another page
  assert.equal(pass(), 'a');
  assert.deepEqual(sent.slice(1).map(({ type, id, have }) => [type, id, have?.at, have?.hash]),
    [['unsubscribe', 1, undefined, undefined], ['subscribe', 2, ['13', '0'], hash([a])]]);
  // at 14 it was again what it had been at 12
  changed({ type: 'subscribed', id: 1, query: '41', status: 'current', at: ['14', '0'] });
  assert.deepEqual(queries.entries.values().next().value.at, ['13', '0']);
  changed({ type: 'subscribed', id: 2, query: '41', status: 'changes', at: ['13', '0'] });
  assert.ok(changed(frame('13', '14', { value: [a, b], hash: hash([a, b]) })));
  assert.equal(pass(), 'ab');

  // likewise one that is answered: the server has put the steps to 15 and 16 together
  const live = livePage();
  live.queries.load(state(['15', '0'], [a]));
  live.pass();
  assert.deepEqual(live.sent.map(({ type, id, have }) => [type, id, have?.at]), [['unsubscribe', 1, undefined], ['subscribe', 2, ['15', '0']]]);
  assert.ok(!live.changed(frame('12', '16', { ops: { put: [[2, c]] }, hash: hash([a, b, c]) })));
  assert.equal(live.sent.length, 2);
});

test('a page that lacks what came while it was on its way takes nothing back', () => {
  const at = (position, value) => ({ epoch: 'e1', queries: [{ fn: 'tasks', args: { board: 'b1' }, at: position, hash: hash(value), value }] });
  const { queries, pass, changed } = livePage();
  const moment = queries.moment; // the page is asked for
  changed({ type: 'frame', to: '12', changes: [{ query: '41', from: ['12', '0'], to: ['12', '7'], value: [a, b, c], hash: hash([a, b, c]) }] });
  queries.load(at(['15', '6'], [a]), moment); // a later commit, an earlier publish
  assert.equal(pass(), 'abc');
  queries.load(at(['15', '7'], [a, c]), moment);
  assert.equal(pass(), 'ac');
  queries.load(at(['16', '6'], [b]), queries.moment); // asked for afterwards: it lacks nothing, whatever its numbers are
  assert.equal(pass(), 'b');
});

test('an answer of "changes" counts as none until the frame that holds them', () => {
  const { queries, pass, changed } = start();
  queries.load(state(['12', '0']));
  pass();
  queries.opened();
  queries.received({ type: 'connected', protocol: 1, commit: '16', epoch: 'e1' });
  assert.equal(queries.unanswered, 1);
  changed({ type: 'subscribed', id: 1, query: '41', status: 'changes', at: ['12', '0'] });
  assert.equal(queries.unanswered, 1);
  changed(frame('12', '16', { value: [c], hash: hash([c]) }));
  assert.equal(queries.unanswered, 0);
});

test('a refusal that passes is tried again after a time that differs from client to client', () => {
  const waits = [0, 0.5, 0.999].map((fraction) => {
    const world = start({ random: () => fraction });
    world.pass();
    world.queries.opened();
    world.queries.received({ type: 'connected', protocol: 1, commit: '12', epoch: 'e1' });
    world.queries.received({ type: 'subscribed', id: 1, error: { code: 'BUSY', message: 'later' } });
    return world.timers.at(-1).ms;
  });
  assert.deepEqual(waits.map(Math.floor), [250, 375, 499]);
});

test('the cut that is known: of the page, then of the connection and its frames; a later page changes nothing', () => {
  const { queries } = start();
  assert.equal(queries.cut, undefined);
  queries.load(state(['12', '0']));
  assert.deepEqual(queries.cut, { commit: '12', epoch: 'e1' });
  queries.received({ type: 'connected', protocol: 1, commit: '14', epoch: 'e2' });
  queries.received({ type: 'frame', to: '15' });
  queries.load(state(['20', '0']));
  assert.deepEqual(queries.cut, { commit: '15', epoch: 'e2' });
});

test('a database that was replaced: the whole value is taken, below the position that was known', () => {
  const { queries, pass, changed } = livePage();
  queries.closed();
  queries.opened();
  queries.received({ type: 'connected', protocol: 1, commit: '5', epoch: 'e9', replaced: true });
  assert.ok(changed({ type: 'subscribed', id: 2, query: '3', status: 'value', at: ['5', '0'], value: [c], hash: hash([c]) }));
  assert.equal(pass(), 'c');
  assert.ok(changed({ type: 'frame', to: '6', changes: [{ query: '3', from: ['5', '0'], to: ['6', '0'], value: [a], hash: hash([a]) }] }));
  assert.equal(pass(), 'a');
});

test('a redirect is followed while the page shows the query; its value stays, and nothing is told', () => {
  const error = { code: 'REDIRECT', message: 'see /login', status: 303, location: '/login' };
  const world = livePage();
  assert.equal(world.changed({ type: 'frame', to: '13', changes: [{ query: '41', error }] }), false);
  assert.deepEqual(world.followed, ['/login']);
  assert.equal(world.pass(), 'ab');
  world.pass(null); // the page is another one now; the query has its grace
  world.changed({ type: 'frame', to: '14', changes: [{ query: '41', error }] });
  assert.deepEqual(world.followed, ['/login']);
  assert.deepEqual(world.told, []);
});

test('a subscription that is refused with a redirect is not shown as an error, and not asked for again', () => {
  const error = { code: 'REDIRECT', message: 'see /login', status: 303, location: '/login' };
  const world = start();
  world.pass();
  world.queries.opened();
  world.queries.received({ type: 'connected', protocol: 1, commit: '12', epoch: 'e1' });
  assert.equal(world.changed({ type: 'subscribed', id: 1, error }), false);
  assert.deepEqual(world.followed, ['/login']);
  assert.deepEqual(world.timers, []);
  assert.deepEqual(world.told, []);
});

test('a redirect of what was asked for ahead of a page is not followed here, but heard of', () => {
  const error = { code: 'REDIRECT', message: 'see /login', status: 303, location: '/login' };
  const world = start();
  world.queries.opened();
  world.queries.beginPass();
  const entry = world.queries.use('tasks', ARGS, 'id');
  entry.idleSince = 1; // as prefetch.js does
  world.queries.subscribe(entry, true, '/next');
  assert.equal(world.changed({ type: 'subscribed', id: 1, error }), true);
  assert.deepEqual(world.followed, []);
  assert.equal(entry.error, error);
});

test('a failure ends with the page that showed it: the next one that wants the query asks anew', () => {
  const error = { code: 'REDIRECT', message: 'see /login', status: 303, location: '/login' };
  const world = start();
  world.pass();
  world.queries.opened();
  world.queries.received({ type: 'subscribed', id: 1, error });
  world.pass(null);
  world.pass();
  assert.deepEqual(world.sent.filter(({ type }) => type === 'subscribe').map(({ id }) => id), [1, 2]);
});

test('the state of a page that is still to come changes nothing of the one that shows', () => {
  const world = start();
  const token = (fn, value, more) => ({ fn, args: {}, at: ['1', '1'], hash: 'h', value, ...more });
  const page = (location, commit, ...queries) => ({ location, commit, epoch: 'e1', queries });
  const pass = () => {
    world.queries.beginPass();
    for (const fn of ['crumb', 'me']) world.queries.use(fn, '{}', '');
    world.queries.endPass();
  };
  world.queries.load(page('/a', '1', token('crumb', 'of a', { located: true }), token('me', 'Ann')));
  pass();
  world.queries.opened();
  world.sent.length = 0;
  world.queries.load(page('/b', '2', token('crumb', 'of b', { located: true }), token('me', 'Bob', { at: ['2', '1'] }), token('next', 'n'),
    token('bad', undefined, { error: { code: 'FORBIDDEN', message: '' } })), undefined, true);
  const value = (fn) => world.queries.entries.get(`${fn} {}`)?.value;
  assert.deepEqual([world.queries.place, value('crumb'), value('me'), value('next')], ['/a', 'of a', 'Ann', 'n']);
  assert.equal(world.queries.entries.get('bad {}'), undefined);
  pass();
  assert.deepEqual(world.sent, []);
  world.queries.load(page('/b', '2', token('crumb', 'of b', { located: true }), token('me', 'Bob', { at: ['2', '1'] })));
  assert.deepEqual([world.queries.place, value('crumb'), value('me')], ['/b', 'of b', 'Bob']);
});

test('what an island brings when it begins leaves alone what is live, and brings back what is forgotten', () => {
  const world = livePage();
  const { queries } = world;
  queries.closed();
  queries.opened();
  queries.received({ type: 'connected', protocol: 1, commit: '3', epoch: 'e2' }); // another server
  queries.received({ type: 'subscribed', id: 2, query: '7', status: 'value', at: ['3', '0'], value: [c], hash: hash([c]) });
  world.sent.length = 0;
  queries.load(notHere(state(['12', '0']), queries.entries));
  assert.equal(world.pass(), 'c');
  assert.deepEqual(world.sent, []);
  world.pass(null);
  world.now += 60_000;
  queries.sweep();
  queries.load(notHere(state(['12', '0']), queries.entries));
  assert.equal(world.pass(), 'ab');
});

test('an element is an island when it says a number that there is, and props, and stands in no other', () => {
  const element = (attributes, around = null) => ({ getAttribute: (name) => attributes[name] ?? null, parentElement: { closest: () => around } });
  const good = { 'data-dew-island': '1', 'data-dew-props': '{"n":3}' };
  assert.deepEqual(islandAt(element(good), 2), { index: 1, props: '{"n":3}' });
  assert.equal(islandAt(element(good), 1), null);
  assert.equal(islandAt(element(good, {}), 2), null);
  for (const index of ['-1', '', '0x1', '1.0']) assert.equal(islandAt(element({ ...good, 'data-dew-island': index }), 2), null);
  for (const props of ['', '{', undefined]) assert.equal(islandAt(element({ ...good, 'data-dew-props': props }), 2), null);
});
