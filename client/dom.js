/**
 * dom.js - the DOM half of the browser host: carries out the operations that the C view writes, and hands it events.
 *
 * Knows nothing of the application. One `createDom` per wasm instance and root element; no module state. The format of
 * operations is src/view/ops.h.
 *
 * Nodes that stay are never taken out: what has focus keeps it, by Node.moveBefore where the browser has it, else by
 * giving the focus back.
 */

import { createAttributes } from './attributes.js';
import { createClones } from './clones.js';
import { createOutside } from './effects.js';
import { EVENTS, heardBy, putDetail, valueOf } from './events.js';
import { createFields } from './fields.js';

/**
 * What the C half exports and this module calls.
 * @typedef {object} ViewExports
 * @property {WebAssembly.Memory} memory
 * @property {(len: number) => number} dew_event_room
 * @property {(node: number, type: number, valueLen: number) => number} dew_event
 * @property {(node: number) => void} dew_mismatch
 * @property {(node: number, place: number) => number} [dew_child]
 * @property {(node: number) => number} [dew_component] for development
 */

/** @typedef {Node & { dew?: number }} Known a node that wants events carries its number */
/** @typedef {Element & { moveBefore?: (node: Node, before: Node | null) => void, value?: string, checked?: boolean }} Any */

const LITERAL = 0x80000000;
const PREVENT = 1;
const CONTROLLED = 4;

/**
 * @param {Element} root its content belongs to the view, whole
 * @param {(message: string, inside: Node, expected: string | null, found: Node | null) => void} [onMismatch] told what differed
 *   when server's nodes could not be adopted, of the page's first: expected is a tag or a text. In development of each, with both
 *   sides. All are counted, in dewMismatches of the document's element
 */
