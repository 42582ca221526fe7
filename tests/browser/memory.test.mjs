// A tab that is navigated in for long stays as large as it was: JavaScript's heap and the wasm program's memory, nodes and
// listeners, after so many navigations (DEW_NAVIGATIONS), followed links and ways back, as before them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live } from './lib/live.mjs';
import { launch, startShowcase } from './lib/showcase.mjs';

const NAVIGATIONS = Number(process.env.DEW_NAVIGATIONS ?? 500);
const isSanitized = process.env.DEW_TEST_CFLAGS !== undefined; // the program alone is: the tab would be the same again
const WARM_UP = 400; // until caches and pools have what they keep; Chromium's own list of fetches has 250 places
// of the heap: V8's own of what it compiles, and Chromium's notes of what took long, some 30 bytes a navigation
// of documents: each SVG picture (the icon) is one for as long as Chromium cares to keep it; what leaks leaks per navigation
const GROWTH_MAX = { heap: 512 << 10, wasm: 64 << 10, nodes: 20, listeners: 5, documents: 3 };

let browser, showcase;
before(async () => {
  if (isSanitized) return;
  [browser, showcase] = await Promise.all([launch(), startShowcase()]);
});
after(async () => {
  await browser?.close();
  await showcase?.stop();
});

/** Follows the links of the frame in turn, each fourth time goes back, and waits each time until the page is there. From the ideas it goes on
 * to single ones, in each of the ways in which they are loaded. @returns {Promise<number>} how often it went to one */
const wander = (page, count) => page.evaluate(async (steps) => {
  const turn = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(); };
    port2.postMessage(0);
  });
  const at = () => document.querySelector('nav a[aria-current=page]')?.href;
  let ideas = 0;
  for (let i = 0; i < steps; i++) {
    const before = location.href;
    if (i % 4 === 3) history.back();
    else {
      const to = (selector) => [...document.querySelectorAll(selector)].filter((link) => link.href !== before);
      const own = i % 4 === 0 ? [] : to('.way, .ideas-list a'), links = to('nav[aria-label=Pages] a');
      if (own.length) own[ideas++ % own.length].click();
      else links[i % links.length].click();
    }
    while (location.href === before || at() !== location.href) await turn();
  }
  return ideas;
}, count);

/** What the tab holds on one and the same page once garbage is collected: pages differ in nodes, and in pictures, which are documents. */
async function measure(page, cdp) {
  await page.evaluate(() => document.querySelector('nav[aria-label=Pages] a[href$="/counter"]').click());
  await page.waitForFunction(() => location.pathname === '/counter' && document.querySelector('nav [aria-current=page]')?.href === location.href);
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name) => metrics.find((one) => one.name === name).value;
  return {
    heap: of('JSHeapUsedSize'),
    wasm: await page.evaluate(() => window.wasmMemory.buffer.byteLength),
    nodes: of('Nodes'),
    listeners: of('JSEventListeners'),
    documents: of('Documents'),
  };
}

test(`${NAVIGATIONS} navigations leave the tab at its level`, { skip: isSanitized }, async () => {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    const instantiate = WebAssembly.instantiate;
    WebAssembly.instantiate = async (...args) => {
      const instance = await instantiate(...args);
      window.wasmMemory = instance.exports.memory;
      return instance;
    };
  });
  await page.goto(`${showcase.url}/counter`);
  await live(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await wander(page, WARM_UP);
  const levels = [await measure(page, cdp)];
  let ideas = 0;
  for (let half = 0; half < 2; half++) {
    ideas += await wander(page, NAVIGATIONS / 2);
    levels.push(await measure(page, cdp));
  }
  console.log(`# before, half way through and after ${NAVIGATIONS} navigations, ${ideas} of them to an idea: ${levels.map((level) => JSON.stringify(level)).join(', ')}`);
  for (const [name, max] of Object.entries(GROWTH_MAX)) {
    const [first, , last] = levels.map((level) => level[name]);
    assert.ok(last - first <= max, `${name}: ${first}, then ${last}`);
  }
  assert.ok(ideas > NAVIGATIONS / 50, `${ideas} to an idea`);
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation').length), 1);
  await page.close();
});
