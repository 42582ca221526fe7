// What the page itself does in a measure of rows. Both functions are given to Chromium as text: they use nothing from outside.

/**
 * Each operation again and again. From the click until the view has done its work (frameworks put it off by a microtask), and
 * until style and layout are done.
 * @returns {Promise<Record<string, { script: number[], whole: number[] }>>} milliseconds
 */
export async function operate() {
  const find = (selector) => document.querySelector(selector);
  const tbody = find('#tbody');
  const rows = () => tbody.childElementCount;
  const click = (selector) => find(selector).click();
  const idOf = (n) => Number(tbody.children[n].firstChild.textContent);
  const idle = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const microtasks = async () => { for (let i = 0; i < 5; i++) await null; };
  const operations = {
    create: { before: ['#clear'], act: '#run', done: () => rows() === 1000 },
    replace: { before: ['#run'], act: '#run', done: () => rows() === 1000 },
    update: { before: ['#run'], act: '#update', done: () => / !!!$/.test(tbody.children[990].textContent) },
    select: { before: ['#run'], act: '#tbody tr:nth-child(2) a.lbl', done: () => tbody.children[1].className === 'danger' },
    swap: { before: ['#run'], act: '#swaprows', done: () => idOf(1) === idOf(0) + 998 && idOf(998) === idOf(0) + 1 },
    remove: { before: ['#run'], act: '#tbody tr:nth-child(4) a.remove span', done: () => rows() === 999 },
    append: { before: ['#run'], act: '#add', done: () => rows() === 2000 },
    clear: { before: ['#run'], act: '#clear', done: () => rows() === 0 },
    'create 10,000': { before: ['#clear'], act: '#runlots', done: () => rows() === 10000, warm: 2, count: 5 },
  };
  const times = {};
  for (const [name, { before, act, done, warm = 6, count = 15 }] of Object.entries(operations)) {
    times[name] = { script: [], whole: [] };
    for (let i = 0; i < warm + count; i++) {
      click('#clear');
      await idle();
      for (const step of before) {
        click(step);
        await idle();
      }
      document.body.offsetHeight;
      if (i % 5 === 0) gc();
      await idle();
      const target = find(act);
      const start = performance.now();
      target.click();
      await microtasks();
      const scripted = performance.now();
      document.body.offsetHeight;
      const end = performance.now();
      if (!done()) throw new Error(`${name}: not as it should be`);
      if (i < warm) continue;
      times[name].script.push(scripted - start);
      times[name].whole.push(end - start);
    }
    click('#clear');
    await idle();
  }
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
