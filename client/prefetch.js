// prefetch.js - what is loaded of a page before it is shown: by its policy (dew/page.h), when it is gone to and when a
// pointer rests on a link to it.
//
//   policy            how
//   NONE              nothing: the page is shown at once
//   HOOKS … QUERIES   the program says which queries (dew_warm): they are subscribed on the connection, as those of the page
//                     that shows, and are waited for; no request is made
//   STATE…            the server renders the page and sends its state (docs/protocol.md §4); then hooks and declared queries
//                     of the browser, where the policy says so
//
// What a hover brought is good for as long as the page says (stale), or until something is done: after that the visitor may be
// another one. Redirects and failures are not kept. A visit under way is one for whoever wants the same: to go there waits for
// what the hover began. Without a connection queries are not waited for: the page says that it loads. A link may ask for the state of a
// page that has none, since its SSR is off, or that of all pages (data-dew-off at the state): QUERIES comes nearest.

import { addressText } from './program.js';
import { POLICY, findPage, readSite } from './site.js';

const STATE_TYPE = 'application/vnd.dew.state+json';
const KEPT_MAX = 20; // states of pages that were hovered
const GRACE_MS = 10_000; // as queries.js
const HOOKS = 1; // as in warm.client.c
const SERVER = 2;
const CLIENT = 4;
const WARMED = [0, 0, HOOKS, HOOKS + SERVER, HOOKS + CLIENT, HOOKS + SERVER + CLIENT, 0, HOOKS + CLIENT]; // by policy

/** What `visit` rejects with when the server cannot be reached. */
export class Unreachable extends Error {}

/**
 * @typedef {object} Visited what is there to be shown
 * @property {any} state of the page, or { redirect }
 * @property {number} since the moment of the queries when it was asked for
 *
 * @typedef {object} Kept
 * @property {Promise<Visited>} visited
 * @property {number} until by the clock; Infinity while it is under way
 * @property {AbortController} life
 */

/**
 * @param {object} host
 * @param {Window & typeof globalThis} host.window
 * @param {string} host.prefix
 * @param {string} host.build
 * @param {ReturnType<typeof import('./queries.js').createQueries>} host.queries
 * @param {ReturnType<typeof import('./life.js').createLife>} host.life
 */
