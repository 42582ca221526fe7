// queries.js - the queries that a page shows: their values, and the subscriptions that keep them live
// (docs/protocol.md §3). Messages go out by `send`; what comes in is given to received().
//
//   (none) ─use──→ waiting ──value──→ ready ──error in a frame──→ ready, kept
//   state ───────→ ready                │ hash wrong, or a gap → unsubscribe, subscribe without `have`; the value stays
//            refused ─→ failed when there is no value, else the value stays; what passes (PASSING) is tried again
//                       after a while, the rest on the next connection
//   not used by a pass: idle; after GRACE_MS unsubscribed and forgotten
//
// A value, its position, epoch and hash belong together. The id of a subscription is never used again, so that late
// messages of an earlier one are known for what they are.

import { backoff } from './connection.js';
import { hashOf } from './hash.js';

const GRACE_MS = 10_000;
const ENTRIES_MAX = 1_000; // as many subscriptions as the server allows
const PASSING = /^((LOADER_)?TIMEOUT|BUSY|IO|INTERNAL|NOMEM|FULL|CLOSED)$/;
const RETRY_MIN_MS = 500; // doubles with each refusal

/**
 * @typedef {[commit: string, topic: string]} Position decimal digits
 * @typedef {{ code: string, message: string, location?: string }} Failure location: of a redirect
 *
 * @typedef {object} Entry one query with its arguments
 * @property {string} fn
 * @property {string} args canonical JSON
 * @property {string} key the field that names the items of a keyed list; '' when the value is none
 * @property {any} [value] undefined while it is not known
 * @property {number} version of the value: the count of all values so far
 * @property {Failure | null} error why it is not subscribed; while there is no value, why there is none
 * @property {number} refusals one after the other
 * @property {Position} at
 * @property {string} epoch
 * @property {string} [place] of the page that brought the value
 * @property {string} hash '' while it is not known
 * @property {number} id of the subscription; 0: none
 * @property {boolean} [answered]
 * @property {boolean} [missing] something that the next frame holds
 * @property {string} query the server's name for it in changes; '' while there is none
 * @property {boolean} [failing] the last change was an error: `at` stays until the next one
 * @property {number} pass that used it last
 * @property {number} idleSince 0: in use
 *
 * @typedef {object} Change one query's step, as the server sends it
 * @property {string} query
 * @property {Position} [from]
 * @property {Position} [to]
 * @property {{ del?: any[], put?: [number, any][] }} [ops]
 * @property {any} [value]
 * @property {string} [hash]
 * @property {Failure} [error] instead of all these
 *
 * @typedef {{ fn: string, args: any, at: Position, hash?: string, located?: boolean, value: any, error?: Failure }} Token located: right
 *   at this address alone; error: instead of a value
 * @typedef {{ location?: string, error?: Failure, commit: string, epoch: string, queries: Token[] }} State of a page
 */

/** @param {string} a @param {string} b */
const isAtLeast = (a, b) => (a.length === b.length ? a >= b : a.length > b.length);

/** @param {Position} a @param {Position} b */
const covers = (a, b) => isAtLeast(a[0], b[0]) && isAtLeast(a[1], b[1]);

/**
 * The list after a change (docs/protocol.md §5).
 * @param {any[]} list
 * @param {string} key
 * @param {{ del?: any[], put?: [number, any][] }} ops
 */
export function patchList(list, key, { del = [], put = [] }) {
  const next = list.filter((item) => !del.includes(item[key]));
  for (const [index, item] of put) {
    const there = next.findIndex((other) => other[key] === item[key]);
    if (there >= 0) next[there] = item;
    else next.splice(index, 0, item);
  }
  return next;
}

/**
 * @typedef {object} Host
 * @property {(message: object) => void} send
 * @property {() => void} changed something that shows is different
 * @property {(message: string) => void} tell the visitor
 * @property {(location: string) => void} follow a redirect
 * @property {(entry: Entry) => void} [forgotten] it is gone
 * @property {import('./connection.js').Clock} clock
 * @property {() => number} [random] from 0 up to 1
 */

