// What all peers show: the same labels as bench/app_rows/rows.c makes.
const adjectives = ['pretty', 'large', 'big', 'small', 'tall', 'short', 'long', 'handsome', 'plain', 'quaint', 'clean', 'elegant', 'easy',
  'angry', 'crazy', 'helpful', 'mushy', 'odd', 'unsightly', 'adorable', 'important', 'inexpensive', 'cheap', 'expensive', 'fancy'];
const colours = ['red', 'yellow', 'blue', 'green', 'pink', 'brown', 'purple', 'brown', 'white', 'black', 'orange'];
const nouns = ['table', 'chair', 'house', 'bbq', 'desk', 'car', 'pony', 'cookie', 'sandwich', 'burger', 'pizza', 'mouse', 'keyboard'];

let seed = 1;
let lastId = 0;
function random() {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return seed >>> 16;
}
const pick = (words) => words[random() % words.length];

/** @param {number} count */
export function makeRows(count) {
  const rows = new Array(count);
  for (let i = 0; i < count; i++) rows[i] = { id: ++lastId, label: `${pick(adjectives)} ${pick(colours)} ${pick(nouns)}` };
  return rows;
}

export const buttons = [['run', 'Create 1,000 rows'], ['runlots', 'Create 10,000 rows'], ['add', 'Append 1,000 rows'],
  ['update', 'Update every 10th row'], ['clear', 'Clear'], ['swaprows', 'Swap Rows']];

/** The HTML has 1,000 rows already. */
export const isHydration = location.pathname.endsWith('/full');
