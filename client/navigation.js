// navigation.js - links of this site are followed without loading the document: the new page's state is fetched, the
// views render it. Whatever goes wrong on the way, the browser loads the page as it always did.
//
// A redirect comes as data, and is followed: to a path here, to anything else by the browser. A newer navigation ends the one before. Scroll positions are kept in the history's entries, and restored; focus goes to
// the page's start, where the title is announced.

const STATE_TYPE = 'application/vnd.dew.state+json';
const HOPS_MAX = 20; // redirects in a row; then the browser is left to say that there are too many

/**
 * @typedef {object} Options
 * @property {Window & typeof globalThis} window
 * @property {string} prefix of the site's addresses: "" or "/live"
 * @property {string} tab names this page among all pages, unguessable
 * @property {string} build of this program: a page of another one is loaded whole
 * @property {() => number} moment taken down when a page is asked for
 * @property {(state: any, since: number) => boolean} show renders the page of a state that was asked for at that moment; false:
 *   this program cannot
 * @property {(title: string) => void} announce
 */

/** A link that the browser must follow itself. @param {HTMLAnchorElement} link @param {Options} options */
function isForeign(link, { window, prefix }) {
  const { location } = window;
  return (
    (link.target && link.target !== '_self') ||
    link.hasAttribute('download') ||
    link.hasAttribute('data-dew-reload') ||
    link.relList.contains('external') ||
    link.origin !== location.origin ||
    !(link.pathname === prefix || link.pathname.startsWith(`${prefix}/`)) ||
    (link.hash !== '' && link.pathname + link.search === location.pathname + location.search)
  );
}

/**
 * Takes over from now on.
 * @param {Options} options
 * @returns {{ follow: (location: string) => void, stop: () => void }} follow goes where a redirect leads; stop gives the links back
 *   to the browser
 */
export function startNavigation(options) {
  const { window, tab, build, moment, show, announce } = options;
  const { document, history, location } = window;
  /** @type {AbortController | undefined} */
  let current;
  let count = 0; // by which the server drops what it still makes for a former one, even if it hears of no hang-up
  let shown = location.pathname + location.search;

  /** @param {string} to a path, or an absolute address @param {number} [hops] */
  const follow = (to, hops = 0) => void (to[0] === '/' ? go(to, 'push', hops) : location.assign(to));

  /** @param {string} url @param {'push' | 'pop'} how @param {number} [hops] */
  async function go(url, how, hops = 0) {
    current?.abort();
    const mine = (current = new AbortController());
    const since = moment();
    try {
      const response = await window.fetch(url, { headers: { accept: STATE_TYPE, 'dew-navigation': `${tab}.${++count}` }, signal: mine.signal });
      if (!response.headers.get('content-type')?.startsWith(STATE_TYPE)) throw new Error();
      const state = await response.json();
      if (current !== mine) return;
      if (state.redirect && how === 'push' && hops < HOPS_MAX) return follow(state.redirect, hops + 1);
      if (state.build !== build) throw new Error();
      const hash = new URL(url, location.href).hash;
      if (how === 'push') {
        keepScroll();
        history.pushState(null, '', state.location + hash);
      }
      shown = state.location;
      if (!show(state, since)) throw new Error();
      settle(how, hash);
    } catch (error) {
      if (current !== mine) return; // superseded, or given up
      if (how === 'push') location.assign(url);
      else location.reload();
    }
  }

  function keepScroll() {
    history.replaceState({ x: window.scrollX, y: window.scrollY }, '');
  }

  /** @param {'push' | 'pop'} how @param {string} hash */
  function settle(how, hash) {
    announce(document.title);
    const target = hash ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
    if (how === 'push') {
      const start = document.querySelector('#app [autofocus], #app main, #app h1');
      if (start instanceof HTMLElement) {
        if (start.tabIndex < 0) start.tabIndex = -1; // or it takes no focus
        start.focus({ preventScroll: true });
      }
    }
    if (target) target.scrollIntoView();
    else if (how === 'push') window.scrollTo(0, 0);
    else if (history.state) window.scrollTo(history.state.x, history.state.y);
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element && event.target.closest('a[href]');
    if (!(link instanceof HTMLAnchorElement) || isForeign(link, options)) return;
    event.preventDefault();
    go(link.href, 'push');
  }

  function onPop() {
    if (location.pathname + location.search !== shown) go(location.href, 'pop');
  }

  /** Leaving for good: a reload restores the scroll position by itself. */
  function onHide() {
    history.scrollRestoration = 'auto';
  }

  history.scrollRestoration = 'manual';
  const life = new AbortController();
  const { signal } = life;
  document.addEventListener('click', onClick, { signal });
  window.addEventListener('popstate', onPop, { signal });
  window.addEventListener('pagehide', onHide, { signal });
  return {
    follow,
    stop() {
      current?.abort();
      current = undefined;
      onHide();
      life.abort();
    },
  };
}