/** @param {Host} host */
export function createQueries({ send, changed, tell, follow, forgotten, clock, random = Math.random }) {
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  let lastId = 0;
  let lastVersion = 0;
  let pass = 0;
  let open = false;
  /** @type {{ commit: string, epoch: string } | undefined} the last cut that was heard of, and whose number it is */
  let cut;
  /** @type {string | undefined} the address of the page that shows; undefined: there is none, this is an error page */
  let place;

  /** @param {string} fn @param {string} args @returns {Entry | null} null: there are too many */
  function entryFor(fn, args) {
    const name = `${fn} ${args}`;
    let entry = entries.get(name);
    if (entry) return entry;
    if (entries.size === ENTRIES_MAX) {
      const idle = [...entries.values()].find((other) => other.idleSince);
      if (!idle) return null;
      forget(idle);
    }
    entry = {
      fn, args, key: '', version: 0, error: null, refusals: 0, at: ['0', '0'], epoch: '', hash: '',
      id: 0, query: '', pass: 0, idleSince: 0,
    };
    entries.set(name, entry);
    return entry;
  }

  /** @param {Entry} entry */
  function forget(entry) {
    unsubscribe(entry);
    entry.error = null;
    entries.delete(`${entry.fn} ${entry.args}`);
    forgotten?.(entry);
  }

  /** @param {Entry} entry @param {boolean} [resume] @param {string} [location] it is run for */
  function subscribe(entry, resume = true, location = place) {
    const { fn, at, hash } = entry;
    const have = resume && hash && entry.value !== undefined ? { at, epoch: entry.epoch, hash } : undefined;
    entry.id = ++lastId;
    entry.answered = false;
    send({ type: 'subscribe', id: entry.id, fn, args: JSON.parse(entry.args), location, have });
  }

  /** @param {Entry} entry */
  function unsubscribe(entry) {
    if (entry.id) send({ type: 'unsubscribe', id: entry.id });
    entry.id = 0;
    entry.query = '';
  }

  /** @param {Entry} entry @param {any} value @param {Position} at @param {string} [hash] */
  function set(entry, value, at, hash = '') {
    entry.value = value;
    entry.version = ++lastVersion;
    entry.error = null;
    entry.at = at;
    entry.hash = hash;
  }

  /** @param {Entry} entry @param {Change} change @returns {boolean} the value is another now */
  function apply(entry, { from, to, ops, value, hash }) {
    if (!from || !to || covers(entry.at, to)) return false; // an error leaves the value as it is
    if (value !== undefined) {
      set(entry, value, to, hash);
      return true;
    }
    if (ops && covers(entry.at, from) && Array.isArray(entry.value) && entry.key) {
      const next = patchList(entry.value, entry.key, ops);
      if (hashOf(JSON.stringify(next)) === hash) {
        set(entry, next, to, hash);
        return true;
      }
    }
    unsubscribe(entry); // not to be trusted, or not to be moved on: this one alone is asked for whole
    subscribe(entry, false);
    return false;
  }

  /** @param {any} message */
  function onSubscribed(message) {
    const entry = [...entries.values()].find((other) => other.id === message.id);
    if (!entry) return false; // of a subscription that was given up
    entry.answered = true;
    entry.missing = message.status === 'changes';
    if (message.error) return refused(entry, message.error);
    entry.error = null;
    entry.refusals = 0;
    entry.query = message.query;
    entry.epoch = cut?.epoch ?? '';
    entry.failing = false;
    entry.at = message.at;
    if (message.status !== 'value') return false;
    set(entry, message.value, message.at, message.hash);
    return true;
  }

  /** The subscription is over. What shows stays. @param {Entry} entry @param {Failure} error */
  function refused(entry, error) {
    const isNew = entry.value === undefined;
    const isSame = entry.error?.code === error.code; // but for its id: what shows of it stays
    entry.id = 0;
    entry.query = '';
    entry.error = error;
    if (PASSING.test(error.code)) {
      const again = () => open && entry.error === error && !entry.id && subscribe(entry);
      clock.set(again, backoff(entry.refusals++, RETRY_MIN_MS, random));
    } else if (error.location) {
      return redirected(entry, error);
    } else if (!isNew) {
      tell(`This page is not up to date: ${error.message}`);
    }
    return isNew && !isSame;
  }

  /** What shows stays until the other page is there. @param {Entry} entry @param {Failure} [error]
   * @returns {boolean} it is for whoever asked ahead of a page to follow it (prefetch.js) */
  function redirected(entry, error) {
    if (error?.location && !entry.idleSince) follow(error.location);
    return !!entry.idleSince;
  }

  /** @param {any} message */
  function onFrame(message) {
    let moved = false;
    for (const change of /** @type {Change[]} */ (message.changes || []))
      for (const entry of entries.values())
        if (entry.query === change.query && entry.answered) {
          entry.failing = !change.to;
          redirected(entry, change.error);
          moved = apply(entry, change) || moved;
        }
    if (cut) cut.commit = message.to;
    for (const entry of entries.values()) {
      entry.missing = false;
      if (!entry.id || !entry.answered || entry.failing) continue;
      if (!isAtLeast(entry.at[0], message.to)) entry.at = [message.to, entry.at[1]]; // all of it stands as of this commit
    }
    return moved;
  }

  return {
    entries,
    subscribe,
    refused,

    /** Grows with each value: for load(), to be taken down before a page is asked for. */
    get moment() {
      return lastVersion;
    },

    /** The address of the page that shows, for calls. */
    get place() {
      return place;
    },

    /** For the connect message: what is known, so that the server can tell whether it is of its database. */
    get cut() {
      return cut;
    },

    /**
     * Takes over the values of a page; what is newer here stays. What has come since the page was asked for stays, too, unless
     * the page has all of it: where each has something that the other lacks, nothing goes back.
     * @param {State} state
     * @param {number} [since]
     * @param {boolean} [ahead] another page still shows: what it uses, and what is right at its address alone, stays
     */
    load(state, since = lastVersion, ahead) {
      cut ??= { commit: state.commit, epoch: state.epoch };
      if (!ahead) place = state.error ? undefined : state.location;
      for (const { fn, args, at, hash, located, value, error = null } of state.queries) {
        if (ahead && (located || error)) continue;
        const entry = entryFor(fn, JSON.stringify(args));
        if (!entry || (ahead && entry.pass && !entry.idleSince)) continue;
        entry.error = error; // the server has just been asked
        if (error) continue;
        const isKnown = entry.value !== undefined && entry.epoch === state.epoch && !(located && entry.place !== place);
        if (isKnown && (covers(entry.at, at) || (entry.version > since && !covers(at, entry.at)))) continue;
        unsubscribe(entry); // it leads on from the value that goes: endPass asks anew
        set(entry, value, at, hash);
        entry.epoch = state.epoch;
        entry.place = ahead ? undefined : place;
      }
    },

    /** A view wants it. @param {string} fn @param {string} args canonical JSON @param {string} key */
    use(fn, args, key) {
      const entry = entryFor(fn, args);
      if (entry) {
        entry.key = key;
        entry.pass = pass;
      }
      return entry;
    },

    /** What the program says, until the server says more (it is asked for whole). keep: not when there is a value. */
    seed: typeof DEW_WITHOUT_seed !== 'undefined' ? undefined
      : (/** @type {string} */ fn, /** @type {string} */ args, /** @type {string} */ key, /** @type {any} */ value, /** @type {boolean} */ keep) => {
        const entry = entryFor(fn, args);
        if (!entry || (keep && entry.value !== undefined)) return;
        entry.key = key;
        set(entry, value, ['0', '0']); // of no position, and without a hash: whatever the server says is newer, and whole
        if (!entry.pass) entry.idleSince = entry.idleSince || clock.now() || 1;
      },

    beginPass() {
      pass += 1;
    },

    /** Subscribes what the pass used and was not yet; the rest is idle from now on. */
    endPass() {
      for (const entry of entries.values()) {
        if (entry.pass !== pass) {
          if (!entry.idleSince && !entry.id) entry.error = null; // who wants it again asks anew
          entry.idleSince = entry.idleSince || clock.now() || 1;
        } else {
          entry.idleSince = 0;
          if (open && !entry.id && !entry.error) subscribe(entry);
        }
      }
    },

    /** Asks anew for what has failed; the failure shows until the answer is there. @param {string} fn @param {string} args canonical JSON */
    askAgain(fn, args) {
      const entry = typeof DEW_WITHOUT_retry === 'undefined' && entries.get(`${fn} ${args}`);
      if (entry && open && entry.error && !entry.id) subscribe(entry);
    },

    /** Forgets what has been idle for its grace; to be called now and then. */
    sweep() {
      for (const entry of [...entries.values()]) if (entry.idleSince && clock.now() - entry.idleSince >= GRACE_MS) forget(entry);
    },

    /** "connect" was sent. */
    opened() {
      open = true;
      for (const entry of [...entries.values()]) {
        if (entry.idleSince) forget(entry);
        else if (entry.pass && !entry.id) subscribe(entry); // late.js holds some
      }
    },

    closed() {
      open = false;
      for (const entry of entries.values()) {
        entry.id = 0;
        entry.query = '';
      }
    },

    /** @param {any} message of the server; others than these are passed over */
    received(message) {
      let moved = false;
      if (message.type === 'connected') cut = { commit: message.commit, epoch: message.epoch };
      else if (message.type === 'subscribed') moved = onSubscribed(message);
      else if (message.type === 'frame') moved = onFrame(message);
      if (moved) changed();
    },

    /** Subscriptions without a first answer, or with one that is whole with the next frame only: while there are some, what
     * shows need not be one cut. */
    get unanswered() {
      let count = 0;
      for (const entry of entries.values()) if (entry.id && (!entry.answered || entry.missing)) count += 1;
      return count;
    },
  };
}
