// hooks.js - what the program itself has to say of a navigation (dew/link.h): whether the page that shows may be left and the
// next one entered, and that it was (src/page/travel.client.c); and what its views are told meanwhile (transition.client.c). A
// program that says nothing has none of these functions.

const ASK = 0; // as in travel.client.c
const OVER = 1;
const LEAVE = 2;
const ENTER = 3;
const IS_GUARDED = 4;
const GO = 0; // enum dew_verdict_kind; more than these is the address of a text
const STAY = 1;
const WAIT = 2;

/**
 * @param {import('./navigation.js').Options} options
 * @param {ReturnType<typeof import('./prefetch.js').createPrefetch>} prefetch
 */
export function createHooks({ window, life }, prefetch) {
  /** @type {Set<() => void>} */
  const waiting = new Set();
  let isPending = false;

  /** @param {string} path @param {number} step @returns {number} */
  const travel = (path, step) => prefetch.run('dew_travel', path, step).result;

  /** @param {number} at */
  function text(at) {
    const bytes = new Uint8Array(life.safe.memory.buffer);
    return new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
  }

  /** Closing the tab, or going to another site. Heard of only where it is asked for: a page that listens always may not be kept for
   * the way back. @param {BeforeUnloadEvent} event */
  function onUnload(event) {
    const verdict = travel('', ASK);
    if (verdict === STAY || verdict === WAIT) event.preventDefault();
  }

  return {
    /** What shows was rendered again: who waits is asked again. */
    changed() {
      for (const go of waiting) go();
      waiting.clear();
    },

    /** @param {string} to the address that is gone to; empty: it is there, or given up @param {boolean} [render] now */
    pending(to, render = true) {
      const { safe } = life;
      if (!safe?.dew_transition || (!to && !isPending)) return;
      isPending = !!to;
      const bytes = new TextEncoder().encode(to);
      const at = safe.dew_text_in(bytes.length);
      new Uint8Array(safe.memory.buffer).set(bytes, at);
      safe.dew_transition(at, bytes.length);
      if (render) life.flush();
    },

    /** @param {string} path @param {AbortSignal} signal @returns {Promise<true | false | string>} false: stay; text: go there instead */
    async ask(path, signal) {
      let verdict = travel(path, ASK);
      while (verdict === WAIT) {
        life.flush(); // what it shows meanwhile
        let end = () => {};
        const isOver = await new Promise((/** @type {(isOver?: any) => void} */ go) => {
          waiting.add(go);
          end = () => {
            waiting.delete(go);
            travel(path, OVER); // at once: the newer one asks next
            go(true);
          };
          signal.addEventListener('abort', end);
        });
        signal.removeEventListener('abort', end);
        if (isOver) return false;
        verdict = travel(path, ASK);
      }
      return verdict === GO || (verdict !== STAY && text(verdict));
    },

    /** It is left for this address. @param {string} to */
    left: (to) => void travel(to, LEAVE),

    /** It was entered. @param {string} from the address before; empty: it is the first */
    entered(from) {
      travel(from, ENTER);
      const how = travel('', IS_GUARDED) ? 'addEventListener' : 'removeEventListener';
      window[how]('beforeunload', /** @type {any} */ (onUnload));
      if (life.safe?.dew_travel) life.flush(); // what it has changed
    },
    end: () => window.removeEventListener('beforeunload', onUnload),
  };
}
