// navigation.js - links and forms of this site are followed without loading the document: what the new page needs is there
// first (prefetch.js), then the views render it. Whatever goes wrong on the way, the browser loads the page as it always did.
//
//   click, submit, back ─→ hooks ─→ visit ─→ show ─→ settle: history, title said, focus, scroll
//                          (stay)   └ redirect: visit that one
//
// The old page stays until the new one is shown. A newer navigation ends the one before. A redirect comes as data, and is
// followed: to a page here, to anything else by the browser. The history moves before its page shows (places.js): what is not
// to be shown then, or gives way to a link, moves it back.

import { createAnnouncer } from './announce.js';
import { createHooks } from './hooks.js';
import { createHover } from './hover.js';
import { createPlaces } from './places.js';
import { Unreachable, createPrefetch } from './prefetch.js';
import { runsCode } from './program.js';

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
 * @property {boolean} [here] instead of the page that the history has moved to, in its entry
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
 * @returns {{ follow: (location: string, wish?: Wish) => void, rendered: () => void, acted: () => void, stop: () => void }} follow goes
 *   where a redirect or a handler leads; rendered: what shows has been rendered again; acted: something was done, by which another
 *   visitor may be there; stop gives the links back to the browser
 */
export function startNavigation(options) {
  const { window, tab, build, queries, life, tell } = options;
  const { document, history, location } = window;
  const announcer = createAnnouncer(document);
  /** @type {AbortController | undefined} */
  let current; // a navigation under way
  let isMove = false; // it is one of the history
  let count = 0; // by which the server drops what it still makes for a former one, even if it hears of no hang-up
  let shown = location.pathname + location.search;
  /** @type {{ done: Promise<void>, end: () => void } | undefined} */
  let movingBack; // the next move of the history is our own
  /** @type {(() => void) | undefined} */
  let late; // what is left to do once all that shows is there
  const places = createPlaces(window);
  const prefetch = createPrefetch(options);
  const hooks = createHooks(options, prefetch);
  const hover = createHover(options, prefetch);

  /** A page of this site that can be shown in this document. @param {URL} url */
  const isPage = (url) => !isForeign(url, options) && prefetch.pageAt(url.pathname);

  /** @param {string} to an address, as a link has it @param {Wish} [wish] @param {number} [hops] */
  function follow(to, wish, hops = 0) {
    if (runsCode(to)) return;
    const url = new URL(to, document.baseURI);
    if (isPage(url) && !(url.hash && isHere(url))) go(url, false, wish, hops);
    else load(url, wish);
  }

  /** By the browser. @param {URL} url @param {Wish} [wish] */
  function load(url, wish) {
    if (wish?.replace) location.replace(url);
    else location.assign(url);
  }

  /** @param {{ pathname: string, search: string }} url */
  const isHere = (url) => url.pathname + url.search === shown;

  /** What is under way is done, or not wanted any more. */
  function giveUp() {
    current?.abort();
    current = undefined;
    hooks.pending('');
  }

  /** @param {URL} url @param {boolean} isBack the history is there already @param {Wish} [wish] @param {number} [hops] */
  async function go(url, isBack, wish = {}, hops = 0) {
    const path = url.pathname + url.search;
    current?.abort();
    hover.stop();
    announcer.prepare();
    const { signal } = (current = new AbortController());
    const mine = current;
    isMove = isBack;
    hooks.pending(path);
    try {
      const answer = await hooks.ask(path, signal);
      if (current !== mine) return;
      if (answer === false) return void moveBack();
      if (answer !== true && hops < HOPS_MAX) return follow(answer, isBack ? { ...wish, replace: true, here: true } : wish, hops + 1);
      const visited = await prefetch.visit(path, wish.policy ?? 0, signal, { 'dew-navigation': `${tab}.${++count}` });
      if (current !== mine) return;
      const { state } = visited;
      if (state.redirect && !isBack && hops < HOPS_MAX) return follow(state.redirect, wish, hops + 1);
      if (state.redirect || state.build !== build) throw new Error('not of this document');
      if (!isBack && !wish.here) await moveBack();
      await swap(() => {
        if (current !== mine) return;
        if (isBack) {
          places.arrived();
        } else {
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
        settle(isBack, wish.keep ?? false, url.hash);
      });
    } catch (error) {
      if (current !== mine) return; // superseded, or given up
      if (error instanceof Unreachable && !window.navigator.onLine) {
        tell('There is no connection: this page stays until there is one.');
        return void moveBack();
      }
      if (isBack) return location.reload();
      if (!wish.here) await moveBack();
      if (current === mine) load(url, wish);
    } finally {
      if (current === mine) giveUp();
    }
  }

  /** The history goes to the entry whose page shows. */
  function moveBack() {
    const moved = places.moved();
    if (moved && !movingBack) {
      let end = () => {};
      movingBack = { done: new Promise((done) => { end = done; }), end };
      history.go(-moved);
    }
    return movingBack?.done;
  }

  /** Shows another page, by a transition where the site wants one (docs/navigation.md). @param {() => void} show */
  async function swap(show) {
    const isWanted =
      document.querySelector('meta[name=view-transition][content=same-origin]') && !window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    /** @type {any} */
    const modern = document;
    if (!isWanted || !modern.startViewTransition) return show();
    const transition = modern.startViewTransition(show);
    for (const part of [transition.ready, transition.finished]) part.catch(() => {}); // a newer one takes its place
    await transition.updateCallbackDone;
  }

  /** @param {boolean} isBack @param {boolean} keep @param {string} hash */
  function settle(isBack, keep, hash) {
    late = undefined;
    const { title } = document;
    if (queries.unanswered) late = () => (isBack && places.here ? restore() : document.title !== title && announcer.say(document.title));
    if (!keep) announcer.say(title);
    if (isBack) return restore();
    if (keep) return;
    for (const wanted of ['[autofocus]', 'main', 'h1']) {
      const start = document.querySelector(`#app ${wanted}`);
      if (!(start instanceof HTMLElement)) continue;
      if (start.tabIndex < 0) start.tabIndex = -1; // or it takes no focus
      const { activeElement } = document;
      start.focus({ preventScroll: true });
      if (document.activeElement !== activeElement || activeElement === start) break; // it is not disabled or hidden
    }
    if (hash) target(hash);
    else window.scrollTo(0, 0);
  }

  /** The browser's own way to a place in the page, so that :target and the focus that follows are right. @param {string} hash */
  function target(hash) {
    const { state } = history;
    location.replace(hash);
    history.replaceState(state, '');
    places.arrived();
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
    const url = new URL(link.href);
    if (!isPage(url)) return;
    event.preventDefault();
    go(url, false, wishOf(link));
  }

  /** A form that only asks leads to an address. @param {SubmitEvent} event */
  function onSubmit(event) {
    const form = event.target;
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.hasAttribute('data-dew-reload')) return;
    if ((button?.getAttribute('formmethod') ?? form.method) !== 'get' || (button?.getAttribute('formtarget') ?? form.target)) return;
    const url = new URL(button?.getAttribute('formaction') ?? form.getAttribute('action') ?? '', location.href);
    if (!isPage(url)) return;
    const fields = [...new FormData(form, button)].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
    url.search = new URLSearchParams(fields).toString();
    event.preventDefault();
    go(url, false, wishOf(form));
  }

  function onPop() {
    movingBack?.end();
    movingBack = undefined;
    places.keep();
    const moved = places.moved();
    if (!isHere(location)) {
      go(new URL(location.href), true);
    } else {
      if (current && isMove) giveUp();
      places.arrived();
      if (moved) restore();
    }
  }

  /** Leaving for another document, or for good: a reload restores the scroll position by itself. */
  function onHide() {
    giveUp();
    places.keep();
    history.scrollRestoration = 'auto';
  }

  /** The way back may lead to a document that was kept as it was (bfcache), its history in between two pages. */
  function onShow() {
    history.scrollRestoration = 'manual';
    if (!isHere(location)) onPop();
  }

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
    acted: prefetch.drop,
    stop() {
      giveUp();
      history.scrollRestoration = 'auto';
      hover.stop();
      ended.abort();
      hover.end();
      hooks.end();
    },
  };
}
