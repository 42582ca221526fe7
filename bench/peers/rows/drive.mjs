// What the page itself does in a measure of rows. Both functions are given to Chromium as text: they use nothing from outside.

export const operations = ['create', 'replace', 'update', 'select', 'swap', 'remove', 'append', 'clear', 'create 10,000'];

/**
 * One operation again and again. From the click until the view has done its work (frameworks put it off by a microtask), and
 * until style and layout are done. As js-framework-benchmark does it, what changes a table in part goes on with the same table
 * after warming up on it; what makes one or throws it away has another each time.
 * @param {string} name of operations
 * @returns {Promise<{ script: number[], whole: number[] }>} milliseconds
 */
export async function operate(name) {
  const find = (selector) => document.querySelector(selector);
  const tbody = find('#tbody');
  const rows = () => tbody.childElementCount;
  const row = (n) => tbody.children[n];
  const idOf = (n) => Number(row(n).firstChild.textContent);
  const idle = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const microtasks = async () => { for (let i = 0; i < 5; i++) await null; };
  const perform = async (selectors) => {
    for (const selector of selectors) {
      find(selector).click();
      await idle();
    }
  };
  const has = (count) => () => () => rows() === count;
  // expect() sees the table before the click and gives what has to be true after it; table: clicks that make it, for each time or once.
  const operations = {
    create: { table: [], act: () => '#run', expect: has(1000) },
    replace: { table: ['#run'], act: () => '#run', expect: (_, first = idOf(0)) => () => rows() === 1000 && idOf(0) !== first },
    update: { once: true, table: ['#run'], act: () => '#update',
      expect: (_, text = row(990).textContent, beside = row(991).textContent) => () => row(990).textContent === `${text} !!!` && row(991).textContent === beside },
    select: { once: true, table: ['#run'], act: (i) => `#tbody tr:nth-child(${2 + i}) a.lbl`,
      expect: (i) => () => row(1 + i).className === 'danger' && tbody.querySelectorAll('.danger').length === 1 },
    swap: { once: true, table: ['#run'], act: () => '#swaprows',
      expect: (_, one = idOf(1), other = idOf(998)) => () => idOf(1) === other && idOf(998) === one },
    remove: { once: true, table: ['#run'], act: () => '#tbody tr:nth-child(4) a.remove span',
      expect: (_, count = rows(), next = idOf(4)) => () => rows() === count - 1 && idOf(3) === next },
    append: { table: ['#run'], act: () => '#add', expect: has(2000) },
    clear: { table: ['#run'], act: () => '#clear', expect: has(0) },
    'create 10,000': { table: [], act: () => '#runlots', expect: has(10000), warm: 1, count: 4 },
  };
  const { once = false, table, act, expect, warm = once ? 10 : 5, count = once ? 40 : 15 } = operations[name];
  const times = { script: [], whole: [] };
  for (let i = 0; i < warm + count; i++) {
    if (!once || i === 0) await perform(['#clear', ...table]);
    document.body.offsetHeight;
    if (i % 5 === 0) gc();
    await idle();
    const holds = expect(i);
    const target = find(act(i));
    const start = performance.now();
    target.click();
    await microtasks();
    const scripted = performance.now();
    document.body.offsetHeight;
    const end = performance.now();
    if (!holds()) throw new Error(`${name}: not as it should be`);
    if (i < warm) continue;
    times.script.push(scripted - start);
    times.whole.push(end - start);
  }
  await perform(['#clear']);
  return times;
}

/**
 * Before anything else on the page. Peers offer window.hydrateRows; of Dew it is the program's first call, which renders and
 * takes over the nodes. The time goes to window.hydrated.
 */
export function hydrate() {
  const timed = (run) => {
    const rows = document.querySelectorAll('#tbody tr');
    const start = performance.now();
    const result = run();
    const took = performance.now() - start;
    const after = document.querySelectorAll('#tbody tr');
    if (after.length !== 1000 || [...after].some((row, i) => row !== rows[i])) throw new Error('hydration: other rows than before');
    window.hydrated = took;
    return result;
  };
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...args) => {
    const { exports } = await instantiate(...args);
    return { exports: { ...exports, dew_start: (adopt) => timed(() => exports.dew_start(adopt)) } };
  };
  addEventListener('load', () => window.hydrateRows && timed(window.hydrateRows));
}
