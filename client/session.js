// session.js - what is said on the connection (docs/protocol.md §3): connect, then the subscriptions and calls. After a
// connect what shows is held back until all answers are there, so that it goes from one cut to the next; not for ever.
//
//   offline ──opened──→ held ──all answered──→ live ──closed──→ offline
//                        └─ RESUME_MS ─→ shown ──┘

const PROTOCOL_VERSION = 1;
const RESUME_MS = 1_000;

/**
 * @typedef {object} Host
 * @property {object} hello the rest of the connect message
 * @property {(message: object) => void} send
 * @property {{ opened: () => void, closed: () => void, received: (message: any) => void, readonly cut?: object, readonly unanswered: number }} queries
 * @property {{ closed: () => void, received: (message: any) => void }} calls which begin with "connected"
 * @property {(on: boolean) => void} hold what shows is not rendered
 * @property {(state: 'live' | 'offline') => void} stands live: all that shows has been answered
 * @property {(state: import('./connection.js').State) => void} lost
 * @property {import('./connection.js').Clock} clock
 */

/** @param {Host} host @returns {import('./connection.js').Session} */
export function createSession({ hello, send, queries, calls, hold, stands, lost, clock }) {
  /** @type {any} */
  let timer; // ends the holding back

  /** @param {boolean} isLate answers take too long */
  function settle(isLate) {
    const isWhole = queries.unanswered === 0;
    if (!isWhole && !isLate) return;
    clock.clear(timer);
    hold(false);
    if (isWhole) stands('live');
  }

  return {
    opened() {
      send({ type: 'connect', protocol: PROTOCOL_VERSION, ...hello, ...queries.cut });
      queries.opened();
      hold(queries.unanswered > 0);
      timer = clock.set(() => settle(true), RESUME_MS);
    },
    received(text) {
      const message = JSON.parse(text);
      queries.received(message);
      calls.received(message);
      if (message.type === 'error') console.error(message);
      else settle(false);
    },
    changed(next) {
      if (next === 'open' || next === 'connecting') return;
      clock.clear(timer);
      queries.closed();
      calls.closed();
      hold(false);
      stands('offline');
      lost(next);
    },
  };
}
