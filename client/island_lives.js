// island_lives.js - the islands of a static page (dew/island.h): a program for each, from one module, started when it is due
// (islands.js). They share queries and connection; what one of them uses is in use, whichever renders.

import { createLife } from './life.js';

/** @typedef {ReturnType<typeof createLife>} Life */
/** @typedef {import('./queries.js').Entry} Entry */

/**
 * As a life: of all of them together.
 * @param {Parameters<typeof createLife>[0]} host root: what the islands stand in; page: its state
 * @returns {Life}
 */
export function createIslandLives(host) {
  const { queries, root } = host;
  const state = /** @type {import('./queries.js').State & import('./program.js').Page} */ (host.page);
  /** @type {Map<Element, { life: Life, used: Set<Entry> }>} used: by its last pass */
  const islands = new Map();
  let known = 0; // the moment when it was last as the page brought it
  let hasMoved = false; // something of what the page brought has changed since

  /** What the program of one island sees of the queries: its passes leave alone what the others use. @param {Set<Entry>} used */
  const shared = (used) => Object.assign(Object.create(queries), {
    /** @type {typeof queries.use} */
    use(fn, args, key) {
      const entry = queries.use(fn, args, key);
      if (entry) used.add(entry);
      return entry;
    },
    beginPass() {
      used.clear();
      queries.beginPass();
    },
    endPass() {
      for (const other of islands.values())
        if (other.used !== used) for (const { fn, args, key } of other.used) queries.use(fn, args, key);
      queries.endPass();
    },
  });

  /** @param {Element} element */
  async function begin(element) {
    const used = new Set();
    hasMoved ||= queries.moment !== known;
    queries.load(state); // what nobody has used so far may be forgotten
    known = queries.moment;
    const island = { index: Number(element.getAttribute('data-dew-island')), props: element.getAttribute('data-dew-props') ?? '{}' };
    /** @type {Life} */
    const life = createLife({
      ...host,
      root: element,
      page: { ...state, island },
      queries: shared(used),
      call: (fn, isMutation, args, from, fields) => host.call(fn, isMutation, args, { ...from, owner: life }, fields),
    });
    islands.set(element, { life, used });
    await life.start(!hasMoved); // else it is drawn anew: what it shows may be another than the server's
  }

  async function beginDue() {
    for (const element of root.querySelectorAll('[data-dew-island]'))
      if (/** @type {any} */ (element).dewDue && !islands.has(element)) await begin(element);
  }

  const lives = () => [...islands.values()].map(({ life }) => life);

  return {
    get safe() {
      return undefined;
    },
    async start() {
      known = queries.moment;
      document.addEventListener('dew:island', () => void beginDue().catch(console.error));
      await beginDue();
    },
    flush() {
      for (const life of lives()) life.flush();
      return undefined;
    },
    forget: (entry) => lives().forEach((life) => life.forget(entry)),
    navigate: () => false,
    ended: (from, answer) => from.owner?.ended(from, answer),
  };
}
