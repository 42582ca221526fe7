// hover.js - a pointer that rests on a link, a finger on it, or focus by keyboard: what its page is known to need is loaded
// ahead (prefetch.js), after the page's hover_delay. Scrolling takes it back; visitors who save data are spared.

import { isForeignLink } from './navigation.js';

const SCROLL_PX = 10; // is scrolling, not resting

/**
 * @param {import('./navigation.js').Options} options
 * @param {ReturnType<typeof import('./prefetch.js').createPrefetch>} prefetch
 */
export function createHover(options, prefetch) {
  const { window } = options;
  const { document, location } = window;
  /** @type {HTMLAnchorElement | null} */
  let resting = null;
  /** @type {any} */
  let timer;
  let scrollY = 0;

  function isSaving() {
    const { connection } = /** @type {any} */ (window.navigator);
    return connection?.saveData || /2g/.test(connection?.effectiveType);
  }

  function stop() {
    window.clearTimeout(timer);
    resting = null;
  }

  /** @param {Event} event */
  function begin({ target }) {
    const link = target instanceof Element ? target.closest('a[href]') : null;
    if (!(link instanceof HTMLAnchorElement) || link === resting) return;
    stop();
    const path = link.pathname + link.search;
    if (isForeignLink(link, options) || path === location.pathname + location.search || isSaving()) return;
    const page = prefetch.pageAt(path);
    const policy = Number(link.closest('[data-dew-hover]')?.getAttribute('data-dew-hover')) || page?.onHover;
    if (!page || !policy) return;
    resting = link;
    scrollY = window.scrollY;
    timer = window.setTimeout(() => prefetch.hover(path, policy), page.hoverDelay);
  }

  /** @param {FocusEvent | MouseEvent} event */
  function end({ target, relatedTarget }) {
    if (resting && !(relatedTarget instanceof Node && resting.contains(relatedTarget)) && target instanceof Node && resting.contains(target)) stop();
  }

  function onScroll() {
    if (resting && Math.abs(window.scrollY - scrollY) >= SCROLL_PX) stop();
  }

  const life = new AbortController();
  const listen = { signal: life.signal, passive: true };
  for (const name of ['mouseover', 'touchstart', 'focusin']) document.addEventListener(name, begin, listen);
  for (const name of ['mouseout', 'touchcancel', 'focusout']) document.addEventListener(name, /** @type {any} */ (end), listen);
  document.addEventListener('scroll', onScroll, { ...listen, capture: true });
  return { stop, end: () => life.abort() };
}
