// Random numbers from a seed.
export class Random {
  #state;

  constructor(seed) {
    this.#state = Math.imul(seed, 0x9e3779b1) | 0;
  }

  /** From 0 up to 1. */
  fraction = () => { // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  below(n) {
    return Math.floor(this.fraction() * n);
  }

  of(list) {
    return list[this.below(list.length)];
  }

  /** One of the names, each as often as its weight says. @param {Record<string, number>} weights */
  weighed(weights) {
    let left = this.fraction() * Object.values(weights).reduce((a, b) => a + b, 0);
    for (const [name, weight] of Object.entries(weights)) if ((left -= weight) < 0) return name;
    return Object.keys(weights)[0];
  }
}
