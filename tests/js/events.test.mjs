// client/events.js: what the view is told of an event, in memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putDetail } from '../../client/events.js';

/** What the C half reads of an event. @param {object} event */
function detailOf(event) {
  const words = new Uint32Array(32);
  const bytes = new Uint8Array(words.buffer);
  putDetail({ target: {}, ...event }, 16, words, bytes);
  const [flags, x, y, len] = words.subarray(4, 8);
  return { flags, x: x | 0, y: y | 0, key: new TextDecoder().decode(bytes.subarray(32, 32 + len)) };
}

test('flags, place and key of an event', () => {
  assert.deepEqual(detailOf({ clientX: 3, clientY: -4 }), { flags: 0, x: 3, y: -4, key: '' });
  assert.deepEqual(detailOf({ target: { checked: true }, ctrlKey: true, key: 'é' }), { flags: 5, x: 0, y: 0, key: 'é' });
  assert.equal(detailOf({ key: 'ä'.repeat(40) }).key, 'ä'.repeat(16)); // 32 bytes
});

test('one encoder serves all keys', (t) => {
  let made = 0;
  const { TextEncoder } = globalThis;
  globalThis.TextEncoder = class extends TextEncoder { constructor() { super(); made += 1; } };
  t.after(() => { globalThis.TextEncoder = TextEncoder; });
  assert.deepEqual(['a', 'Enter'].map((key) => detailOf({ key }).key), ['a', 'Enter']);
  assert.equal(made, 0);
});
