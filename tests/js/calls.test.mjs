// client/calls.js: sent once, resent when that is safe, and always brought to an end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCalls } from '../../client/calls.js';

function start() {
  const sent = [];
  const ended = [];
  const calls = createCalls({
    send: (message) => sent.push(JSON.parse(JSON.stringify(message))),
    ended: (from, answer) => ended.push([from, answer.error ? answer.error.code : 'done']),
  });
  return { calls, sent, ended };
}

test('a call is sent and answered once', () => {
  const { calls, sent, ended } = start();
  calls.opened();
  calls.add('move_task', true, { task_id: '7' }, 'button');
  assert.deepEqual(sent, [{ type: 'call', id: 1, fn: 'move_task', args: { task_id: '7' }, seq: '1' }]);
  calls.received({ type: 'answer', id: 2, value: {} });
  calls.received({ type: 'frame', id: 1 });
  assert.deepEqual(ended, []);
  calls.received({ type: 'answer', id: 1, value: {}, commit: '3' });
  calls.received({ type: 'answer', id: 1, value: {}, commit: '3' });
  assert.deepEqual(ended, [['button', 'done']]);
});

test('a refusal reaches whoever called', () => {
  const { calls, ended } = start();
  calls.opened();
  calls.add('move_task', true, {}, 'form');
  calls.received({ type: 'answer', id: 1, error: { code: 'CONSTRAINT', message: 'no' } });
  assert.deepEqual(ended, [['form', 'CONSTRAINT']]);
});

test('calls wait for the connection, in order', () => {
  const { calls, sent } = start();
  calls.add('a', true, {}, 0);
  calls.add('b', true, {}, 0);
  assert.deepEqual(sent, []);
  calls.opened();
  assert.deepEqual(sent.map((m) => [m.fn, m.seq]), [['a', '1'], ['b', '2']]);
});

test('mutations without an answer are sent again with the same number', () => {
  const { calls, sent, ended } = start();
  calls.opened();
  calls.add('a', true, {}, 0);
  calls.add('b', true, {}, 0);
  calls.received({ type: 'answer', id: 1, value: {} });
  calls.closed();
  calls.add('c', true, {}, 0);
  calls.opened();
  assert.deepEqual(sent.map((m) => [m.fn, m.seq]), [['a', '1'], ['b', '2'], ['b', '2'], ['c', '3']]);
  assert.equal(ended.length, 1);
});

test('an action that was sent is never sent again; one that was not, is', () => {
  const { calls, sent, ended } = start();
  calls.opened();
  calls.add('ring', false, {}, 'bell');
  assert.deepEqual(sent, [{ type: 'call', id: 1, fn: 'ring', args: {} }]);
  calls.closed();
  assert.deepEqual(ended, [['bell', 'CLOSED']]);
  calls.add('ring', false, {}, 'bell');
  calls.closed();
  calls.opened();
  assert.equal(sent.length, 2);
  assert.equal(ended.length, 1);
});

test('past the limit a call is refused, not lost', () => {
  const { calls, ended } = start();
  for (let i = 0; i < 1000; i++) calls.add('a', true, {}, i);
  assert.deepEqual(ended, []);
  calls.add('a', true, {}, 'last');
  assert.deepEqual(ended, [['last', 'LIMIT']]);
  assert.equal(calls.count, 1000);
});
