// life.js - the program of a page: started over the server's HTML, and anew from the values that are here after a trap, with
// a word to the visitor. One that keeps trapping is over.
//
// Numbers of nodes are a program's own: what a call leads to is shown at the element only in the life that made it.

import { createDom } from './dom.js';
import { tellAtField } from './notices.js';
import { createProgram } from './program.js';

const TRAPS_MAX = 3; // within TRAPS_MS: then it is over
const TRAPS_MS = 10_000;

/**
 * @typedef {{ node: number, isForm: boolean, life: number, owner?: ReturnType<typeof createLife> }} From what made a call: an element of the
 *   life-th program; owner: of an island
 */

/**
 * @typedef {object} Host
 * @property {Element} root
 * @property {WebAssembly.Module} wasm
 * @property {import('./program.js').Page} page
 * @property {ReturnType<typeof import('./queries.js').createQueries>} queries
 * @property {(fn: string, isMutation: boolean, args: any, from: From, fields: string) => void} call
 * @property {() => void} schedule
 * @property {(message: string) => void} tell
 * @property {(location: string, wish?: import('./navigation.js').Wish) => void} follow a redirect, or where a handler leads
 * @property {(isTrap: boolean) => void} over there is no program any more
 */

/** @param {Host} host */
export function createLife(host) {
  const { tell, over } = host;
  let life = 0; // counts programs
  /** @type {number[]} */
  let traps = [];
  /** @type {ReturnType<typeof createDom>} */
  let dom;
  /** @type {Awaited<ReturnType<typeof createProgram>> | null} */
  let program = null;
  /** @type {Map<number, string>} */
  const submitted = new Map(); // forms of this program that wait for their answer: the fields

  /** @param {boolean} adopt the server's HTML is there */
  async function start(adopt) {
    life += 1;
    submitted.clear();
    dom = createDom(host.root, console.warn);
    program = await createProgram({
      ...host, dom, adopt, trapped,
      setTitle: (title) => (typeof DEW_WITHOUT_island === 'undefined' && host.page.island) || title === document.querySelector('title')?.textContent || (document.title = title),
      call,
    });
  }

  /** @type {(fn: string, isMutation: boolean, args: any, node: number, fields: string) => void} */
  function call(fn, isMutation, args, node, fields) {
    if (fields && submitted.get(node) === fields) return; // Enter or the button, twice
    if (fields) submitted.set(node, fields);
    host.call(fn, isMutation, args, { node, isForm: !!fields, life }, fields);
  }

  /** @param {unknown} error */
  function trapped(error) {
    console.error(error);
    program = null;
    dom.detach();
    const now = performance.now();
    traps = [...traps.filter((at) => now - at < TRAPS_MS), now];
    if (traps.length >= TRAPS_MAX) return over(true);
    tell('This page was started anew: look whether it was done.');
    setTimeout(() => start(false).catch(() => over(false)), 0);
  }

  return {
    /** What the program exports. It is another one after a trap. */
    get safe() {
      return program?.safe;
    },

    start,
    flush: () => program?.flush(),
    /** @param {import('./queries.js').Entry} entry */
    forget: (entry) => program?.forget(entry),

    /** @param {import('./program.js').Page} next @returns {boolean} false: there is no program for it */
    navigate(next) {
      host.page = next;
      return program !== null && program.navigate(next);
    },

    /** A call is over. @param {From} from @param {{ error?: import('./queries.js').Failure }} answer */
    ended(from, { error }) {
      const node = from.life === life ? from.node : 0;
      submitted.delete(node);
      if (!error) {
        if (from.isForm && node) program?.formDone(node);
      } else if (error.location) host.follow(error.location);
      else if (!tellAtField(dom.node(node), error.message.split(':', 1)[0], error.message)) tell(error.message);
    },
  };
}
