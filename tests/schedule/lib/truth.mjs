// What the database held at each commit, by the answers that the writes got; and what each query gives there.

/** @typedef {{ kind: string, id: string, commit: number }} Op a write that was acknowledged */

export class Truth {
  /** @type {Op[]} */
  ops = [];
  acknowledged = 0; // the highest commit that is known
  #states = null;

  /** @param {number} before items of all other rooms, none of which changes meanwhile */
  constructor(before) {
    this.before = before;
  }

  /** @param {string} kind @param {{ commit: string | number, id: string }} answer */
  add(kind, { commit, id }) {
    if (kind === 'nothing') return;
    this.ops.push({ kind, id, commit: Number(commit) });
    this.acknowledged = Math.max(this.acknowledged, Number(commit));
    this.#states = null;
  }

  /** Items that are there, as far as is known: what a write may change. */
  get items() {
    return this.at(Infinity).items;
  }

  /** The room as of a commit. Writes of one group go in the order of their kinds, which gives the same. */
  at(commit) {
    this.#states ??= this.#fold();
    let low = 0, high = this.#states.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#states[middle].commit <= commit) low = middle;
      else high = middle - 1;
    }
    return this.#states[low];
  }

  #fold() {
    const order = ['add', 'bump', 'drop'];
    const ops = [...this.ops].sort((a, b) => a.commit - b.commit || order.indexOf(a.kind) - order.indexOf(b.kind));
    const items = new Map();
    const states = [{ commit: 0, items: [], writes: 0 }];
    ops.forEach(({ kind, id, commit }, index) => {
      if (kind === 'add') items.set(id, 1);
      else if (kind === 'drop') items.delete(id);
      else if (items.has(id)) items.set(id, items.get(id) + 1);
      if (ops[index + 1]?.commit === commit) return;
      const list = [...items].map(([key, version]) => ({ id: key, version: String(version) }));
      states.push({ commit, items: list.sort((a, b) => Number(a.id) - Number(b.id)), writes: index + 1 });
    });
    return states;
  }
}

/** The queries by the letter that shows them (tests/apps/schedule/schedule.c). `of`: the part of a value that a state of the
 * room decides, and what it has to be; `number`: the part that a counter in memory decides. */
export const QUERIES = {
  i: { fn: 'items', key: 'id', of: (value) => value, is: (state) => state.items },
  m: { fn: 'marks', key: '', of: (value) => value.writes, is: (state) => String(state.writes) },
  t: { fn: 'total', key: '', of: (value) => value.writes, is: (state, { before }) => String(before + state.items.length) },
  j: { fn: 'joint', key: '', of: (value) => value.writes, is: (state) => String(state.writes * 1001), number: (value) => Number(value.number) },
  o: {
    fn: 'mine', key: '', of: (value) => value,
    is: (state, { who }) => ({ writes: String(state.writes), who: state.writes % 2 ? who : 'all' }),
  },
  c: { fn: 'counter', key: '', number: (value) => Number(value.number) },
};

/** The arguments of a query, canonical. */
export const argsOf = (letter, room) => (letter === 't' ? '{}' : JSON.stringify({ room }));
