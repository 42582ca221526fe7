// places.js - where the reader was in each entry of the history: the scroll position and what had focus. Entries are
// numbered in their state, { dew: n }; positions stand in the session's storage, so that they outlive a page that was
// loaded whole in between.
//
// The history moves at once, the page later, or never: the entry whose page shows need not be the one that the history is at.

const NAME = 'dew-places';
const PLACES_MAX = 100; // further back than browsers keep entries (50)

/** @typedef {{ x: number, y: number, focus?: string }} Place */

/**
 * A selector that leads to an element again in the same page, rendered anew.
 * @param {Element | null} element
 */
function selectorOf(element) {
  const root = element?.closest('#app');
  if (!element || !root || element === root) return undefined;
  if (element.id) return `#${CSS.escape(element.id)}`;
  let path = '';
  for (let at = element; at !== root; ) {
    const parent = /** @type {Element} */ (at.parentElement);
    path = `>:nth-child(${[...parent.children].indexOf(at) + 1})${path}`;
    at = parent;
  }
  return `#app${path}`;
}

/** @param {Window & typeof globalThis} window */
export function createPlaces(window) {
  const { document, history } = window;
  /** @type {Record<string, Place>} */
  let places = {};
  try {
    places = JSON.parse(window.sessionStorage.getItem(NAME) ?? '{}');
  } catch {
    // no storage: then for this document alone
  }

  const numberOf = () => /** @type {number | undefined} */ (history.state?.dew);
  let shown = numberOf() ?? Math.max(-1, ...Object.keys(places).map(Number)) + 1; // of the entry whose page shows, which may be a new one
  if (numberOf() === undefined) mark(shown);

  /** The present entry is a new one, with this number: those after the one before it are gone. @param {number} number */
  function mark(number) {
    for (const other of Object.keys(places)) if (Number(other) >= number) delete places[other];
    history.replaceState({ ...history.state, dew: number }, '');
  }

  return {
    /** The reader is about to leave the page that shows; the history may have left its entry already. */
    keep() {
      places[shown] = { x: window.scrollX, y: window.scrollY, focus: selectorOf(document.activeElement) };
      delete places[shown - PLACES_MAX];
      try {
        window.sessionStorage.setItem(NAME, JSON.stringify(places));
      } catch {
        // as above
      }
    },

    /** A page at another address shows: in an entry after the one that the history is at, or in its place. @param {string} url @param {boolean} replace */
    enter(url, replace) {
      shown = numberOf() ?? shown;
      if (replace) return history.replaceState({ dew: shown }, '', url);
      history.pushState(null, '', url);
      mark(++shown);
    },

    /** The page of the entry that the history is at shows now. */
    arrived() {
      shown = numberOf() ?? shown;
    },

    /** @returns {number} by how many entries the history is away from the page that shows; one without a number is new, right after it */
    moved() {
      if (numberOf() === undefined) mark(shown + 1);
      return (numberOf() ?? shown) - shown;
    },

    /** Where the reader was in the entry that shows. @returns {Place | undefined} */
    get here() {
      return places[shown];
    },
  };
}
