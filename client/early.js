// early.js - clicks and submits that come before the page is alive: kept, and made again when it is. Before this module
// is there, the browser's own form post does the work; the markup is the same.

/** Is this what a call is made by (dew/view.h: on_click of a button, on_submit of a form)?
 * @param {string | null} action */
const isCall = (action) => action?.includes('/_dew/form/');

/**
 * Keeps calls from now on.
 * @param {Document} document
 * @returns {() => void} lets go: what was kept is made again, in order
 */
export function keepEarlyCalls(document) {
  /** @type {(() => void)[]} */
  const kept = [];

  /** @param {Event} event @param {() => void} again */
  function keep(event, again) {
    event.preventDefault();
    event.stopImmediatePropagation();
    kept.push(again);
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    const button = event.target instanceof Element && event.target.closest('button');
    if (button && isCall(button.getAttribute('formaction'))) keep(event, () => button.click());
  }

  /** @param {SubmitEvent} event */
  function onSubmit(event) {
    const form = event.target;
    if (form instanceof HTMLFormElement && isCall(form.getAttribute('action')))
      keep(event, () => form.requestSubmit(/** @type {any} */ (event.submitter)));
  }

  const life = new AbortController();
  const first = { capture: true, signal: life.signal };
  document.addEventListener('click', onClick, first);
  document.addEventListener('submit', onSubmit, first);
  return () => {
    life.abort();
    for (const again of kept.splice(0)) again();
  };
}
