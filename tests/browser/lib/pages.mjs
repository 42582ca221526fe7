// The pages of a program, as it lists them itself: a page that is added is found, and one that nothing leads to is told.
import { readSite } from '../../../client/site.js';

/** The patterns of its pages, read out of its wasm program. @param {string} url @returns {Promise<string[]>} */
export async function patternsOf(url) {
  const html = await (await fetch(url)).text();
  const href = html.match(/id="dew-wasm"[^>]* href="([^"]+)"/)[1];
  const module = await WebAssembly.compile(await (await fetch(new URL(href, url))).arrayBuffer());
  /** @type {Record<string, Record<string, () => number>>} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
  const { exports } = await WebAssembly.instantiate(module, imports);
  return readSite(exports).map(({ pattern }) => `/${pattern.join('/')}`);
}

/** Does the address belong to the pattern? @param {string} pattern @param {string} pathname */
function fits(pattern, pathname) {
  const [wanted, given] = [pattern, pathname].map((path) => path.split('/').filter(Boolean));
  return wanted.length === given.length && wanted.every((segment, i) => segment.startsWith(':') || segment === given[i]);
}

/** An address for each page, found by following links from the first: those that a visitor finds.
 * @param {import('playwright-core').Page} page @param {string} url @returns {Promise<string[]>} */
export async function pagesOf(page, url) {
  const patterns = await patternsOf(url);
  /** @type {Map<string, string>} */
  const found = new Map();
  const waiting = [new URL('/', url).href];
  while (waiting.length && found.size < patterns.length) {
    const address = waiting.shift();
    const pattern = patterns.find((one) => fits(one, new URL(address).pathname));
    if (!pattern || found.has(pattern)) continue;
    if ((await page.goto(address)).status() !== 200) continue;
    found.set(pattern, address);
    await page.waitForFunction(() => document.documentElement.dew === 'live');
    waiting.push(...await page.evaluate(() => [...document.querySelectorAll('#app a[href]')].map((link) => link.href)
      .filter((href) => new URL(href).origin === location.origin)));
  }
  const lost = patterns.filter((pattern) => !found.has(pattern));
  if (lost.length) throw new Error(`no link leads to ${lost.join(', ')}: a visitor does not find it either`);
  return [...found.values()];
}
