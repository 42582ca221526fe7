// client/session.js and client/screen.js: what shows is held back while a connection resumes, no longer, and nothing is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScreen } from '../../client/screen.js';
import { createSession } from '../../client/session.js';

function start() {
  const world = { sent: [], stands: [], lost: [], renders: 0, unanswered: 0, time: 0, took: 0, timers: new Map() };
  let last = 0;
  const clock = {
    now: () => world.time,
    set: (run, ms) => (world.timers.set(++last, { run, at: world.time + ms }), last),
    clear: (timer) => world.timers.delete(timer),
  };
  const screen = createScreen(() => { world.renders += 1; world.time += world.took; }, clock);
  const queries = { opened() {}, closed() {}, received() {}, get unanswered() { return world.unanswered; }, get cut() { return world.cut; } };
  const session = createSession({
    hello: { build: 'b' }, clock, queries, calls: { closed() {}, received() {} }, hold: screen.hold,
    send: (message) => world.sent.push(message), stands: (state) => world.stands.push(state), lost: (state) => world.lost.push(state),
  });
  const settle = () => Promise.resolve(); // after what was queued before
  return Object.assign(world, {
    session, screen, settle,
    async pass(ms) {
      world.time += ms;
      for (const [id, { run, at }] of [...world.timers]) if (at <= world.time && world.timers.delete(id)) run();
      await settle();
    },
    open(unanswered) {
      world.unanswered = unanswered;
      session.changed('open');
      session.opened();
    },
    async answer(left) {
      world.unanswered = left;
      screen.schedule();
      session.received('{"type":"subscribed"}');
      await settle();
    },
  });
}

test('connect comes first; what shows waits for the last answer', async () => {
  const w = start();
  w.open(2);
  assert.deepEqual(w.sent, [{ type: 'connect', protocol: 1, build: 'b' }]);
  await w.answer(1);
  assert.deepEqual([w.renders, w.stands], [0, []]);
  await w.answer(0);
  assert.deepEqual([w.renders, w.stands], [1, ['live']]);
  await w.pass(5_000);
  assert.equal(w.renders, 1);
});

test('connect says which cut of which database is known', () => {
  const w = start();
  w.cut = { commit: '12', epoch: 'e1' };
  w.open(1);
  assert.deepEqual(w.sent, [{ type: 'connect', protocol: 1, build: 'b', commit: '12', epoch: 'e1' }]);
});

test('answers that take too long are not waited for', async () => {
  const w = start();
  w.open(2);
  await w.answer(1);
  await w.pass(1_000);
  assert.deepEqual([w.renders, w.stands], [1, []]);
  await w.answer(0);
  assert.deepEqual([w.renders, w.stands], [2, ['live']]);
});

test('the wait of an earlier connection does not end the next one early', async () => {
  const w = start();
  w.open(2);
  await w.pass(900);
  w.session.changed('waiting');
  w.open(2);
  await w.answer(1);
  await w.pass(900);
  assert.equal(w.renders, 0);
  await w.pass(100);
  assert.equal(w.renders, 1);
});

test('what was held back when the connection is lost shows at once', async () => {
  const w = start();
  w.open(2);
  await w.answer(1);
  w.session.changed('waiting');
  await w.settle();
  assert.deepEqual([w.renders, w.stands, w.lost], [1, ['offline'], ['waiting']]);
});

test('changes at the same time are one render; after a slow one the browser gets a turn', async () => {
  const w = start();
  w.screen.schedule();
  w.screen.schedule();
  w.took = 8;
  await w.settle();
  assert.equal(w.renders, 1);
  w.screen.schedule();
  await w.settle();
  assert.equal(w.renders, 1);
  await w.pass(0);
  assert.equal(w.renders, 2);
});
