// main.js - the browser half of a Dew page: starts the wasm program over the server's HTML and keeps it live.
//
//   document → state (#dew-state) → program adopts #app → connection → subscriptions, calls, navigation
//
// When the program traps, its instance is dropped and another started from the values that are here, with a word to the
// visitor; when it keeps trapping, the page is loaded anew once, and after that left as the server sent it.
// <html data-dew> says how it stands: "live" (all that shows is subscribed and current) or "offline".

import { createCalls } from './calls.js';
import { openConnection } from './connection.js';
import { createDom } from './dom.js';
import { keepEarlyCalls } from './early.js';
import { startNavigation } from './navigation.js';
import { createNotices, tellAtField } from './notices.js';
import { createProgram } from './program.js';
import { createQueries } from './queries.js';

const PROTOCOL_VERSION = 1;
const TRAPS_MAX = 3; // within TRAPS_MS: then the page is given up
const TRAPS_MS = 10_000;
const RESUME_MS = 1_000; // how long a reconnect holds back what shows, so that it goes from one cut to the next
const SWEEP_MS = 5_000;
const SLOW_MS = 8; // after a render that took longer the browser gets a turn before the next
const RELOAD_MS = 10_000; // no second reload of the same kind within

/** @param {number} count */
const randomHex = (count) => Array.from(crypto.getRandomValues(new Uint8Array(count)), (b) => b.toString(16).padStart(2, '0')).join('');

/** Loads the page anew; false when that was done for the same reason a moment ago. @param {string} reason */
function reloadOnce(reason) {
  try {
    if (Date.now() - Number(sessionStorage.getItem(reason)) < RELOAD_MS) return false;
    sessionStorage.setItem(reason, String(Date.now()));
  } catch {
    return false; // no storage: better no reload than one after the other
  }
  location.reload();
  return true;
}

/** @param {string} url */
async function compile(url) {
  const response = await fetch(url);
  try {
    return await WebAssembly.compileStreaming(response.clone());
  } catch {
    return WebAssembly.compile(await response.arrayBuffer()); // something on the way changed the content type
  }
}

/** @typedef {{ node: number, isForm: boolean, life: number }} From what made a call: an element of the life-th program */

/**
 * @param {WebAssembly.Module} wasm
 * @param {any} state of the page as the server sent it
 * @param {import('./notices.js').Notices} notices
 */
