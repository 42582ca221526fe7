// client/calls.js: sent once, resent when that is safe, and always brought to an end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCalls } from '../../client/calls.js';

const DAY = 24 * 3_600_000;

function start() {
  const world = { sent: [], ended: [], told: [], waits: [], time: 1_790_000_000_000 };
  const calls = createCalls({
    send: (message) => world.sent.push(JSON.parse(JSON.stringify(message))),
    ended: (from, { error }) => {
      world.ended.push([from, error ? error.code : 'done']);
      world.told.push(error?.message);
    },
    waits: (some) => world.waits.push(some),
    place: () => world.place,
    now: () => world.time,
  });
  return Object.assign(world, { calls, connect: (replaced) => calls.received({ type: 'connected', replaced }) });
}

test('a call is sent and answered once', () => {
  const { calls, sent, ended, connect } = start();
  connect();
  calls.add('move_task', true, { task_id: '7' }, 'button');
  assert.deepEqual(sent, [{ type: 'call', id: 1, fn: 'move_task', args: { task_id: '7' }, seq: '1' }]);
  calls.received({ type: 'answer', id: 2, value: {} });
  calls.received({ type: 'frame', id: 1 });
  assert.deepEqual(ended, []);
  calls.received({ type: 'answer', id: 1, value: {}, commit: '3' });
  calls.received({ type: 'answer', id: 1, value: {}, commit: '3' });
  assert.deepEqual(ended, [['button', 'done']]);
});

test('a call says on which page it was made', () => {
  const w = start();
  w.place = '/board/b1';
  w.calls.add('a', true, {}, 0);
  w.place = '/elsewhere';
  w.connect();
  w.calls.add('b', true, {}, 0);
  assert.deepEqual(w.sent.map((m) => m.location), ['/board/b1', '/elsewhere']);
});

test('a refusal reaches whoever called', () => {
  const { calls, ended, connect } = start();
  connect();
  calls.add('move_task', true, {}, 'form');
  calls.received({ type: 'answer', id: 1, error: { code: 'CONSTRAINT', message: 'no' } });
  assert.deepEqual(ended, [['form', 'CONSTRAINT']]);
});

test('calls wait for the connection, in order', () => {
  const { calls, sent, connect } = start();
  calls.add('a', true, {}, 0);
  calls.add('b', true, {}, 0);
  assert.deepEqual(sent, []);
  connect();
  assert.deepEqual(sent.map((m) => [m.fn, m.seq]), [['a', '1'], ['b', '2']]);
});

test('mutations without an answer are sent again with the same number', () => {
  const { calls, sent, ended, connect } = start();
  connect();
  calls.add('a', true, {}, 0);
  calls.add('b', true, {}, 0);
  calls.received({ type: 'answer', id: 1, value: {} });
  calls.closed();
  calls.add('c', true, {}, 0);
  connect();
  assert.deepEqual(sent.map((m) => [m.fn, m.seq]), [['a', '1'], ['b', '2'], ['b', '2'], ['c', '3']]);
  assert.equal(ended.length, 1);
});

test('an action that was sent is never sent again; one that was not, is', () => {
  const { calls, sent, ended, connect } = start();
  connect();
  calls.add('ring', false, {}, 'bell');
  assert.deepEqual(sent, [{ type: 'call', id: 1, fn: 'ring', args: {} }]);
  calls.closed();
  assert.deepEqual(ended, [['bell', 'CLOSED']]);
  calls.add('ring', false, {}, 'bell');
  calls.closed();
  connect();
  assert.equal(sent.length, 2);
  assert.equal(ended.length, 1);
});

test('past the limit a call is refused, not lost', () => {
  const { calls, ended, connect } = start();
  for (let i = 0; i < 1000; i++) calls.add('a', true, {}, i);
  assert.deepEqual(ended, []);
  calls.add('a', true, {}, 'last');
  assert.deepEqual(ended, [['last', 'LIMIT']]);
  assert.equal(calls.count, 1000);
});

test('a tab that slept for two days sends nothing again that the server has forgotten: it says so', () => {
  const w = start();
  w.connect();
  w.calls.add('move_task', true, {}, 'sent');
  w.calls.closed();
  w.calls.add('add_task', true, {}, 'waited');
  w.time += 2 * DAY;
  w.connect();
  assert.deepEqual(w.ended, [['sent', 'TIMEOUT']]);
  assert.match(w.told[0], /look whether it was done/);
  assert.deepEqual(w.sent.map((m) => m.seq), ['1', '2'], 'what was never sent is safe to send');
});

