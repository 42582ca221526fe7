// announce.js - says to screen readers which page was gone to, in a live region outside of what the views own. Made at the first
// navigation, so that a page without any is left as it came.

/** @param {Document} document @returns {(title: string) => void} */
export function createAnnouncer(document) {
  /** @type {HTMLElement | undefined} */
  let region;
  return (title) => {
    if (!region?.isConnected) {
      region = document.createElement('div');
      region.id = 'dew-announce';
      region.setAttribute('role', 'status');
      region.style.cssText = 'position:fixed;clip-path:inset(50%)';
      document.body.append(region);
    }
    region.textContent = title;
  };
}
