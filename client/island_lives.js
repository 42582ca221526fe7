// island_lives.js - the islands of a static page (dew/island.h): a program for each, from one module, started when it is due
// (islands.js). They share queries and connection; what one of them uses is in use, whichever renders. One that fails is over by
// itself: the others go on.

import { createLife } from './life.js';

/** @typedef {ReturnType<typeof createLife>} Life */
/** @typedef {import('./queries.js').Entry} Entry */
/** @typedef {import('./queries.js').State & import('./program.js').Page & { islands: number }} Page islands: how many the page lists */

/**
 * What of a page's state is to be taken when an island begins: what nobody has used so far may be forgotten; what is there stays, for
 * it is as new, even if it is of another server.
 * @param {import('./queries.js').State} state
 * @param {Map<string, Entry>} entries
 */
export function notHere(state, entries) {
  const queries = state.queries.filter(({ fn, args }) => entries.get(`${fn} ${JSON.stringify(args)}`)?.value === undefined);
  return { ...state, queries };
}

/**
 * Which island an element is. HTML of others, in a page, may say that it is one.
 * @param {Element} element
 * @param {number} count of those that there are
 * @returns {{ index: number, props: string } | null} null: none that the server has put there
 */
export function islandAt(element, count) {
  const name = element.getAttribute('data-dew-island') ?? '';
  const props = element.getAttribute('data-dew-props') ?? '';
  try {
    JSON.parse(props);
  } catch {
    return null;
  }
  const isInAnother = element.parentElement?.closest('[data-dew-island]'); // the server puts none there
  return /^\d+$/.test(name) && Number(name) < count && !isInAnother ? { index: Number(name), props } : null;
}

/**
 * As a life: of all of them together.
 * @param {Parameters<typeof createLife>[0]} host root: what the islands stand in; page: its state
 * @returns {Life}
 */
export function createIslandLives(host) {
  const { queries, root } = host;
  const state = /** @type {Page} */ (host.page);
  /** @type {Map<Element, { life: Life, used: Set<Entry> }>} used: by its last pass */
  const islands = new Map();
  /** @type {Set<Element>} */
  const seen = new Set();
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
    const island = islandAt(element, state.islands);
    if (!island) return;
    const used = new Set();
    hasMoved ||= queries.moment !== known;
    queries.load(notHere(state, queries.entries));
    known = queries.moment;
    /** @type {Life} */
    const life = createLife({
      ...host,
      root: element,
      page: { ...state, island },
      queries: shared(used),
      call: (fn, isMutation, args, from, fields) => host.call(fn, isMutation, args, { ...from, owner: life }, fields),
      over() {
        islands.delete(element);
        host.tell('A part of this page has stopped: load it again.');
      },
    });
    islands.set(element, { life, used });
    await life.start(!hasMoved); // else it is drawn anew: what it shows may be another than the server's
  }

  async function beginDue() {
    for (const element of root.querySelectorAll('[data-dew-island]')) {
      if (!(/** @type {any} */ (element).dewDue) || seen.has(element)) continue;
      seen.add(element);
      try {
        await begin(element);
      } catch (error) {
        islands.delete(element); // it stays as the server made it
        console.error(error);
      }
    }
  }

  const lives = () => [...islands.values()].map(({ life }) => life);

  return {
    get safe() {
      return undefined;
    },
    async start() {
      known = queries.moment;
      document.addEventListener('dew:island', beginDue);
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
