// main.js - the browser half of a Dew page: starts the wasm program over the server's HTML and keeps it live.
//
//   document → state (#dew-state) → program adopts #app → connection → subscriptions, calls → live → later.js: navigation
//
// What a page needs only once it is live is a module of its own, fetched then; until it is there the browser follows links.
// A program that keeps trapping (life.js) is loaded anew once, and after that left as the server sent it.
// document.documentElement.dew says how the page stands, and events "dew:live" and "dew:offline" at the window that it has
// changed; live: connected, and all that shows has been answered. No attribute, for that would change the document.

import { createCalls } from './calls.js';
import { openConnection } from './connection.js';
import { keepEarlyCalls } from './early.js';
import { createIslandLives } from './island_lives.js';
import { createLife } from './life.js';
import { createNotices } from './notices.js';
import { createQueries } from './queries.js';
import { createScreen } from './screen.js';
import { createSession } from './session.js';

const SWEEP_MS = 5_000;
const RELOAD_MS = 10_000; // no second reload of the same kind within
const EARLY_MS = 10_000; // then clicks no longer wait for the program
const ANSWER_MS = 4_000; // then the visitor is told that there is no answer

/** Decimal digits. @param {number} words of 32 bits */
const randomName = (words) => crypto.getRandomValues(new Uint32Array(words)).join('');

/** Loads the page anew; false when that was done for the same reason a moment ago. @param {string} reason */
function reloadOnce(reason) {
  try {
    if (Date.now() - Number(sessionStorage.getItem(reason)) < RELOAD_MS) return false;
    sessionStorage.setItem(reason, `${Date.now()}`);
  } catch {
    return false; // no storage: better no reload than one after the other
  }
  location.reload();
  return true;
}

/** Says how the page stands. @param {'live' | 'offline'} state @returns {boolean} it did not stand so before */
function stands(state) {
  const root = /** @type {Element & { dew?: string }} */ (document.documentElement);
  return root.dew !== state && dispatchEvent(new Event(`dew:${(root.dew = state)}`));
}

/**
 * @param {WebAssembly.Module} wasm
 * @param {any} state of the page as the server sent it
 * @param {import('./notices.js').Notices} notices
 */
async function run(wasm, state, { tell }) {
  const { prefix, build } = state;
  const app = /** @type {Element} */ (document.getElementById('app'));
  const tab = randomName(2);
  /** @type {any} */
  let late; // tells the visitor that there is no answer
  /** @type {import('./connection.js').Clock} */
  const clock = { now: () => performance.now(), set: (task, ms) => setTimeout(task, ms), clear: (timer) => clearTimeout(timer) };
  const { schedule, hold } = createScreen(() => {
    life.flush();
    navigation?.rendered();
  }, clock);

  const queries = createQueries({
    send, tell, follow, clock,
    changed: schedule,
    forgotten: (entry) => life.forget(entry),
  });
  /** @type {ReturnType<typeof createCalls<import('./life.js').From>>} */
  const calls = createCalls({ send, waits, place: () => queries.place, ended });
  const isStatic = typeof DEW_WITHOUT_island === 'undefined' && state.islands !== undefined;
  const life = (typeof DEW_WITHOUT_island === 'undefined' && isStatic ? createIslandLives : createLife)({
    wasm, queries, schedule, tell, follow, over,
    root: app,
    page: state,
    call: calls.add,
  });

  /** @param {object} message */
  function send(message) {
    connection.send(JSON.stringify(message));
  }

  /** @param {string} to @param {import('./navigation.js').Wish} [wish] */
  function follow(to, wish) {
    if (navigation) navigation.follow(to, wish);
    else location.assign(to);
  }

  /** A call is over. @param {import('./life.js').From} from @param {any} answer */
  function ended(from, answer) {
    navigation?.acted();
    life.ended(from, answer);
  }

  /** What has not been answered would be forgotten with the page. @param {BeforeUnloadEvent} event */
  function keep(event) {
    if (!document.querySelector('[data-dew-leave]')) event.preventDefault();
  }

  /** @param {boolean} some calls wait. Heard of only then: a page that listens always may not be kept for the way back. */
  function waits(some) {
    clearTimeout(late);
    if (some) {
      addEventListener('beforeunload', keep);
      late = setTimeout(tell, ANSWER_MS, 'Not done yet: this waits for the server.');
    } else removeEventListener('beforeunload', keep);
  }

  /** The page stays as it is. @param {boolean} isTrap loading it anew may help */
  function over(isTrap) {
    connection.close();
    if (isTrap && reloadOnce('dew-trapped')) return;
    navigation?.stop();
    tell('This page has stopped: load it again.');
  }

  /** @type {ReturnType<typeof import('./later.js').startNavigation> | undefined} */
  let navigation;

  let beside = 'later.js';

  /**
   * What fails is tried again the next time, at another address: browsers may keep that there was nothing at this one.
   * @param {(module: typeof import('./later.js')) => void} use
   */
  const later = (use) => import(import.meta.url.replace(/js$/, beside)).then(use, (error) => {
    beside += '?';
    console.warn(error);
  });

  const goOn = () => later(({ startNavigation }) => {
    navigation ??= startNavigation({ window, prefix, build, tab, tell, queries, life });
  });

  queries.load(state);
  await life.start(app.hasChildNodes());
  if (state.late) await later(({ takeLate }) => takeLate({ state, queries, schedule }));
  const connection = openConnection({
    url: `${location.protocol.replace('http', 'ws')}//${location.host}${prefix}/_dew/ws`,
    session: createSession({
      hello: { build, client: randomName(4), tab },
      send, queries, calls, hold, clock,
      stands(how) {
        if (stands(how) && how === 'live' && !navigation && !(typeof DEW_WITHOUT_island === 'undefined' && isStatic)) goOn();
      },
      lost(how) {
        if (how === 'reload' && (calls.count || !reloadOnce('dew-build'))) tell('This page has a new version: load it again.');
      },
    }),
    transport: (url) => new WebSocket(url),
    clock,
    random: Math.random,
    events: window,
  });
  setInterval(queries.sweep, SWEEP_MS);
}

async function main() {
  const letGo = keepEarlyCalls(document);
  setTimeout(letGo, EARLY_MS); // what is slow to come must not swallow them: forms post by themselves
  const notices = createNotices(document);
  try {
    const link = /** @type {HTMLLinkElement} */ (document.getElementById('dew-wasm'));
    const response = await fetch(link.href);
    const wasm = await WebAssembly.compile(await response.arrayBuffer()); // a few kilobytes: streaming would gain nothing, and wants its type
    // the state is whole when something stands behind it, or all is
    if (document.readyState === 'loading' && !document.querySelector('#dew-state~*'))
      await new Promise((done) => { for (const event of ['DOMContentLoaded', 'dew:late']) document.addEventListener(event, done); });
    const state = document.getElementById('dew-state');
    if (state) await run(wasm, JSON.parse(state.textContent || ''), notices);
  } catch (error) {
    console.error(error); // the page stays as the server made it: links and forms are the browser's
  }
  letGo();
}

main();
