// effects.js - what components do outside their own elements: handles to elements, timers, and what scripts of the page's own say and
// hear (src/view/ref.client.c, src/view/effect.client.c). Each is part of a host only if its program asks for it.

/**
 * @typedef {object} Outside what a view's DOM gives
 * @property {AbortSignal} signal the program is over
 * @property {(number: number) => any} node
 * @property {(from: number) => string} name NUL-terminated
 * @property {(from: number, len: number) => string} text
 * @property {(to: number, list: number[]) => void} numbers into the program's memory
 * @property {(token: number, what: number, said: string) => void} hear
 */

const HEARD = 255; // as in src/view/effect.h
const LEAVE = 254;
const RETURN = 253;

/** @param {Outside} outside */
const createRefs = ({ node, name, text, numbers }) => ({
  ...(typeof DEW_WITHOUT_node_do === 'undefined' && {
    /** @param {number} number @param {number} method */
    node_do(number, method) {
      const e = node(number);
      const named = name(method);
      if (named === 'scrollIntoView') e[named]({ block: 'nearest', inline: 'nearest' });
      else if (named !== 'showModal' || !e.open) e[named]();
    },
  }),
  ...(typeof DEW_WITHOUT_node_rect === 'undefined' && {
    /** @param {number} number @param {number} to */
    node_rect(number, to) {
      const { x, y, width, height } = node(number).getBoundingClientRect();
      numbers(to, [x, y, width, height]);
    },
  }),
  ...(typeof DEW_WITHOUT_node_emit === 'undefined' && {
    /** @param {number} number @param {number} type @param {number} json @param {number} len */
    node_emit: (number, type, json, len) =>
      node(number).dispatchEvent(new CustomEvent(name(type), { detail: JSON.parse(text(json, len)), bubbles: true })),
  }),
});

/** @param {Outside} outside */
function createEffects({ signal, node, name, hear }) {
  if (typeof DEW_WITHOUT_effects !== 'undefined') return {};
  /** How what was begun ends. @type {Map<number, () => void>} */
  const ends = new Map();
  signal.addEventListener('abort', () => ends.forEach((end) => end()));
  return {
    effects() {
      addEventListener('pagehide', () => hear(0, LEAVE, ''), { signal });
      addEventListener('pageshow', (event) => event.persisted && hear(0, RETURN, ''), { signal });
    },
    ...(typeof DEW_WITHOUT_effect_timer === 'undefined' && {
      /** @param {number} token @param {number} ms @param {number} repeats */
      effect_timer(token, ms, repeats) {
        const tell = () => hear(token, HEARD, '');
        const timer = repeats ? setInterval(tell, ms) : setTimeout(tell, ms);
        ends.set(token, () => clearInterval(timer)); // the two share their numbers
      },
    }),
    ...(typeof DEW_WITHOUT_effect_listen === 'undefined' && {
      /** @param {number} token @param {number} number @param {number} type */
      effect_listen(token, number, type) {
        const e = node(number);
        const named = name(type);
        let isOver = false;
        // soon: it may be said while the program runs
        const tell = (/** @type {any} */ event) =>
          queueMicrotask(() => isOver || hear(token, HEARD, JSON.stringify(event.detail ?? null)));
        e.addEventListener(named, tell);
        ends.set(token, () => {
          isOver = true;
          e.removeEventListener(named, tell);
        });
      },
    }),
    /** @param {number} token */
    effect_end(token) {
      ends.get(token)?.();
      ends.delete(token);
    },
  };
}

/** For WebAssembly.instantiate. @param {Outside} outside */
export const createOutside = (outside) => ({ ...createRefs(outside), ...createEffects(outside) });