export function createPrefetch({ window, prefix, build, queries, life }) {
  const isOff = window.document.querySelector('#dew-state[data-dew-off]') !== null; // the server renders nothing
  const pages = readSite(/** @type {any} */ (life.safe), isOff);
  const now = () => window.performance.now();
  /** @type {Map<string, Kept>} */
  const kept = new Map();
  /** @type {Set<() => void>} */
  const waiting = new Set(); // for something to have changed

  /** @param {string} path */
  const pageAt = (path) => findPage(pages, path.slice(prefix.length).split('?', 1)[0]);

  function changed() {
    for (const go of waiting) go();
    waiting.clear();
  }
  window.addEventListener('dew:offline', changed);
  window.addEventListener('dew:offline', drop);

  /** Nothing that was loaded ahead is to be shown any more. */
  function drop() {
    for (const { life } of kept.values()) life.abort();
    kept.clear();
  }

  /** @param {string} path @param {AbortSignal} signal @param {Record<string, string>} headers @returns {Promise<Visited>} */
  async function fetchState(path, signal, headers) {
    const since = queries.moment;
    const response = await window.fetch(path, { headers: { accept: STATE_TYPE, ...headers }, signal }).catch((error) => {
      throw signal.aborted ? error : new Unreachable();
    });
    if (!response.headers.get('content-type')?.startsWith(STATE_TYPE)) throw new Error('not a page of this site');
    return { state: await response.json(), since };
  }

  /**
   * Runs a function of the program's that may ask for queries, and subscribes them.
   * @param {string} name of one that only some programs have
   * @param {string} path that it is about; empty: of none
   * @param {number} what is passed on
   * @param {number} [stale] how long what it asked for is kept
   * @returns {{ result: number, asked: import('./queries.js').Entry[] }}
   */
  function run(name, path, what, stale = GRACE_MS) {
    const { safe } = life;
    if (!safe?.[name]) return { result: 0, asked: [] };
    const text = new TextEncoder().encode(path && addressText({ prefix, location: path }));
    const last = Math.max(0, ...[...queries.entries.values()].map(({ pass }) => pass));
    queries.beginPass();
    const at = safe.dew_text_in(text.length);
    new Uint8Array(safe.memory.buffer).set(text, at);
    const result = safe[name](at, text.length, what);
    const asked = [...queries.entries.values()].filter(({ pass }) => pass > last);
    for (const entry of asked) {
      const isIdle = !entry.id || entry.idleSince;
      if (isIdle) entry.idleSince = Math.max(entry.idleSince, now() + Math.min(stale, 1e9) - GRACE_MS) || 1; // kept so long
      if (!entry.id && !entry.error && /** @type {any} */ (window.document.documentElement).dew === 'live') queries.subscribe(entry, true, path);
    }
    return { result, asked };
  }

  /**
   * Asks until nothing that was asked for is on its way.
   * @param {string} path @param {number} what @param {AbortSignal} signal @param {number} stale
   * @returns {Promise<{ redirect?: string, status: number }>} of the page, as far as this tells: where one of the queries leads instead
   */
  async function warm(path, what, signal, stale) {
    if (!what || !pageAt(path)?.warms) return { status: 200 };
    for (const entry of queries.entries.values()) if (entry.idleSince && !entry.id) entry.error = null; // what failed is asked for anew
    /** @type {import('./queries.js').Failure | null | undefined} */
    let failure;
    const isOpen = (/** @type {import('./queries.js').Entry} */ { error, value }) => !error && value === undefined;
    const isPending = () => {
      const { result, asked } = run('dew_warm', path, what, stale);
      const open = asked.filter(isOpen);
      const failed = asked.filter(({ error, value }) => error && value === undefined);
      failure = (failed.find(({ error }) => error?.location) ?? failed[0])?.error;
      if (failure?.location) return false;
      return open.some(({ id }) => id) || result > open.length; // more than the server's: the browser answers those
    };
    while (!signal.aborted && isPending())
      await new Promise((/** @type {(value?: any) => void} */ go) => {
        const end = () => {
          signal.removeEventListener('abort', end);
          go();
        };
        waiting.add(end);
        signal.addEventListener('abort', end);
      });
    signal.throwIfAborted();
    return { redirect: failure?.location, status: failure ? 500 : 200 };
  }

  /** @param {string} path @param {number} policy @param {AbortSignal} signal @param {number} stale @param {Record<string, string>} headers @returns {Promise<Visited>} */
  async function load(path, policy, signal, stale, headers) {
    const isState = policy >= POLICY.STATE;
    const visited = isState
      ? await fetchState(path, signal, headers)
      : { state: { prefix, build, location: path, status: 200, queries: [] }, since: queries.moment };
    if (!isState) Object.assign(visited.state, await warm(path, WARMED[policy], signal, stale));
    return visited;
  }

  /**
   * What a policy comes to.
   * @param {string} path @param {import('./site.js').Told | undefined} page @param {number} policy
   */
  function met(path, page, policy) {
    if (policy < POLICY.STATE || !page?.isOff) return policy;
    if (/** @type {any} */ (life.safe)?.dew_state_give) // built for development
      console.error(`dew: a link to ${path} asks for its state, which ${isOff ? 'no page has under --no-ssr' : 'a page with .ssr.mode = DEW_SSR_OFF has not'}: DEW_PREFETCH_QUERIES holds instead`);
    return POLICY.QUERIES;
  }

  /** @param {string} path @returns {Kept | undefined} */
  function fresh(path) {
    const there = kept.get(path);
    if (there && there.until < now()) kept.delete(path);
    return kept.get(path);
  }

  return {
    changed,
    drop,
    run,

    /** What the page at this address says; undefined: it is none of the program's. @param {string} path */
    pageAt,

    /**
     * A pointer rests on a link.
     * @param {string} path @param {number} asked a policy
     */
    hover(path, asked) {
      const page = pageAt(path);
      const stale = page?.stale ?? 0;
      const policy = met(path, page, asked);
      if (policy === POLICY.NONE || fresh(path)) return;
      if (kept.size >= KEPT_MAX) {
        const [oldest, { life }] = /** @type {[string, Kept]} */ (kept.entries().next().value);
        life.abort();
        kept.delete(oldest);
      }
      const life = new AbortController();
      const entry = { life, until: Infinity, visited: load(path, policy, life.signal, stale, { 'dew-prefetch': '1' }) };
      kept.set(path, entry);
      entry.visited
        .then(({ state }) => {
          if (state.redirect || state.status >= 400) throw new Error('not to be kept');
          entry.until = now() + stale;
        })
        .catch(() => kept.get(path) === entry && kept.delete(path));
    },

    /**
     * What is to be shown at this address.
     * @param {string} path @param {number} asked a policy; 0: the page's
     * @param {AbortSignal} signal also of a visit under way that is taken over
     * @param {Record<string, string>} headers of the request for its state
     * @returns {Promise<Visited>}
     */
    async visit(path, asked, signal, headers) {
      const page = pageAt(path);
      if (!page) throw new Error('not a page of this site');
      const policy = met(path, page, asked || page.onNavigate);
      const { stale } = page;
      const there = policy === POLICY.NONE ? undefined : fresh(path);
      let visited;
      if (there) {
        const end = () => {
          there.life.abort();
          kept.delete(path);
        };
        signal.addEventListener('abort', end);
        visited = await there.visited.catch(() => undefined);
        signal.removeEventListener('abort', end);
        signal.throwIfAborted();
        // a hover asked for less, or leads elsewhere: asked for anew, for a hover sets no cookies
        if (visited && policy >= POLICY.STATE && !visited.state.epoch) visited = undefined;
      }
      visited ??= await load(path, policy, signal, stale, headers);
      if (policy === POLICY.STATE_AND_CLIENT_QUERIES && !visited.state.redirect) {
        if (page.warms) queries.load(visited.state, visited.since, true); // what the hooks ask for may be there
        visited.state.redirect = (await warm(path, WARMED[policy], signal, stale)).redirect;
      }
      return visited;
    },
  };
}