async function run(wasm, state, notices) {
  const root = /** @type {Element} */ (document.getElementById('app'));
  const now = () => performance.now();
  let page = state;
  let life = 0; // counts programs
  /** @type {number[]} */
  let traps = [];
  let resuming = false;
  let dirty = false;
  let scheduled = false;
  /** @type {ReturnType<typeof createDom>} */
  let dom;
  /** @type {Awaited<ReturnType<typeof createProgram>> | null} */
  let program = null;

  const queries = createQueries({
    send, now,
    changed: schedule,
    stale: ({ message }) => notices.tell(`This page is not up to date: ${message}`),
    forgotten: (entry) => program && program.forget(entry),
    later: (task, ms) => setTimeout(task, ms * (1 + Math.random())),
  });
  const calls = createCalls({ send, ended });

  /** @param {boolean} adopt */
  async function live(adopt) {
    life += 1;
    dom = createDom(root, console.warn);
    program = await createProgram({
      wasm, dom, queries, page, adopt, schedule, trapped, refuse,
      setTitle: (title) => title === document.title || (document.title = title),
      call: (fn, isMutation, args, node, isForm) => calls.add(fn, isMutation, args, { node, isForm, life }),
    });
  }

  // ---- what shows ----

  function schedule() {
    dirty = true;
    if (scheduled || resuming) return;
    scheduled = true;
    queueMicrotask(flush);
  }

  function flush() {
    scheduled = dirty = false;
    const before = now();
    if (program) program.flush();
    if (now() - before < SLOW_MS) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      if (dirty) schedule();
    }, 0);
  }

  /** @param {unknown} error */
  function trapped(error) {
    console.error(error);
    program = null;
    dom.detach();
    traps = [...traps.filter((at) => now() - at < TRAPS_MS), now()];
    if (traps.length >= TRAPS_MAX) {
      connection.close();
      if (!reloadOnce('dew-trapped')) giveUp();
      return;
    }
    notices.tell('Something went wrong on this page. It was started anew; what you did last may not have been done.');
    setTimeout(() => live(false).catch(giveUp), 0);
  }

  function giveUp() {
    connection.close();
    stopNavigation();
    notices.tell('This page has stopped. Load it again to go on.');
  }

  // ---- calls ----

  /** @param {number} node @param {string} field @param {string} message */
  function refuse(node, field, message) {
    if (!tellAtField(dom.node(node), field, message)) notices.tell(message);
  }

  /** @param {From} from @param {{ error?: { message: string } }} answer */
  function ended(from, { error }) {
    const node = from.life === life ? from.node : 0; // numbers of nodes are a program's own
    if (error) refuse(node, error.message.split(':', 1)[0], error.message);
    else if (from.isForm && node && program) program.formDone(node);
  }

  // ---- the connection ----

  /** @param {object} message */
  function send(message) {
    connection.send(JSON.stringify(message));
  }

  /** After a reconnect what shows stays until all answers are there. @param {boolean} isLate they take too long */
  function checkResumed(isLate) {
    const isWhole = queries.unanswered === 0;
    if (!isWhole && !isLate) return;
    resuming = false;
    if (dirty) schedule();
    if (isWhole) document.documentElement.dataset.dew = 'live';
  }

  const client = randomHex(16);
  const session = {
    opened() {
      send({ type: 'connect', protocol: PROTOCOL_VERSION, build: state.build, client, tab: randomHex(4) });
      queries.opened();
      calls.opened();
      resuming = queries.unanswered > 0;
      if (resuming) setTimeout(checkResumed, RESUME_MS, true);
    },
    /** @param {string} text */
    received(text) {
      const message = JSON.parse(text);
      queries.received(message);
      calls.received(message);
      if (message.type === 'error') console.error(message);
      else checkResumed(false);
    },
    /** @param {import('./connection.js').State} next */
    changed(next) {
      if (next === 'open' || next === 'connecting') return;
      queries.closed();
      calls.closed();
      resuming = false;
      document.documentElement.dataset.dew = 'offline';
      if (next === 'denied') notices.tell('The server does not let this page stay live.');
      if (next === 'reload' && (calls.count || !reloadOnce('dew-build'))) notices.tell('This page has a new version: load it again.');
    },
  };

  queries.load(state);
  await live(true);
  const connection = openConnection({
    url: `${location.protocol.replace('http', 'ws')}//${location.host}${state.prefix}/_dew/ws`,
    session,
    transport: (url) => new WebSocket(url),
    clock: { now, set: (task, ms) => setTimeout(task, ms), clear: (timer) => clearTimeout(timer) },
    random: Math.random,
    events: window,
  });
  setInterval(() => queries.sweep(), SWEEP_MS);
  const stopNavigation = startNavigation({
    window,
    fetch: (url, options) => fetch(url, options),
    prefix: state.prefix,
    build: state.build,
    announce: notices.announce,
    show(next) {
      queries.load(next);
      page = next;
      return program !== null && program.navigate(next);
    },
  });
}

async function main() {
  const letGo = keepEarlyCalls(document);
  const notices = createNotices(document);
  try {
    const link = /** @type {HTMLLinkElement} */ (document.getElementById('dew-wasm'));
    const wasm = await compile(link.href);
    if (document.readyState === 'loading') await new Promise((done) => document.addEventListener('DOMContentLoaded', done));
    const state = document.getElementById('dew-state');
    if (state) await run(wasm, JSON.parse(state.textContent || ''), notices);
  } catch (error) {
    console.error(error); // the page stays as the server made it: links and forms are the browser's
  }
  letGo();
}

main();
