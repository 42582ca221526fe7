// navigation.js - links and forms of this site are followed without loading the document: what the new page needs is there
// first (prefetch.js), then the views render it. Whatever goes wrong on the way, the browser loads the page as it always did.
//
//   click, submit, back ─→ hooks ─→ visit ─→ show ─→ settle: history, title said, focus, scroll
//                          (stay)   └ redirect: visit that one
//
// The old page stays until the new one is shown. A newer navigation ends the one before. A redirect comes as data, and is
// followed: to a path here, to anything else by the browser.

import { createAnnouncer } from './announce.js';
import { createHooks } from './hooks.js';
import { createHover } from './hover.js';
import { createPlaces } from './places.js';
import { Unreachable, createPrefetch } from './prefetch.js';

const HOPS_MAX = 20; // redirects in a row; then the browser is left to say that there are too many

/**
 * @typedef {object} Options
 * @property {Window & typeof globalThis} window
 * @property {string} prefix of the site's addresses: "" or "/live"
 * @property {string} tab names this page among all pages, unguessable
 * @property {string} build of this program: a page of another one is loaded whole
 * @property {ReturnType<typeof import('./queries.js').createQueries>} queries
 * @property {ReturnType<typeof import('./life.js').createLife>} life
 * @property {(message: string) => void} tell
 *
 * @typedef {object} Wish how a link or a call wants it; left out: a new entry, from the top, by the page's policy
 * @property {boolean} [replace] the entry in the history
 * @property {boolean} [keep] scroll position and focus
 * @property {number} [policy] (dew/page.h)
 */

/** An address that the browser must go to itself. @param {URL} url @param {Options} options */
function isForeign(url, { window: { location }, prefix }) {
  return url.origin !== location.origin || !(url.pathname === prefix || url.pathname.startsWith(`${prefix}/`));
}

/** A link that the browser must follow itself. @param {HTMLAnchorElement} link @param {Options} options */
export function isForeignLink(link, options) {
  const { location } = options.window;
  return (
    (link.target && link.target !== '_self') ||
    link.hasAttribute('download') ||
    link.hasAttribute('data-dew-reload') ||
    link.relList.contains('external') ||
    isForeign(new URL(link.href), options) ||
    (link.hash !== '' && link.pathname + link.search === location.pathname + location.search)
  );
}

/** What an element says of the navigation that it leads to. @param {Element} element @returns {Wish} */
const wishOf = (element) => ({
  replace: element.hasAttribute('data-dew-replace'),
  keep: element.hasAttribute('data-dew-keep'),
  policy: Number(element.getAttribute('data-dew-prefetch')),
});

/**
 * Takes over from now on.
 * @param {Options} options
 * @returns {{ follow: (location: string, wish?: Wish) => void, rendered: () => void, stop: () => void }} follow goes where a redirect
 *   or a handler leads; rendered: what shows has been rendered again; stop gives the links back to the browser
 */
