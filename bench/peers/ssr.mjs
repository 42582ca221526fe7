// What bench/c/ssr_pages.c renders, by preact-render-to-string and react-dom/server, from memory to a string.
//
//     node peers/ssr.mjs [preact|react]             one line per page: library page bytes nanoseconds (median of 41 runs)
//     node peers/ssr.mjs preact|react list|table N  the HTML
process.env.NODE_ENV = 'production';
const { h } = await import('preact');
const { renderToString } = await import('preact-render-to-string');
const { createElement } = await import('react');
const reactServer = await import('react-dom/server');

const sizes = ['pretty', 'large', 'big', 'small', 'tall', 'short', 'long', 'handsome', 'plain', 'quaint', 'clean', 'elegant', 'easy',
  'angry', 'crazy', 'helpful', 'mushy', 'odd', 'unsightly', 'adorable', 'important', 'inexpensive', 'cheap', 'expensive', 'fancy'];
const colours = ['red', 'yellow', 'blue', 'green', 'pink', 'brown', 'purple', 'brown', 'white', 'black', 'orange'];
const things = ['table', 'chair', 'house', 'bbq', 'desk', 'car', 'pony', 'cookie', 'sandwich', 'burger', 'pizza', 'mouse', 'keyboard'];
const runs = 41;

/** The same numbers as in ssr.c. */
function makeItems() {
  let seed = 1;
  const next = (/** @type {number} */ below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 16) % below;
  };
  return Array.from({ length: 1000 }, (_, i) => {
    const size = sizes[next(25)], colour = colours[next(11)], thing = things[next(13)];
    const price = next(10000), qty = next(100);
    const title = i % 10 === 3 ? `${size} ${colour} & ${thing}` : i % 10 === 7 ? `${size} <${colour}> ${thing}` : `${size} ${colour} ${thing}`;
    return { id: i + 1, price, qty, title };
  });
}

const items = makeItems();

/** The two pages as components, for a library whose element function is `e` and whose class attribute is `cls`. */
function pages(e, cls) {
  const Entry = ({ it }) =>
    e('li', { [cls]: 'item' },
      e('a', { href: `/items/${it.id}` }, it.title),
      e('span', { [cls]: 'price' }, it.price));
  const List = ({ n }) =>
    e('div', { [cls]: 'page' },
      e('h1', null, 'Items'),
      e('ul', { [cls]: 'list' }, items.slice(0, n).map((it) => e(Entry, { key: it.id, it }))));
  const Row = ({ it }) =>
    e('tr', { [cls]: it.qty > 50 ? 'row hot' : 'row' },
      e('td', { [cls]: 'id' }, it.id),
      e('td', null, e('a', { href: `/items/${it.id}` }, it.title)),
      e('td', { [cls]: 'num' }, it.price),
      e('td', { [cls]: 'num' }, it.qty));
  const Table = ({ n }) =>
    e('table', { [cls]: 'table' },
      e('thead', null, e('tr', null, e('th', null, 'Id'), e('th', null, 'Title'), e('th', null, 'Price'), e('th', null, 'Qty'))),
      e('tbody', null, items.slice(0, n).map((it) => e(Row, { key: it.id, it }))));
  return { list: (n) => e(List, { n }), table: (n) => e(Table, { n }) };
}

const forPreact = pages(h, 'class'), forReact = pages(createElement, 'className');
const libraries = {
  preact: (page, n) => renderToString(forPreact[page](n)),
  react: (page, n) => reactServer.renderToString(forReact[page](n)),
};

function measure(library, page, n, times) {
  const render = libraries[library];
  let html = '';
  for (let i = 0; i < times * 5; i++)
    html = render(page, n);
  const nanoseconds = [];
  for (let run = 0; run < runs; run++) {
    const start = process.cpuUsage();
    for (let i = 0; i < times; i++)
      html = render(page, n);
    Buffer.byteLength(html); /* a rope becomes one string */
    const { user, system } = process.cpuUsage(start); /* µs; with the collector's threads, which share the one core */
    nanoseconds.push(((user + system) * 1000) / times);
  }
  nanoseconds.sort((a, b) => a - b);
  console.log(library, page, Buffer.byteLength(html), Math.round(nanoseconds[runs >> 1]));
}

const [library, page, count] = process.argv.slice(2);
if (page) {
  process.stdout.write(libraries[library](page, Number(count)));
} else {
  for (const name of library ? [library] : Object.keys(libraries)) {
    measure(name, 'list', 50, 200);
    measure(name, 'table', 1000, 10);
  }
}
