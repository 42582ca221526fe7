// client/connection.js against a fake transport and clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConnection } from '../../client/connection.js';

/** A clock that stands still until told; timers run in order of time. */
function fakeClock() {
  let now = 1000;
  let timers = [];
  return {
    now: () => now,
    set(run, ms) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return timer;
    },
    clear(timer) { timers = timers.filter((t) => t !== timer); },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const next = timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((t) => t !== next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = until;
    },
    /** Time goes by, and no timer runs meanwhile. */
    sleep(ms) { now += ms; },
    get next() { return Math.min(...timers.map((t) => t.at)) - now; },
    get count() { return timers.length; },
  };
}

function start({ random = () => 1 } = {}) {
  const clock = fakeClock();
  const sockets = [];
  const log = { states: [], received: [], opened: 0 };
  const listeners = {};
  const events = {
    addEventListener(name, fn) { listeners[name] = fn; },
    removeEventListener(name) { delete listeners[name]; },
  };
  const connection = openConnection({
    url: 'ws://host/_dew/ws', clock, random, events,
    transport(url) {
      const socket = { url, sent: [], closed: false, send(t) { this.sent.push(t); }, close() { this.closed = true; } };
      sockets.push(socket);
      return socket;
    },
    session: {
      opened() { log.opened += 1; connection?.send('hello'); },
      received(text) { log.received.push(text); },
      changed(state) { log.states.push(state); },
    },
  });
  return { clock, sockets, log, connection, listeners, last: () => sockets.at(-1) };
}

test('opens, says hello, passes messages on', () => {
  const { last, log, connection } = start();
  assert.deepEqual(log.states, ['connecting']);
  assert.equal(connection.send('too early'), false);
  last().onopen({});
  assert.deepEqual(last().sent, ['hello']);
  last().onmessage({ data: '{"type":"frame"}' });
  assert.deepEqual(log.received, ['{"type":"frame"}']);
});

test('waits 250 ms, then twice as long each time, 30 s at most', () => {
  const { clock, last, sockets } = start();
  const waits = [];
  for (let i = 0; i < 9; i++) {
    last().onclose({ code: 1006 });
    waits.push(clock.next);
    clock.advance(clock.next);
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  assert.equal(sockets.length, 10);
});

test('jitter takes the wait from the upper half', () => {
  const { clock, last } = start({ random: () => 0 });
  last().onclose({ code: 1006 });
  assert.equal(clock.next, 125);
});

test('five seconds open reset the back-off, less does not', () => {
  const { clock, last } = start();
  for (let i = 0; i < 3; i++) { last().onclose({ code: 1006 }); clock.advance(clock.next); }
  last().onopen({});
  clock.advance(4999);
  last().onclose({ code: 1006 });
  assert.equal(clock.next, 2000);
  clock.advance(2000);
  last().onopen({});
  clock.advance(5000);
  last().onclose({ code: 1006 });
  assert.equal(clock.next, 250);
});

test('a socket that does not open in 10 s is given up', () => {
  const { clock, sockets, log } = start();
  clock.advance(10_000);
  assert.equal(sockets[0].closed, true);
  assert.equal(log.states.at(-1), 'waiting');
  sockets[0].onopen({}); // too late: nobody listens
  assert.equal(log.opened, 0);
});

test('silence is asked about after 30 s, and ends the socket 10 s later', () => {
  const { clock, last, sockets } = start();
  last().onopen({});
  clock.advance(29_999);
  assert.deepEqual(last().sent, ['hello']);
  clock.advance(1);
  assert.deepEqual(last().sent, ['hello', '{"type":"ping"}']);
  last().onmessage({ data: '{"type":"pong"}' });
  clock.advance(30_000);
  assert.equal(last().sent.length, 3);
  clock.advance(10_000);
  assert.equal(sockets[0].closed, true);
});

test('a message puts the heartbeat off', () => {
  const { clock, last } = start();
  last().onopen({});
  clock.advance(20_000);
  last().onmessage({ data: '{"type":"frame"}' });
  clock.advance(29_000);
  assert.deepEqual(last().sent, ['hello']);
  clock.advance(1_000);
  assert.equal(last().sent.length, 2);
});

test('bye: comes back after the time that the server named', () => {
  const { clock, last, sockets, log } = start();
  last().onopen({});
  last().onmessage({ data: '{"type":"bye","retry_ms":1800}' });
  assert.equal(sockets[0].closed, true);
  assert.equal(clock.next, 1800);
  assert.deepEqual(log.received, []);
});

test('4409 is the end, and is told', () => {
  const { clock, last, log, listeners } = start();
  last().onopen({});
  last().onclose({ code: 4409 });
  assert.equal(log.states.at(-1), 'reload');
  assert.equal(clock.count, 0);
  assert.deepEqual(Object.keys(listeners), []);
});

test('a socket that the server refuses is tried again, ever more seldom: why, no browser tells', () => {
  const { clock, last, log } = start();
  for (let i = 0; i < 20; i++) {
    last().onclose({ code: 1006 });
    assert.equal(log.states.at(-1), 'waiting');
    clock.advance(clock.next);
  }
  last().onclose({ code: 1006 });
  assert.equal(clock.next, 30_000);
});

test('clients that were all cut off at once come back spread over half of the wait', () => {
  const waits = [0, 0.25, 0.5, 0.75, 0.999].map((fraction) => {
    const { clock, last } = start({ random: () => fraction });
    last().onclose({ code: 1006 });
    clock.advance(clock.next);
    last().onclose({ code: 1006 });
    return clock.next;
  });
  assert.equal(waits[0], 250);
  assert.ok(waits.at(-1) > 499);
  assert.equal(new Set(waits).size, waits.length);
});

test('a computer that slept for a day: the heartbeat that comes late asks, and gives a dead socket up', () => {
  const { clock, last, sockets } = start();
  last().onopen({});
  clock.sleep(86_400_000); // the clock has gone on, timers have not
  clock.advance(0);
  assert.equal(last().sent.at(-1), '{"type":"ping"}');
  assert.equal(sockets.length, 1);
  clock.advance(10_000);
  assert.equal(sockets[0].closed, true);
  clock.advance(250);
  assert.equal(sockets.length, 2);
});

test('a ping from before the sleep is not waited for any longer', () => {
  const { clock, last, sockets } = start();
  last().onopen({});
  clock.advance(30_000);
  assert.equal(last().sent.at(-1), '{"type":"ping"}');
  clock.sleep(86_400_000);
  clock.advance(0);
  assert.equal(sockets[0].closed, true);
});

test('a back-off that was slept through is over at once', () => {
  const { clock, last, sockets } = start();
  last().onclose({ code: 1006 });
  clock.sleep(86_400_000);
  clock.advance(0);
  assert.equal(sockets.length, 2);
});

test('online and visible: dials at once when waiting, asks when open', () => {
  const { clock, last, sockets, listeners } = start();
  last().onclose({ code: 1006 });
  listeners.online();
  assert.equal(sockets.length, 2);
  last().onopen({});
  listeners.visibilitychange();
  listeners.visibilitychange();
  assert.deepEqual(last().sent, ['hello', '{"type":"ping"}']);
  clock.advance(10_000);
  assert.equal(sockets[1].closed, true);
});

test('close ends it without another word', () => {
  const { clock, connection, log, sockets } = start();
  connection.close();
  assert.equal(log.states.at(-1), 'closed');
  assert.equal(sockets[0].closed, true);
  assert.equal(clock.count, 0);
});
