/**
 * attributes.js - the attributes of the server's elements, compared with what the view says when it takes them over. For programs
 * built for development.
 *
 * An attribute that the view does not name at an element is the view's own if it names it at another one, and is taken away
 * then; else it is somebody else's, say an extension's, and stays. What a visitor does before is no attribute: what is typed,
 * chosen and ticked are properties, which this leaves alone; what is opened and made larger is one, and is left out.
 */

/** Set by the browser or by who reads the page. @param {Element} element @param {string} name */
const isTheirs = (element, name) => name === 'open' || name === 'nonce' || (name === 'style' && element.localName === 'textarea');

/** @typedef {{ number: number, said: Map<string, string> }} Seen an element's number, or of one around it, and attributes by name */

/** @param {(number: number, element: Element, server: string) => void} onMismatch the element is as the view says now; what it was */
export function createAttributes(onMismatch) {
  /** @type {Map<Element, Seen>} */
  const seen = new Map();
  const names = new Set();

  /** @param {Element} element @param {Seen} seen @returns {[string, string | null][]} what has to be set */
  function wrong(element, { said }) {
    /** @type {[string, string | null][]} */
    const set = [...said].filter(([name, value]) => element.getAttribute(name) !== value);
    for (const { name } of element.attributes) if (!said.has(name) && names.has(name)) set.push([name, null]);
    return set.filter(([name]) => !isTheirs(element, name));
  }

  return {
    /** @param {Element} element @param {number} number */
    open: (element, number) => void seen.set(element, { number, said: new Map() }),

    /** @param {Element} element @param {string} name @param {string} value */
    say(element, name, value) {
      seen.get(element)?.said.set(name, value);
      names.add(name);
    },

    /** All have been said. @param {Set<Node>} anew elements whose content is made anew */
    end(anew) {
      for (const [element, one] of seen) {
        const set = wrong(element, one);
        if (!set.length || [...anew].some((around) => around !== element && around.contains(element))) continue;
        const server = /** @type {Element} */ (element.cloneNode(false)).outerHTML;
        for (const [name, value] of set)
          if (value === null) element.removeAttribute(name);
          else element.setAttribute(name, value);
        onMismatch(one.number, element, server);
      }
      seen.clear();
    },
  };
}
