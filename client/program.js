// program.js - one instance of the wasm program: text in and out of its memory, its queries looked up, its traps caught
// (src/page/runtime.client.c is the other side). After a trap nothing of it is called any more.

import { createClientQueries } from './client_queries.js';

/**
 * @typedef {import('./queries.js').Entry} Entry
 * @typedef {{ prefix: string, location: string, error?: { code: string, message: string }, stores?: Record<string, any>,
 *   island?: { index: number, props: string } }} Page island: this program is for that one alone
 *
 * @typedef {object} Exports what the program gives, besides what client/dom.js uses of it
 * @property {WebAssembly.Memory} memory
 * @property {(len: number) => number} dew_text_in
 * @property {(adopt: number) => number} dew_start
 * @property {() => number} dew_navigate
 * @property {() => void} dew_flush
 * @property {(place: number) => void} dew_forget
 * @property {(node: number) => void} dew_form_done
 *
 * @typedef {object} Host
 * @property {WebAssembly.Module} wasm
 * @property {ReturnType<typeof import('./dom.js').createDom>} dom
 * @property {ReturnType<typeof import('./queries.js').createQueries>} queries
 * @property {Page} page
 * @property {boolean} adopt the page's HTML is there
 * @property {(fn: string, isMutation: boolean, args: any, node: number, fields: string) => void} call
 * @property {(title: string) => void} setTitle
 * @property {() => void} schedule
 * @property {(location: string, wish?: import('./navigation.js').Wish) => void} follow a redirect, or where a handler leads
 * @property {(error: unknown) => void} trapped
 */

const WAITING = 0; // as in runtime.client.c
const SAME = 1;
const FRESH = 2;
const FAILED = 3;
const MUTATION = 2;

/**
 * A page's address in parts, as the program takes it (take_page in runtime.client.c).
 * @param {Page} page
 */
export function addressText({ prefix, location, error }) {
  const { pathname, searchParams } = new URL(location, document.baseURI);
  return [
    prefix, location, ...(error ? [error.code, error.message] : ['', '']),
    // of an error page the path may be none that can be decoded, and nobody asks
    ...(error ? [] : pathname.slice(prefix.length + 1).split('/').filter(Boolean).map(decodeURIComponent)), '', ...[...searchParams].flat(),
  ].join('\0');
}

/** An address that nobody is led to, as no link may hold it (src/view/url.h). @param {string} to */
export function runsCode(to) {
  const isRefused = /^(javascript|vbscript|data):$/.test(new URL(to, document.baseURI).protocol);
  if (isRefused) console.error(`dew: not followed, it would run code: ${to}`);
  return isRefused;
}

