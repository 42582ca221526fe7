// late.js - what a page shows after it has been sent (docs/protocol.md §4, "What comes late"): tokens in script elements of the
// document, those that are there already and those that come while it is still being read.
//
//   state.late → held: the query is not subscribed ─┬─ token ──→ its value, and subscribed from there; or its error, as if refused
//                                                   └─ document ends, or is cut, or the WebSocket is new → subscribed as any other
//
// A document that is cut off tells nobody (Chromium says "loading" for ever, without an event): known by the server's comments, one
// every 5 s, that do not come any more.
// That this module runs tells that the document's state is whole (main.js waits for "dew:late"), since its element stands behind it.

/** @typedef {import('./queries.js').Entry} Entry */

const SILENCE_MS = 16_000; // three comments
const HELD = -1; // in place of a subscription's id

/**
 * @typedef {object} Host
 * @property {any} state of the page, as the document carries it
 * @property {ReturnType<typeof import('./queries.js').createQueries>} queries
 * @property {() => void} schedule something that shows is different
 */

/** Until the document is whole. @param {Host} host */
export function takeLate({ state, queries, schedule }) {
  const { place } = queries;
  /** @type {Set<Entry>} */
  const held = new Set();

  /** @param {any} token @returns {Entry | undefined} */
  const entryOf = ({ fn, args }) => queries.entries.get(`${fn} ${JSON.stringify(args)}`);

  for (const token of state.late) {
    const entry = entryOf(token);
    if (!entry) continue;
    held.add(entry);
    entry.id = HELD;
    entry.answered = true; // nothing is waited for
  }

  /** @param {Entry} entry @returns {boolean} it was not subscribed, as it is when the connection was lost and is there again */
  function letGo(entry) {
    const isHeld = held.delete(entry) && entry.id === HELD;
    if (isHeld) entry.id = 0;
    return isHeld;
  }

  /** @param {any} token */
  function take(token) {
    const entry = entryOf(token);
    if (!entry || !held.has(entry)) return;
    if (!letGo(entry) && (token.error || entry.value !== undefined)) return; // its subscription says more, maybe of another server
    // what is right at another address alone is not right here
    const isElsewhere = queries.place !== place;
    if (!token.error) queries.load({ ...state, queries: [token] }, undefined, isElsewhere);
    else if (!isElsewhere) queries.refused(entry, token.error);
  }

  /** @type {Set<Element>} */
  const seen = new Set();

  /** @type {any} */
  let timer;

  /** @param {any} [isCut] */
  function look(isCut) {
    const isWhole = isCut === true || document.readyState !== 'loading';
    clearTimeout(timer);
    for (const element of document.querySelectorAll('script.dew-late')) {
      if (seen.has(element) || !(element.nextSibling || isWhole)) continue; // the parser may be in the midst of it
      seen.add(element);
      try {
        take(JSON.parse(element.textContent || ''));
      } catch {
        // cut off in the midst of it
      }
    }
    if (isWhole) {
      observer.disconnect();
      held.forEach(letGo);
    } else timer = setTimeout(look, SILENCE_MS, true);
    schedule();
  }

  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true });
  document.addEventListener('DOMContentLoaded', look);
  look();
}

document.dispatchEvent(new Event('dew:late'));
