// Figures: medians, ratios, and whether they reach their targets.

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** @param {number[]} values @param {number} at */
export function share(values, at) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))];
}

/**
 * @typedef {object} Figure
 * @property {string} what     the measure
 * @property {string} dew      what Dew does, with its unit
 * @property {string} peer     what the peer does; empty when the target is absolute
 * @property {number} value    what is compared with the target: a ratio or an amount
 * @property {number} target
 * @property {boolean} atLeast true: the value must not be below the target; false: not above
 * @property {string} unit     of value and target: "×", "ms", "bytes", "/s"
 * @property {boolean} met
 * @property {object} raw      every round's numbers
 */

/** "Dew does `target` times what the peer does": ratios are taken within each round, then their median. */
export function ratio(what, target, unit, dew, peer, raw = {}, higherIsBetter = true) {
  const ratios = dew.map((value, i) => (higherIsBetter ? value / peer[i] : peer[i] / value));
  const value = median(ratios);
  return { what, dew: amount(median(dew), unit), peer: amount(median(peer), unit), value, target, atLeast: true, unit: '×',
    met: value >= target, raw: { dew, peer, ratios, ...raw } };
}

/** "At most" or "at least" so much. */
export const absolute = (what, value, target, unit, atLeast, raw) =>
  ({ what, dew: amount(value, unit), peer: '', value, target, atLeast, unit, met: atLeast ? value >= target : value <= target, raw });

/** A figure beside the others, without a target. */
export const note = (what, value, unit, raw = {}) =>
  ({ what, dew: amount(value, unit), peer: '', value, target: null, atLeast: false, unit, met: true, raw });

export function amount(value, unit) {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, digits === 0 ? ',' : '');
  return unit === '×' ? `${text} ×` : `${text} ${unit}`.trim();
}
