// connection.js - keeps one WebSocket open: back-off, time-outs, heartbeat, and what close codes mean
// (docs/protocol.md §3). It knows nothing of queries: what is said on it is the session's.
//
//   waiting ──timer──→ connecting ──open──→ open ──close──→ waiting …
//      ^ online, visible: at once              └─ 4409 reload: over, the session is told
//
// Transport, clock, random and the window's events are passed in, so it runs under node:test with fakes.

const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 30_000;
const STEADY_MS = 5_000; // open for so long: the next failure starts from the shortest wait
const OPEN_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 30_000; // silence after which a ping is sent
const PONG_TIMEOUT_MS = 10_000;

/**
 * @typedef {'connecting' | 'open' | 'waiting' | 'reload' | 'closed'} State
 *
 * @typedef {object} Socket the part of WebSocket that is used
 * @property {(text: string) => void} send
 * @property {(code?: number) => void} close
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 *
 * @typedef {object} Session whose messages travel here
 * @property {() => void} opened say connect, subscribe and resend: the socket takes text from now on
 * @property {(text: string) => void} received
 * @property {(state: State) => void} changed
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds, monotonic
 * @property {(run: () => void, ms: number) => any} set
 * @property {(timer: any) => void} clear
 *
 * @typedef {object} Options
 * @property {string} url
 * @property {Session} session
 * @property {(url: string) => Socket} transport
 * @property {Clock} clock
 * @property {() => number} random from 0 up to 1
 * @property {{ addEventListener: Function, removeEventListener: Function }} [events] of the window: "online", and
 *   "visibilitychange" as it bubbles up from the document
 */

/**
 * How long to wait after so many failures: doubling from `least`, anywhere in the upper half, so that clients that were all
 * cut off at once do not all come back at once.
 * @param {number} failures @param {number} least milliseconds @param {() => number} random from 0 up to 1
 */
export function backoff(failures, least, random) {
  return (Math.min(BACKOFF_MAX_MS, least * 2 ** failures) * (1 + random())) / 2;
}

/**
 * Opens the connection and keeps it so until close().
 * @param {Options} options
 * @returns {{ send: (text: string) => boolean, close: () => void, readonly state: State }} send is false, and does
 *   nothing, while the socket is not open
 */
export function openConnection({ url, session, transport, clock, random, events }) {
  /** @type {State} */
  let state = 'closed';
  /** @type {Socket | null} */
  let socket = null;
  /** @type {any} */
  let timer; // the one that matters in this state: back-off, open time-out, or heartbeat
  let failures = 0;
  let openedAt = 0;
  let heardAt = 0;
  let pingedAt = 0; // 0: no ping is unanswered

  /** @param {State} next */
  function become(next) {
    state = next;
    session.changed(next);
  }

  /** @param {() => void} run @param {number} ms */
  function arm(run, ms) {
    clock.clear(timer);
    timer = clock.set(run, ms);
  }

  function dial() {
    clock.clear(timer);
    const mine = (socket = transport(url));
    mine.onopen = () => {
      if (mine !== socket) return;
      openedAt = heardAt = clock.now();
      pingedAt = 0;
      become('open');
      arm(beat, HEARTBEAT_MS);
      session.opened();
    };
    mine.onmessage = ({ data }) => {
      if (mine !== socket) return;
      heardAt = clock.now();
      pingedAt = 0;
      if (data.startsWith('{"type":"bye"')) lose(1001, JSON.parse(data).retry_ms);
      else if (!data.startsWith('{"type":"pong"')) session.received(data);
    };
    mine.onclose = ({ code }) => {
      if (mine === socket) lose(code);
    };
    arm(() => lose(4408), OPEN_TIMEOUT_MS);
    become('connecting');
  }

  /** The socket is gone, or given up. @param {number} code @param {number} [wait_ms] as the server asked */
  function lose(code, wait_ms) {
    drop();
    if (code === 4409) return end('reload');
    if (state === 'open' && clock.now() - openedAt >= STEADY_MS) failures = 0;
    const backoff_ms = backoff(failures++, BACKOFF_MIN_MS, random);
    arm(dial, wait_ms || backoff_ms);
    become('waiting');
  }

  function drop() {
    clock.clear(timer);
    const old = socket;
    socket = null; // its events are nobody's from here on
    old?.close();
  }

  /** After silence: ask whether anyone is there, and give up when no one answers. */
  function beat() {
    const now = clock.now();
    if (pingedAt) {
      if (now - pingedAt >= PONG_TIMEOUT_MS) return lose(4408);
    } else if (now - heardAt >= HEARTBEAT_MS) {
      ping();
    }
    arm(beat, pingedAt ? pingedAt + PONG_TIMEOUT_MS - now : heardAt + HEARTBEAT_MS - now);
  }

  function ping() {
    pingedAt = clock.now();
    socket?.send('{"type":"ping"}');
  }

  /** The network or the reader is back: no more waiting, and no trust in a socket that slept. */
  function wake() {
    if (state === 'waiting') dial();
    else if (state === 'open' && !pingedAt) {
      ping();
      arm(beat, PONG_TIMEOUT_MS);
    }
  }

  /** @param {State} last */
  function end(last) {
    drop();
    for (const name of ['online', 'visibilitychange']) events?.removeEventListener(name, wake);
    become(last);
  }

  for (const name of ['online', 'visibilitychange']) events?.addEventListener(name, wake);
  dial();
  return {
    send(text) {
      if (state !== 'open' || !socket) return false;
      socket.send(text);
      return true;
    },
    close: () => end('closed'),
    get state() {
      return state;
    },
  };
}
