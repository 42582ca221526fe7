/**
 * events.js - what the view is told of an event of the browser's: which elements hear it, the value that goes with it, and the rest of
 * it as the C half reads it. dom.js passes it on.
 */

/** @typedef {import('./dom.js').Known} Known */

const KEY_MAX = 32; // bytes, as in src/view/event.client.c
const encoder = new TextEncoder(); // keeps nothing

/** By number. As DEW_EVENTS in dew/attrs.h. */
export const EVENTS = ['click', 'submit', 'change', 'input', 'keydown', 'focusin', 'focusout'];

/**
 * The elements with handlers that it passes, from where it happened outwards.
 * @param {any} target @param {Node} root @param {number} [here] only where it happened
 */
export function heardBy(target, root, here) {
  /** @type {Known[]} */
  const path = [];
  for (let n = target; n && n !== root; n = here ? null : n.parentNode) if (n.dew !== undefined) path.push(n);
  return path;
}

/** @param {any} event @returns {string} of a form its fields, as a query string */
export function valueOf({ target, type, submitter }) {
  if (type !== 'submit') return typeof target.value === 'string' ? target.value : '';
  // files have no place in a call's arguments
  return new URLSearchParams([...new FormData(target, submitter)].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))).toString();
}

/**
 * Flags, two numbers and the key: `detail` in src/view/event.client.c.
 * @param {any} event @param {number} to address @param {Uint32Array} words @param {Uint8Array} bytes both of the memory
 */
export function putDetail({ target, open, shiftKey, ctrlKey, altKey, metaKey, isComposing, clientX, clientY, key }, to, words, bytes) {
  words[to >> 2] =
    (target.checked || open ? 1 : 0) | (shiftKey << 1) | (ctrlKey << 2) | (altKey << 3) | (metaKey << 4) | (isComposing << 5);
  words[(to >> 2) + 1] = clientX;
  words[(to >> 2) + 2] = clientY;
  words[(to >> 2) + 3] = key ? encoder.encodeInto(key, bytes.subarray(to + 16, to + 16 + KEY_MAX)).written : 0;
}
