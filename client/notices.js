// notices.js - what the visitor has to be told: near the field it is about, or in a live region of its own that stands
// outside of what the views own. Made at the first notice, so that a page without any is left as it came.

const NOTICE_MS = 8_000;

/** @typedef {{ tell: (message: string) => void }} Notices tell shows a message for a while */

/** @param {Document} document @returns {Notices} */
export function createNotices(document) {
  /** @type {HTMLElement | undefined} */
  let region;
  return {
    tell(message) {
      if (!region?.isConnected) {
        region = document.createElement('div');
        region.id = 'dew-notices';
        region.setAttribute('role', 'status');
        region.style.cssText = 'position:fixed;bottom:1em;right:1em;left:1em;max-width:30em;margin-left:auto;z-index:9999';
        document.body.append(region);
      }
      const notice = document.createElement('div');
      notice.textContent = message;
      notice.className = 'dew-notice';
      notice.style.cssText = 'background:#333;color:#fff;padding:.6em 1em;margin-top:.5em;border-radius:.3em;cursor:pointer';
      notice.onclick = () => notice.remove();
      region.append(notice);
      setTimeout(() => notice.remove(), NOTICE_MS);
    },
  };
}

/**
 * Shows a message at a field of a form, as the browser shows its own.
 * @param {Node | null} element the form, or something in it
 * @param {string} field
 * @param {string} message
 * @returns {boolean} false when there is no such field to see
 */
export function tellAtField(element, field, message) {
  const form = element instanceof Element ? element.closest('form') : null;
  const input = /** @type {HTMLInputElement | null} */ (form && field ? form.elements.namedItem(field) : null); // or another that validates
  if (!input?.willValidate) return false;
  const clear = () => input.setCustomValidity('');
  input.setCustomValidity(message);
  input.reportValidity();
  for (const name of ['input', 'change', 'blur']) input.addEventListener(name, clear, { once: true });
  return true;
}
