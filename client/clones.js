/**
 * clones.js - the DOM half of memoised components (src/view/kept.h): made by cloning, and their nodes numbered when they are
 * needed. Only for programs that have some.
 */

/** @typedef {import('./dom.js').Known} Known */

const TEMPLATE = 1; // enum dew_more, with WANTS_EVENTS in its highest bit, and enum dew_slot in ops.h
const NUMBER = 4;
const WANTS_EVENTS = 8;
const DOWN = 1;
const NEXT = 2;
const UP = 3;
const TEXT = 4;
const NODE = 5;
const ATTR = 6;

const COMMENT = 128; // NodeFilter.SHOW_COMMENT
const NEAR = 8; // children: so far it is quicker to walk than to have the object made that childNodes is

/** @param {any} parent @param {number} place @returns {Node} */
function childAt(parent, place) {
  if (place > NEAR) return parent.childNodes[place];
  let n = parent.firstChild;
  while (place--) n = n.nextSibling;
  return n;
}

/** @param {any} n @param {number | string} slot */
const walk = (n, slot) => (slot === DOWN ? n.firstChild : slot === NEXT ? n.nextSibling : slot === UP ? n.parentNode : n);

/**
 * @param {object} host
 * @param {Node} host.root
 * @param {(Node | null)[]} host.nodes by number
 * @param {() => number} host.word the next of the operations
 * @param {() => string} host.name
 * @param {() => string} host.string
 * @param {(from: number) => string} host.zeroEnded
 * @param {(number: number, place: number) => number | undefined} host.child the C half's number of a child; none: 0
 */
export function createClones({ root, nodes, word, name, string, zeroEnded, child }) {
  /** What clones are made of, and the walk to where they differ. @type {{ shape: Node, slots: (number | string)[] }[]} */
  const templates = [];

  /** @param {Node} from */
  function learn(from) {
    const shape = from.cloneNode(true);
    const slots = [];
    let n = shape;
    for (let slot = word(); slot; slot = word()) {
      slots.push(slot === ATTR ? name() : slot);
      n = walk(n, slot);
      if (slot === TEXT) n.textContent = '';
    }
    return { shape, slots };
  }

  /** @param {{ shape: Node, slots: (number | string)[] }} template */
  function clone({ shape, slots }) {
    const made = shape.cloneNode(true);
    /** @type {any} */
    let n = made;
    for (const slot of slots) {
      if (slot === TEXT) n.textContent = string();
      else if (slot === NODE) n.nodeValue = string();
      else if (typeof slot === 'string') n.setAttribute(slot, string());
      else n = walk(n, slot);
    }
    return made;
  }

  /** Its number; in a memoised component it is given now, and to those around it. @param {Known | null} n @returns {number | undefined} */
  function numberOf(n) {
    if (!n || n === root || n.dew !== undefined) return n?.dew;
    const parent = numberOf(n.parentNode);
    if (!parent) return undefined;
    let place = 0;
    for (let before = n.previousSibling; before; before = before.previousSibling) place++;
    const number = child(parent, place);
    if (!number) return undefined;
    nodes[number] = n;
    return (n.dew = number);
  }

  /** The operation MORE. @param {number} small @param {number} number @param {Node} made @returns {Node} the made node */
  function more(small, number, made) {
    if (small === TEMPLATE) templates[number] = learn(made);
    else if (small === NUMBER) nodes[number] = childAt(nodes[word()], word());
    else {
      made = nodes[number] = clone(templates[word()]);
      if (small & WANTS_EVENTS) /** @type {Known} */ (made).dew = number;
    }
    return made;
  }

  /**
   * The operation BLOCKS. @param {Element} inside @param {number} first the number of its first child @param {number} length
   * @param {boolean} events
   * @param {string} text @param {Uint32Array} tags names and counts @param {Uint32Array} places @param {string} html of those there
   * @returns {boolean} false: it does not hold that, and nothing was done
   */
  function adopt(inside, first, length, events, text, tags, places, html) {
    inside.normalize(); // texts that are cut in two look like one
    const count = (/** @type {string} */ tag) => inside.getElementsByTagName(tag).length;
    let all = count('*');
    for (let k = 0; k < tags.length; k += 2) {
      if (count(zeroEnded(tags[k])) !== tags[k + 1]) return false;
      all -= tags[k + 1];
    }
    let found = '';
    for (const place of places) found += inside.children[place]?.outerHTML;
    if (all || inside.children.length !== length || found !== html || inside.textContent !== text || document.createNodeIterator(inside, COMMENT).nextNode()) return false;
    for (let n = /** @type {Known | null} */ (inside.firstChild); n; n = n.nextSibling) {
      nodes[first] = n;
      if (events) n.dew = first;
      first++;
    }
    return true;
  }

  return { adopt, more, numberOf };
}