/** @param {Host} host */
export async function createProgram({ wasm, dom, queries, page, adopt, call, setTitle, schedule, follow, trapped }) {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const encoder = new TextEncoder();
  /** @type {Map<Entry, { place: number, version: number }>} */
  const places = new Map();
  /** @type {number[]} */
  const free = [];
  let depth = 0;
  let dead = false;

  /** @param {number} from @param {number} [len] left out: up to the NUL */
  function text(from, len) {
    const bytes = new Uint8Array(exports.memory.buffer);
    return decoder.decode(bytes.subarray(from, len === undefined ? bytes.indexOf(0, from) : from + len));
  }

  /** @param {string} json */
  function put(json) {
    const bytes = encoder.encode(json);
    const at = exports.dew_text_in(bytes.length);
    new Uint8Array(exports.memory.buffer).set(bytes, at);
  }

  /** @param {Entry} entry */
  function placeOf(entry) {
    let known = places.get(entry);
    if (!known) places.set(entry, (known = { place: free.pop() ?? places.size + 1, version: 0 }));
    return known;
  }

  const imports = {
    ...dom.imports,
    /** @param {number} fn @param {number} args @param {number} len @param {number} key */
    use(fn, args, len, key) {
      const entry = queries.use(text(fn), text(args, len), text(key));
      if (!entry || (entry.error && entry.value === undefined)) {
        const { code, message } = entry?.error ?? { code: 'LIMIT', message: 'too many queries at once' };
        put(`${code}\0${message}`);
        return (entry ? placeOf(entry).place * 4 : 0) + FAILED;
      }
      const known = placeOf(entry);
      const { version } = known;
      known.version = entry.version;
      if (version === entry.version) return known.place * 4 + (version ? SAME : WAITING);
      put(JSON.stringify(entry.value));
      return known.place * 4 + FRESH;
    },
    /** @type {(fn: number, kind: number, args: number, argsLen: number, fields: number, fieldsLen: number, node: number) => void} */
    call: (fn, kind, args, argsLen, fields, fieldsLen, node) =>
      call(text(fn), kind === MUTATION, JSON.parse(text(args, argsLen)), node, text(fields, fieldsLen)),
    /** @param {number} title */
    title: (title) => setTitle(text(title)),
    schedule: () => queueMicrotask(schedule), // the program's first render may say so, before it is there to be called
    // the promise of this program comes first
    ...(typeof DEW_WITHOUT_again === 'undefined' && { again: () => queueMicrotask(schedule) }),
    ...(typeof DEW_WITHOUT_retry === 'undefined' && {
      /** @type {(fn: number, args: number, len: number) => void} */
      retry: (fn, args, len) => queries.askAgain(text(fn), text(args, len)),
    }),
    ...(typeof DEW_WITHOUT_carried === 'undefined' && { carried: schedule }),
  };

  if (
    typeof DEW_WITHOUT_client_fetch === 'undefined' ||
    typeof DEW_WITHOUT_client_keep === 'undefined' ||
    typeof DEW_WITHOUT_client_kept === 'undefined' ||
    typeof DEW_WITHOUT_client_now === 'undefined' ||
    typeof DEW_WITHOUT_client_size === 'undefined'
  )
    Object.assign(imports, createClientQueries({ text, put, changed: () => queueMicrotask(schedule) }));
  if (typeof DEW_WITHOUT_go === 'undefined')
    Object.assign(imports, {
      /** Not from inside of what called. @param {number} url @param {number} how as in navigate.client.c */
      go(url, how) {
        const to = text(url);
        if (!runsCode(to)) queueMicrotask(() => follow(to, { replace: !!(how & 1), keep: !!(how & 2), policy: how >> 2 }));
      },
    });
  if (typeof DEW_WITHOUT_island === 'undefined')
    Object.assign(imports, {
      island() {
        if (page.island) put(page.island.props);
        return page.island?.index ?? -1;
      },
    });
  if (typeof DEW_WITHOUT_store === 'undefined')
    Object.assign(imports, {
      /** What the page carries of a store. @param {number} name @returns {boolean} */
      store(name) {
        const value = page.stores?.[text(name)];
        if (value !== undefined) put(JSON.stringify(value));
        return value !== undefined;
      },
    });
  if (typeof DEW_WITHOUT_cookie === 'undefined')
    Object.assign(imports, {
      /** @param {number} name @returns {boolean} */
      cookie(name) {
        const start = `${text(name)}=`;
        const found = document.cookie.split('; ').find((pair) => pair.startsWith(start));
        if (found) put(found.slice(start.length));
        return found !== undefined;
      },
      /** @type {(name: number, value: number, maxAge: number, path: number, domain: number, sameSite: number) => void} */
      set_cookie(name, value, maxAge, path, domain, sameSite) {
        const key = text(name);
        let line = `${key}=${value ? text(value) : ''}; Path=${(path && text(path)) || page.prefix || '/'}; SameSite=${['Lax', 'Strict', 'None'][sameSite]}`;
        if (domain) line += `; Domain=${text(domain)}`;
        if (maxAge) line += `; Max-Age=${Math.max(maxAge, 0)}`;
        if (location.protocol === 'https:' || sameSite === 2 || /^__(Secure|Host)-/.test(key)) line += '; Secure';
        document.cookie = line;
      },
    });
  if (typeof DEW_WITHOUT_head === 'undefined')
    Object.assign(imports, {
      /** What views say of their page: those elements of the document's head are ours. @param {number} from @param {number} len */
      head(from, len) {
        if (typeof DEW_WITHOUT_island === 'undefined' && page.island) return;
        const parts = text(from, len).split('\0');
        const wanted = new Set();
        for (let at = 0; at + 2 < parts.length; at += 3) {
          const [tag, by, holds] = [['meta', 'name', 'content'], ['meta', 'property', 'content'], ['link', 'rel', 'href']][Number(parts[at])];
          let element = document.head.querySelector(`${tag}[data-dew][${by}="${CSS.escape(parts[at + 1])}"]`);
          if (!element) {
            element = document.createElement(tag);
            element.setAttribute(by, parts[at + 1]);
            element.setAttribute('data-dew', '');
            document.head.append(element);
          }
          if (element.getAttribute(holds) !== parts[at + 2]) element.setAttribute(holds, parts[at + 2]);
          wanted.add(element);
        }
        for (const element of document.head.querySelectorAll('[data-dew]')) if (!wanted.has(element)) element.remove();
      },
    });
  if (typeof DEW_WITHOUT_unsettled === 'undefined')
    Object.assign(imports, {
      /** @param {number} name */
      unsettled: (name) => console.error(`dew: ${text(name)} is another in each pass of the views, and is left as it is`),
    });

  if (typeof DEW_WITHOUT_view_failed === 'undefined') // built for development
    Object.assign(imports, {
      /** @param {number} message that visitors do not read */
      view_failed: (message) => console.error(`dew: a view failed: ${text(message)}`),
    });
  if (typeof DEW_WITHOUT_seed === 'undefined')
    Object.assign(imports, {
      /** @type {(fn: number, args: number, argsLen: number, value: number, valueLen: number, key: number, keep: number) => void} */
      seed(fn, args, argsLen, value, valueLen, key, keep) {
        queries.seed?.(text(fn), text(args, argsLen), text(key), JSON.parse(text(value, valueLen)), !!keep);
        schedule();
      },
    });

  const instance = await WebAssembly.instantiate(wasm, { dew: imports });
  const exports = /** @type {Exports} */ (/** @type {unknown} */ (instance.exports));

  /** The program's functions; whatever is thrown out of the outermost is a trap. @type {any} */
  const safe = { ...exports };
  for (const [name, run] of Object.entries(safe)) {
    if (!(run instanceof Function)) continue;
    safe[name] = (/** @type {any[]} */ ...args) => {
      if (dead) return 0;
      depth += 1;
      try {
        return run(...args);
      } catch (error) {
        if (depth > 1) throw error;
        dead = true;
        trapped(error);
        return 0;
      } finally {
        depth -= 1;
      }
    };
  }

  /** @param {() => number | void} run */
  function pass(run) {
    queries.beginPass();
    const result = run();
    if (!dead) queries.endPass();
    return result;
  }

  /** @param {Page} shown @param {() => number} run @returns {boolean} false: the page is not for this program */
  function show(shown, run) {
    if (typeof DEW_WITHOUT_store === 'undefined') page = shown;
    put(addressText(shown));
    return /** @type {number} */ (pass(run)) >= 0;
  }

  if (typeof DEW_WITHOUT_carried === 'undefined') // built for development: local state, for the script of dew dev
    Object.assign(globalThis, {
      dewState: {
        give: () => text(safe.dew_state_give()),
        /** @param {string} state */
        take(state) {
          put(state);
          safe.dew_state_take();
        },
      },
    });
  dom.attach(safe);
  if (!show(page, () => safe.dew_start(adopt ? 1 : 0))) throw new Error('dew: another build');
  return {
    /** For what only some programs have (later.js). */
    safe,
    /** @param {Page} next */
    navigate: (next) => show(next, safe.dew_navigate),
    flush: () => void pass(safe.dew_flush),
    /** @param {number} node */
    formDone: (node) => safe.dew_form_done(node),
    /** @param {Entry} entry */
    forget(entry) {
      const known = places.get(entry);
      if (!known) return;
      places.delete(entry);
      free.push(known.place);
      safe.dew_forget(known.place);
    },
  };
}
