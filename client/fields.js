// fields.js - fields of forms that show what the view says, without fighting who types in them.
//
// The attribute (of a textarea its content) is what the view says; the property is what the visitor sees. It is set after a
// render, where it differs: of a field whose value the view has changed, and of one whose handler has heard what was typed. The caret stays
// where it is in the text. While an input method composes, its field is left alone; afterwards the last that was said holds.

/** @typedef {any} Field an input, textarea or select, which have not all of these properties */

/** @param {Element} root @param {AbortSignal} signal */
export function createFields(root, signal) {
  /** @type {Set<Field>} */
  const late = new Set(); // to be looked at after the next render
  /** @type {Field} */
  let composing;
  /** @type {any} */
  let timer;

  /** Where a place in the text stands in the next: as far from the end, if what follows is the same; or from the start. */
  const moved = (/** @type {string} */ was, /** @type {string} */ now, /** @type {number} */ at) =>
    now.endsWith(was.slice(at)) ? now.length - was.length + at : Math.min(at, now.length);

  const setText = (/** @type {Field} */ e, /** @type {string} */ now) => {
    const { value: was, selectionStart: start, selectionEnd: end, selectionDirection: direction } = e;
    if (was === now) return;
    e.value = now;
    if (start !== null && document.activeElement === e) e.setSelectionRange(moved(was, now, start), moved(was, now, end), direction);
  };

  const showOne = (/** @type {Field} */ e) => {
    if (e === composing) return;
    late.delete(e);
    if (e.options) for (const option of e.options) option.selected = option.defaultSelected;
    else if (e.type === 'checkbox') e.checked = e.defaultChecked;
    else if (e.type !== 'radio') setText(e, e.defaultValue);
    else
      for (const other of root.querySelectorAll('input'))
        if (other.type === 'radio' && other.name === e.name && other.form === e.form) other.checked = other.defaultChecked;
  };

  const show = () => late.forEach(showOne);

  const onStart = (/** @type {Event} */ event) => {
    clearTimeout(timer);
    composing = event.target;
  };
  const onEnd = () => {
    // some browsers say what was composed only after this
    timer = setTimeout(() => {
      composing = null;
      show();
    });
  };
  root.addEventListener('compositionstart', onStart, { signal });
  root.addEventListener('compositionend', onEnd, { signal });

  return {
    /** What it shows is the view's to say, and was changed by its visitor. @param {Field} e */
    touched: (e) => void late.add(e),
    /** The view says another value. @param {Field} e */
    said: (e) => void (e.type === 'checkbox' || e.type === 'radio' || late.add(e)),
    /** After a render. */
    show,
  };
}