export function startNavigation(options) {
  const { window, tab, build, queries, life, tell } = options;
  const { document, history, location } = window;
  const announce = createAnnouncer(document);
  /** @type {AbortController | undefined} */
  let current;
  let count = 0; // by which the server drops what it still makes for a former one, even if it hears of no hang-up
  let shown = location.pathname + location.search;
  let isUndone = false; // the next move of the history is our own
  /** @type {(() => void) | undefined} */
  let late; // what is left to do once all that shows is there
  const places = createPlaces(window);
  const prefetch = createPrefetch(options);
  const hooks = createHooks(options, prefetch);
  const hover = createHover(options, prefetch);

  /** @param {string} to a path, or an absolute address @param {Wish} [wish] @param {number} [hops] */
  function follow(to, wish, hops = 0) {
    if (to[0] === '/') go(to, 0, wish, hops);
    else location.assign(to);
  }

  /** @param {string} to @param {number} moved the history already, by so many entries; 0: not yet @param {Wish} [wish] @param {number} [hops] */
  async function go(to, moved, wish = {}, hops = 0) {
    const url = new URL(to, location.href);
    const path = url.pathname + url.search;
    current?.abort();
    hover.stop();
    const { signal } = (current = new AbortController());
    const mine = current;
    hooks.pending(path);
    try {
      const answer = await hooks.ask(path, signal);
      if (current !== mine) return;
      if (answer === false) return stay(moved);
      if (answer !== true && hops < HOPS_MAX) return follow(answer, { ...wish, replace: wish.replace || moved !== 0 }, hops + 1);
      const visited = await prefetch.visit(path, wish.policy ?? 0, signal, { 'dew-navigation': `${tab}.${++count}` });
      if (current !== mine) return;
      const { state } = visited;
      if (state.redirect && !moved && hops < HOPS_MAX) return follow(state.redirect, wish, hops + 1);
      if (state.build !== build) throw new Error('another build');
      await swap(() => {
        if (current !== mine) return;
        if (!moved) {
          places.keep();
          places.enter(state.location + url.hash, wish.replace || state.location + url.hash === location.pathname + location.search + location.hash);
        }
        const before = shown;
        shown = state.location;
        hooks.left(shown);
        queries.load(state, visited.since);
        hooks.pending('', false);
        if (!life.navigate(state)) throw new Error('a page of another program');
        hooks.entered(before);
        settle(moved !== 0, wish.keep ?? false, url.hash);
      });
    } catch (error) {
      if (current !== mine) return; // superseded, or given up
      if (error instanceof Unreachable && !window.navigator.onLine) {
        tell('There is no connection: this page stays until there is one.');
        return stay(moved);
      }
      if (moved) location.reload();
      else if (wish.replace) location.replace(url);
      else location.assign(url);
    }
  }

  /** @param {number} moved */
  function stay(moved) {
    hooks.pending('');
    if (!moved) return;
    isUndone = true;
    history.go(-moved);
  }

  /** Shows another page, by a transition where the site wants one (docs/navigation.md). @param {() => void} show */
  async function swap(show) {
    const isWanted =
      document.querySelector('meta[name=view-transition][content=same-origin]') && !window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    /** @type {any} */
    const modern = document;
    if (isWanted && modern.startViewTransition) await modern.startViewTransition(show).updateCallbackDone;
    else show();
  }

  /** @param {boolean} isBack @param {boolean} keep @param {string} hash */
  function settle(isBack, keep, hash) {
    late = undefined;
    const { title } = document;
    if (queries.unanswered) late = () => (isBack && places.here ? restore() : document.title !== title && announce(document.title));
    if (!keep) announce(title);
    if (isBack) return restore();
    if (keep) return;
    const start = document.querySelector('#app [autofocus], #app main, #app h1');
    if (start instanceof HTMLElement) {
      if (start.tabIndex < 0) start.tabIndex = -1; // or it takes no focus
      start.focus({ preventScroll: true });
    }
    if (hash) target(hash);
    else window.scrollTo(0, 0);
  }

  /** The browser's own way to a place in the page, so that :target and the focus that follows are right. @param {string} hash */
  function target(hash) {
    const { state } = history;
    location.replace(hash);
    history.replaceState(state, '');
  }

  /** Where the reader was in this entry of the history. */
  function restore() {
    const { here } = places;
    if (!here) return;
    const focused = here.focus && document.querySelector(here.focus);
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    window.scrollTo(here.x, here.y);
  }

  function rendered() {
    prefetch.changed();
    hooks.changed();
    if (!late || queries.unanswered) return;
    late();
    late = undefined;
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element && event.target.closest('a[href]');
    if (!(link instanceof HTMLAnchorElement) || isForeignLink(link, options)) return;
    event.preventDefault();
    go(link.href, 0, wishOf(link));
  }

  /** A form that only asks leads to an address. @param {SubmitEvent} event */
  function onSubmit(event) {
    const form = event.target;
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.hasAttribute('data-dew-reload')) return;
    if ((button?.getAttribute('formmethod') ?? form.method) !== 'get' || (button?.getAttribute('formtarget') ?? form.target)) return;
    const url = new URL(button?.getAttribute('formaction') ?? form.getAttribute('action') ?? '', location.href);
    if (isForeign(url, options)) return;
    const fields = [...new FormData(form, button)].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
    url.search = new URLSearchParams(fields).toString();
    event.preventDefault();
    go(url.href, 0, wishOf(form));
  }

  function onPop() {
    if (!isUndone) places.keep();
    const moved = places.moved();
    if (isUndone) isUndone = false;
    else if (location.pathname + location.search !== shown) go(location.href, moved || 1);
    else if (moved && places.here) restore();
  }

  /** Leaving for good: a reload restores the scroll position by itself. */
  function onHide() {
    places.keep();
    history.scrollRestoration = 'auto';
  }
  const onShow = () => void (history.scrollRestoration = 'manual');

  onShow();
  hooks.entered('');
  const ended = new AbortController();
  const { signal } = ended;
  document.addEventListener('click', onClick, { signal });
  document.addEventListener('submit', onSubmit, { signal });
  window.addEventListener('popstate', onPop, { signal });
  window.addEventListener('pagehide', onHide, { signal });
  window.addEventListener('pageshow', onShow, { signal });
  return {
    follow,
    rendered,
    stop() {
      current?.abort();
      current = undefined;
      history.scrollRestoration = 'auto';
      hover.stop();
      ended.abort();
      hover.end();
      hooks.end();
    },
  };
}
