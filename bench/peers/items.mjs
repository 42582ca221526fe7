// The rows that bench/app keeps in SQLite (app/migrations/001_tables.sql), held in memory.
const adjectives = ['pretty', 'large', 'small', 'tall', 'plain', 'quaint', 'clean'];
const colours = ['red', 'yellow', 'blue', 'green', 'black & white'];
const nouns = ['table', 'chair', 'lamp', 'desk', 'kettle', 'bench', 'shelf', 'stool', 'mirror', 'rug', 'clock'];

/** @typedef {{ id: number, title: string, price: number, stock: number }} Item */

/** @type {(count: number) => Item[]} */
export const makeItems = (count) => Array.from({ length: count }, (_, at) => {
  const i = at + 1;
  return {
    id: i,
    title: `${adjectives[(i * 13) % 7]} ${colours[(i * 17) % 5]} ${nouns[(i * 19) % 11]}`,
    price: ((i * 7919) % 100000) + 99,
    stock: (i * 31) % 97,
  };
});
