// site.js - what the pages of the site say of navigations to them, read where it stands in the program's memory
// (src/page/shape.client.c): patterns, policies, and whether there is something to ask for before they are shown.

/** The policies, as enum dew_policy (dew/page.h). */
export const POLICY = { NONE: 1, HOOKS: 2, SERVER_QUERIES: 3, CLIENT_QUERIES: 4, QUERIES: 5, STATE: 6, STATE_AND_CLIENT_QUERIES: 7 };

const HOVER_DELAY_MS = 30;
const STALE_MS = 10_000;
const DURATION_BIAS = 1n << 62n; // dew/duration.h

/**
 * @typedef {object} Told of a page, with what it inherits
 * @property {string[]} pattern its segments
 * @property {number} onNavigate a policy
 * @property {number} onHover
 * @property {number} hoverDelay milliseconds
 * @property {number} stale milliseconds
 * @property {boolean} isOff the browser renders it: the server has no state of it
 * @property {boolean} isStatic the browser takes it as the server sends it (dew/island.h)
 * @property {boolean} warms it or what is around it declares queries, or has hooks that ask for some
 */

/** @param {string} path of an address or a pattern */
const segmentsOf = (path) => path.split('/').filter(Boolean);

/**
 * @param {{ memory: WebAssembly.Memory, dew_shape: WebAssembly.Global }} exports
 * @param {boolean} [allOff] the browser renders all of them, whatever they say
 * @returns {Told[]} each page, of two that fit the same address the one that goes first before the other
 */
export function readSite({ memory, dew_shape }, allOff) {
  const view = new DataView(memory.buffer);
  /** @param {number} at */
  const word = (at) => view.getUint32(at, true);
  let next = dew_shape.value + 4;
  const offset = () => view.getUint8(next++);
  const [sitePages, siteLayout, siteInherits, pagePath, pageRoute, pageLayout, pageIslands, pageInherits, routePattern, layoutParent, layoutInherits] = Array.from({ length: 11 }, offset);
  const [prefetch, ...warming] = Array.from({ length: 4 }, offset);
  const SSR_OFF = 3; // enum dew_ssr_mode, which stands first of what is inherited

  /** @param {number} at a NUL-terminated text @returns {string} */
  function text(at) {
    const bytes = new Uint8Array(memory.buffer);
    return new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
  }

  /** @param {number} at of a dew_duration @param {number} fallback */
  function duration(at, fallback) {
    const biased = view.getBigInt64(at + 8, true);
    return biased ? (biased < 0n ? Infinity : Number(biased - DURATION_BIAS)) : fallback;
  }

  /** @param {number} page @param {number} site @returns {Told} */
  function read(page, site) {
    const levels = [page + pageInherits]; // from the page outwards
    for (let layout = word(page + pageLayout) || word(site + siteLayout); layout; layout = word(layout + layoutParent)) levels.push(layout + layoutInherits);
    levels.push(site + siteInherits);
    /** The first that says something. @param {number} at @param {number} fallback */
    const policy = (at, fallback) => levels.map((level) => word(level + prefetch + at)).find(Boolean) || fallback;
    /** @param {number} at @param {number} fallback */
    const time = (at, fallback) => levels.map((level) => duration(level + prefetch + at, -1)).find((ms) => ms >= 0) ?? fallback;
    const route = word(page + pageRoute);
    const isOff = allOff || levels.map((level) => word(level)).find(Boolean) === SSR_OFF;
    return {
      pattern: segmentsOf(text(route ? word(route + routePattern) : word(page + pagePath))),
      onNavigate: policy(0, isOff ? POLICY.QUERIES : POLICY.STATE_AND_CLIENT_QUERIES),
      onHover: policy(4, POLICY.NONE),
      hoverDelay: time(8, HOVER_DELAY_MS),
      stale: time(24, STALE_MS),
      isOff,
      isStatic: word(page + pageIslands) !== 0,
      warms: levels.some((level) => warming.some((at) => word(level + at))),
    };
  }

  const site = word(word(dew_shape.value));
  const pages = [];
  for (let at = word(site + sitePages); word(at); at += 4) pages.push(read(word(at), site));
  return pages.sort((a, b) => order(a.pattern).localeCompare(order(b.pattern)));
}

/** At the first difference a literal goes before a parameter (src/page/router.client.c). @param {string[]} pattern */
const order = (pattern) => pattern.map((segment) => (segment[0] === ':' ? '1' : '0')).join('');

/**
 * @param {Told[]} pages
 * @param {string} path below the site's prefix
 * @returns {Told | undefined} undefined: no page that the program shows is there
 */
export function findPage(pages, path) {
  let segments = segmentsOf(path);
  try {
    segments = segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const fits = (/** @type {Told} */ { pattern }) =>
    pattern.length === segments.length && pattern.every((own, i) => own[0] === ':' || own === segments[i]);
  const found = pages.find(fits);
  return found?.isStatic ? undefined : found;
}