export function createDom(root, onMismatch = () => {}) {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const encoder = new TextEncoder();
  const document = root.ownerDocument;
  /** @type {(Node | null)[]} */
  const nodes = [root];
  /** @type {Map<number, string>} */
  const literals = new Map();
  /** @type {ViewExports} */
  let wasm;
  let bytes = new Uint8Array();
  let words = new Uint32Array();
  let at = 0;
  let text = '';
  let textAt = 0;
  /** What the server sent where the view says otherwise, by number: for development. @type {false | Map<number, string>} */
  const served = typeof DEW_WITHOUT_mismatched === 'undefined' && new Map();
  let busy = false; // what moving nodes does to focus is no event for the view
  const life = new AbortController();
  const { signal } = life;
  /** @type {ReturnType<typeof createFields>} */
  let fields;
  /** @type {any} */
  let current; // event

  /** Views of the memory, anew after it has grown. */
  const look = () => {
    if (bytes.buffer !== wasm.memory.buffer) {
      bytes = new Uint8Array(wasm.memory.buffer);
      words = new Uint32Array(wasm.memory.buffer);
    }
  };

  /** @param {number} from @param {number} len */
  const decode = (from, len) => (len ? decoder.decode(bytes.subarray(from, from + len)) : '');

  /** @param {number} from @param {number} len */
  const literal = (from, len) => {
    let known = literals.get(from);
    if (known === undefined) literals.set(from, (known = decode(from, len)));
    return known;
  };

  /** @param {number} from of a NUL-terminated name */
  const zeroEnded = (from) => (look(), literal(from, bytes.indexOf(0, from) - from));

  const name = () => {
    const from = words[at++];
    return from ? zeroEnded(from) : string();
  };

  const string = () => {
    const len = words[at++];
    return len < LITERAL ? text.substring(textAt, (textAt += len)) : literal(words[at++], len - LITERAL);
  };

  /** @param {number} ops @returns {number} where the words end */
  const open = (ops) => {
    look();
    ops >>= 2;
    at = words[ops] >> 2;
    text = decode(words[ops + 2], words[ops + 3]);
    textAt = 0;
    return at + words[ops + 1];
  };

  /**
   * Fields: the attribute is what the server wrote; the property is what the visitor sees, and is set only when it
   * differs, so that it does not fight with who types.
   * @param {Any} e @param {string} name @param {string | null} value
   */
  const setField = (e, name, value) => {
    if (name === 'value' && e.localName === 'input')
      if (typeof DEW_WITHOUT_fields === 'undefined' && fields) fields.said(e);
      else if (e.value !== (value ?? '')) e.value = value ?? '';
    // @ts-ignore checked and selected stand on the elements that have the attribute
    if (name === 'checked' || name === 'selected') e[name] = value !== null;
  };

  const clones = typeof DEW_WITHOUT_memo === 'undefined' && createClones({
    root, nodes, name, string, zeroEnded,
    word: () => words[at++],
    child: (number, place) => wasm.dew_child?.(number, place), // no memoised component in it: not linked
  });

  const count = () => {
    const page = /** @type {Element & { dewMismatches?: number }} */ (document.documentElement);
    return (page.dewMismatches = (page.dewMismatches ?? 0) + 1);
  };

  const attributes = typeof DEW_WITHOUT_mismatched === 'undefined' && createAttributes((number, element, server) => {
    const component = zeroEnded(/** @type {(node: number) => number} */ (wasm.dew_component)(number));
    const view = /** @type {Element} */ (element.cloneNode(false)).outerHTML;
    onMismatch(`dew: ${component}: attributes not as the server rendered them\nserver: ${server}\nview:   ${view}`, element, null, null);
    count();
  });

  /** @param {number} ops */
  const apply = (ops) => {
    busy = true;
    const end = open(ops);
    const focused = document.activeElement;
    /** @type {Any[]} */
    const stack = [];
    /** @type {Any} */
    let current = root;
    /** @type {Node} */
    let made = root;
    const node = () => /** @type {Any} */ (nodes[words[at++]]);
    const next = () => {
      const before = words[at++];
      return before ? nodes[before] : null;
    };
    while (at < end) {
      const word = words[at++];
      const small = (word >> 4) & 0xff;
      const number = word >>> 12;
      const named = /** @type {Any} */ (nodes[number]);
      switch (word & 15) {
        case 1: {
          // OPEN
          const e =
            typeof DEW_WITHOUT_foreign === 'undefined' && small & 6
              ? document.createElementNS(`http://www.w3.org/${small & 2 ? '2000/svg' : '1998/Math/MathML'}`, name())
              : document.createElement(name());
          if (number) nodes[number] = e;
          if (small & 1) /** @type {Known} */ (e).dew = number;
          if (stack.length) current.appendChild(e);
          stack.push(current);
          current = e;
          break;
        }
        case 2: // CLOSE
          made = current;
          current = /** @type {Any} */ (stack.pop());
          break;
        case 3: // TEXT_NODE
          made = document.createTextNode(string());
          if (number) nodes[number] = made;
          if (stack.length) current.appendChild(made);
          break;
        case 4: // TEXT_ONLY
          if (typeof DEW_WITHOUT_markup === 'undefined' && small) current.innerHTML = string();
          else current.textContent = string();
          break;
        case 5: // PLACE
          node().insertBefore(made, next());
          break;
        case 6: // SELECT
          current = named;
          if (small) /** @type {Known} */ (current).dew = number;
          break;
        case 7:
        case 8: {
          // ATTR, NO_ATTR
          const attribute = name();
          const value = word & 8 ? null : string();
          if (value === null) current.removeAttribute(attribute);
          else current.setAttribute(attribute, value);
          if (!stack.length) setField(current, attribute, value);
          break;
        }
        case 9: {
          // SET_TEXT
          const value = string();
          (named.firstChild ?? named).nodeValue = value;
          if (named.localName === 'textarea' && named.value !== value)
            if (typeof DEW_WITHOUT_fields === 'undefined' && fields) fields.said(named);
            else named.value = value;
          break;
        }
        case 10: {
          // MOVE
          const parent = node();
          const before = next();
          if (parent.moveBefore) parent.moveBefore(named, before);
          else parent.insertBefore(named, before);
          break;
        }
        case 11: // REMOVE
          named.remove();
          break;
        case 12: // CLEAR
          named.textContent = '';
          break;
        case 13: // FREE
          for (let k = number; k--; ) nodes[words[at++]] = null;
          break;
        case 14: // RESET
          /** @type {HTMLFormElement} */ (/** @type {Element} */ (named)).reset();
          break;
        default: // MORE
          if (typeof DEW_WITHOUT_memo === 'undefined' && clones) {
            const before = made;
            made = clones.more(small, number, made);
            if (made !== before && stack.length) current.appendChild(made);
          }
      }
    }
    if (focused !== document.activeElement && root.contains(focused)) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true });
    if (typeof DEW_WITHOUT_fields === 'undefined') fields?.show();
    busy = false;
  };

  /**
   * Walks the server's nodes along with the operations and takes them over, changing nothing. An element whose content
   * differs is reported to the C half, which makes that content anew.
   * @param {number} ops
   */
  const adopt = (ops) => {
    const end = open(ops);
    /** @type {Node[]} */
    const stack = [];
    /** @type {number[]} */
    const numbers = [];
    /** @type {Node} */
    let current = root;
    let number = 0;
    let child = root.firstChild;
    /** @type {false | Set<Node>} */
    const anew = typeof DEW_WITHOUT_mismatched === 'undefined' && new Set();
    let skipped = 0; // depth inside an element that is given up; 1: in itself
    /** @param {string | null} expected @param {Node | null} found */
    const giveUp = (expected, found) => {
      skipped = 1;
      wasm.dew_mismatch(number);
      if (typeof DEW_WITHOUT_mismatched === 'undefined' && served) served.set(number, /** @type {Element} */ (current).outerHTML);
      if (typeof DEW_WITHOUT_mismatched === 'undefined' && anew) anew.add(current);
      if (count() === 1) onMismatch('dew: not as the server rendered it', current, expected, found);
    };
    while (at < end) {
      const word = words[at++];
      switch (word & 15) {
        case 1: {
          // OPEN
          const tag = name();
          if (!skipped && /** @type {Any | null} */ (child)?.localName !== tag) giveUp(tag, child);
          if (skipped) {
            skipped++;
            break;
          }
          stack.push(current);
          numbers.push(number);
          number = word >>> 12 || number; // what has none is made anew with what is around it
          current = /** @type {Node} */ (child);
          if (word >>> 12) nodes[number] = current;
          if (word & 16) /** @type {Known} */ (current).dew = number;
          child = current.firstChild;
          if (typeof DEW_WITHOUT_mismatched === 'undefined' && attributes) attributes.open(/** @type {Element} */ (current), number);
          break;
        }
        case 2: // CLOSE
          if (skipped > 1) {
            skipped--;
            break;
          }
          if (!skipped && child) giveUp(null, child);
          skipped = 0;
          child = current.nextSibling;
          current = /** @type {Node} */ (stack.pop());
          number = /** @type {number} */ (numbers.pop());
          break;
        default: {
          if (typeof DEW_WITHOUT_memo === 'undefined' && (word & 15) === 6) {
            // SELECT
            number = word >>> 12;
            current = /** @type {Node} */ (nodes[number]);
            child = current.firstChild;
            break;
          }
          if (typeof DEW_WITHOUT_memo === 'undefined' && clones && (word & 15) === 15) {
            // BLOCKS
            const said = words[at++] >> 2;
            if (skipped) break;
            const list = (/** @type {number} */ k) => words.subarray(words[(k += said)] >> 2, (words[k] + words[k + 1]) >> 2);
            words[said] = clones.adopt(/** @type {Element} */ (current), words[said + 1], words[said + 2], !!(word & 128),
              decode(words[said + 3], words[said + 4]), list(5), list(7), decode(words[said + 9], words[said + 10])) ? 0 : 1;
            child = null;
            break;
          }
          if (typeof DEW_WITHOUT_mismatched === 'undefined' && attributes && (word & 15) === 7) {
            // ATTR
            const attribute = name();
            const said = string();
            if (!skipped) attributes.say(/** @type {Element} */ (current), attribute, said);
            break;
          }
          // TEXT_NODE, TEXT_ONLY
          const value = string();
          if (skipped) break;
          if (typeof DEW_WITHOUT_markup === 'undefined' && (word & 31) === 20) {
            child = null; // what the parser made of it, it makes of it again
            break;
          }
          if (child?.nodeType !== 3 || child.nodeValue !== value) {
            giveUp(value, child);
            break;
          }
          if ((word & 15) === 3 && word >>> 12) nodes[word >>> 12] = child;
          child = child.nextSibling;
        }
      }
    }
    if (!skipped && child) giveUp(null, child);
    if (typeof DEW_WITHOUT_mismatched === 'undefined' && attributes && anew) attributes.end(anew);
  };

  /** Text for the next event. @param {string} text @returns {number} its length in bytes */
  const say = (text) => {
    if (!text) return 0; // as with most events
    const value = encoder.encode(text);
    const room = wasm.dew_event_room(value.length);
    look();
    bytes.set(value, room);
    return value.length;
  };

  /**
   * @param {any} event any kind of event @param {number} type @param {number} [here] only where it happened
   */
  const onEvent = (event, type, here) => {
    if (busy) return;
    if (typeof DEW_WITHOUT_memo === 'undefined' && clones) clones.numberOf(event.target);
    const path = heardBy(event.target, root, here);
    if (!path.length) return;
    const said = say(valueOf(event));
    for (const n of path) {
      current = event; // for each: what one of them does may be an event
      const result = wasm.dew_event(/** @type {number} */ (n.dew), type, said);
      if (result & PREVENT) event.preventDefault();
      if (typeof DEW_WITHOUT_fields === 'undefined' && result & CONTROLLED) fields.touched(n);
    }
  };

  return {
    /** For WebAssembly.instantiate, among the imports of the module "dew". */
    imports: {
      dom_apply: apply,
      dom_adopt: adopt,
      memo() {},
      ...(typeof DEW_WITHOUT_event_detail === 'undefined' && {
        /** @param {number} to */
        event_detail(to) {
          look();
          putDetail(current, to, words, bytes);
        },
      }),
      foreign() {},
      ...(typeof DEW_WITHOUT_mismatched === 'undefined' && served && {
        /** @param {number} number @param {number} component */
        mismatched(number, component) {
          const element = /** @type {Element} */ (nodes[number]);
          look();
          onMismatch(`dew: ${zeroEnded(component)}: not as the server rendered it\nserver: ${served.get(number)}\nview:   ${element.outerHTML}`, element, null, null);
          served.delete(number);
        },
      }),
      ...(typeof DEW_WITHOUT_fields === 'undefined' && { fields: () => void (fields = createFields(root, signal)) }),
      ...(typeof DEW_WITHOUT_markup === 'undefined' && { markup: () => {} }),
      ...(typeof DEW_WITHOUT_listen === 'undefined' && {
        /** @param {number} type @param {number} name @param {number} here */
        listen: (type, name, here) =>
          root.addEventListener(
            zeroEnded(name),
            (/** @type {any} */ event) => {
              if (here) Object.assign(event, { open: event.target.open, clientX: event.target.scrollLeft, clientY: event.target.scrollTop });
              onEvent(event, type, here);
            },
            { signal, capture: !!here },
          ),
      }),
      ...((typeof DEW_WITHOUT_effects === 'undefined' ||
        typeof DEW_WITHOUT_node_do === 'undefined' ||
        typeof DEW_WITHOUT_node_rect === 'undefined' ||
        typeof DEW_WITHOUT_node_emit === 'undefined') &&
        createOutside({
          signal,
          node: (number) => nodes[number],
          name: zeroEnded,
          text: (from, len) => (look(), decode(from, len)),
          numbers: (to, list) => new Float64Array(wasm.memory.buffer, to).set(list),
          hear: (token, what, said) => void wasm.dew_event(token, what, say(said)),
        })),
    },

    /**
     * Before the first render.
     * @param {ViewExports} exports
     */
    attach(exports) {
      wasm = exports;
      look();
      EVENTS.forEach((name, type) => root.addEventListener(name, (event) => onEvent(event, type), { signal }));
    },

    /** The node that the C half knows by this number, for messages about a form. @param {number} number */
    node: (number) => nodes[number] ?? null,

    /** Events are no longer heard; the nodes stay as they are. */
    detach: () => life.abort(),
  };
}
