// places.js - where the reader was in each entry of the history: the scroll position and what had focus. Entries are
// numbered in their state, { dew: n }; positions stand in the session's storage, so that they outlive a page that was
// loaded whole in between.

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
  let shown = numberOf() ?? Math.max(-1, ...Object.keys(places).map(Number)) + 1; // of the entry that shows, which may be a new one
  if (numberOf() === undefined) mark(shown);

  /** The present entry gets this number. @param {number} number */
  function mark(number) {
    shown = number;
    history.replaceState({ ...history.state, dew: number }, '');
  }

  return {
    /** The reader is about to leave the entry that shows; at a change of the history that is done already, its page is still there. */
    keep() {
      places[shown] = { x: window.scrollX, y: window.scrollY, focus: selectorOf(document.activeElement) };
      delete places[shown - PLACES_MAX];
      try {
        window.sessionStorage.setItem(NAME, JSON.stringify(places));
      } catch {
        // as above
      }
    },

    /** To another address: an entry after this one, or in its place. @param {string} url @param {boolean} replace */
    enter(url, replace) {
      if (replace) return history.replaceState({ dew: shown }, '', url);
      for (const number of Object.keys(places)) if (Number(number) > shown) delete places[number]; // those are gone
      history.pushState({ dew: ++shown }, '', url);
    },

    /** The history has moved. @returns {number} by how many entries; one without a number is new, after the one before */
    moved() {
      const before = shown;
      const number = numberOf();
      if (number === undefined) mark(before + 1);
      else shown = number;
      return shown - before;
    },

    /** Where the reader was in the entry that shows. @returns {Place | undefined} */
    get here() {
      return places[shown];
    },
  };
}
