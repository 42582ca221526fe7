// hooks.js - what the program itself has to say of a navigation (dew/link.h): whether the page that shows may be left and the
// next one entered, and that one was; and what it is told meanwhile (use_transition). A program that says nothing has
// none of these functions.

const STAY = 1; // as enum dew_verdict
const WAIT = 2;
const ELSEWHERE = 3;

/**
 * @param {import('./navigation.js').Options} options
 */
export function createHooks({ window, life }) {
  /** @type {Set<() => void>} */
  const waiting = new Set();

  function changed() {
    for (const go of waiting) go();
    waiting.clear();
  }

  return {
    changed,
    /** @param {string | null} to the address that is gone to; null: it is there, or given up */
    pending(to) {
      void to;
    },
    /** @param {string} path @param {AbortSignal} signal @returns {Promise<true | false | string>} false: stay; text: go there instead */
    async ask(path, signal) {
      void path, signal, STAY, WAIT, ELSEWHERE, window, life;
      return true;
    },
    leaving() {},
    entered() {},
    end() {},
  };
}