test('a mutation is sent again as long as the server surely keeps its answer, counted from the first time', () => {
  const w = start();
  w.connect();
  w.calls.add('move_task', true, {}, 0);
  for (const wait of [10, 10, 2.9]) {
    w.calls.closed();
    w.time += wait * 3_600_000;
    w.connect();
  }
  assert.deepEqual(w.sent.map((m) => m.seq), ['1', '1', '1', '1']);
  w.calls.closed();
  w.time += 0.2 * 3_600_000;
  w.connect();
  assert.equal(w.sent.length, 4);
  assert.deepEqual(w.ended, [[0, 'TIMEOUT']]);
});

test('calls made on a database that was replaced are not made on the other: each is told', () => {
  const w = start();
  w.connect();
  w.calls.add('move_task', true, {}, 'sent');
  w.calls.closed();
  w.calls.add('delete_task', true, {}, 'waited');
  w.connect(true);
  assert.deepEqual(w.ended, [['sent', 'CONFLICT'], ['waited', 'CONFLICT']]);
  assert.match(w.told[0], /replaced/);
  assert.equal(w.sent.length, 1);
  w.calls.add('move_task', true, {}, 'new');
  assert.deepEqual(w.sent.at(-1).seq, '3');
});

test('whether calls wait is said once when it begins and once when it ends', () => {
  const w = start();
  w.calls.add('a', true, {}, 0);
  w.calls.add('b', true, {}, 0);
  w.connect();
  w.calls.received({ type: 'answer', id: 1, value: {} });
  assert.deepEqual(w.waits, [true]);
  w.calls.received({ type: 'answer', id: 2, value: {} });
  assert.deepEqual(w.waits, [true, false]);
  w.calls.add('c', true, {}, 0);
  assert.deepEqual(w.waits, [true, false, true]);
});

test('a form sends its fields instead of arguments, again as well', () => {
  const w = start();
  w.connect();
  w.calls.add('add_task', true, { title: '' }, 0, 'title=a');
  w.calls.closed();
  w.connect();
  assert.deepEqual(w.sent, [1, 2].map(() => ({ type: 'call', id: 1, fn: 'add_task', fields: 'title=a', seq: '1' })));
});

test('a call that is taken back is told to the server, and ends with what came of it', () => {
  const { calls, sent, ended, connect } = start();
  const abort = new AbortController();
  connect();
  calls.add('ring', false, {}, 'bell', undefined, abort.signal);
  calls.add('move', true, {}, 'card', undefined, abort.signal);
  abort.abort();
  assert.deepEqual(sent.slice(2), [{ type: 'cancel', id: 1 }, { type: 'cancel', id: 2 }]);
  assert.deepEqual(ended, []);
  calls.received({ type: 'answer', id: 1, error: { code: 'CANCELLED', message: '' } });
  calls.received({ type: 'answer', id: 2, value: {}, commit: '4' });
  assert.deepEqual(ended, [['bell', 'CANCELLED'], ['card', 'done']]);
});

test('one that was taken back is not sent again, and one that was not sent never is', () => {
  const { calls, sent, ended, connect } = start();
  const abort = new AbortController();
  connect();
  calls.add('move', true, {}, 'sent', undefined, abort.signal);
  abort.abort();
  calls.closed();
  assert.deepEqual(ended, [['sent', 'CLOSED']]);
  const second = new AbortController();
  calls.add('move', true, {}, 'waiting', undefined, second.signal);
  calls.add('move', true, {}, 'aborted', undefined, abort.signal);
  second.abort();
  assert.deepEqual(ended.slice(1), [['aborted', 'CANCELLED'], ['waiting', 'CANCELLED']]);
  connect();
  assert.equal(sent.length, 2);
});

test('a signal that comes after the answer is nothing', () => {
  const { calls, sent, ended, connect } = start();
  const abort = new AbortController();
  connect();
  calls.add('move', true, {}, 'card', undefined, abort.signal);
  calls.received({ type: 'answer', id: 1, value: {}, commit: '3' });
  abort.abort();
  assert.deepEqual(ended, [['card', 'done']]);
  assert.equal(sent.length, 1);
});
