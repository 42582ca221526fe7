// announce.js - says to screen readers which page was gone to, in a live region outside of what the views own. It is made, empty, as the
// first navigation begins, so that a page without any is left as it came: what comes together with its region is not said by all of them.

/** @param {Document} document */
export function createAnnouncer(document) {
  const region = document.createElement('div');
  region.id = 'dew-announce';
  region.setAttribute('role', 'status');
  region.style.cssText = 'position:fixed;clip-path:inset(50%)';
  return {
    /** There will be something to say. */
    prepare() {
      if (!region.isConnected) document.body.append(region);
    },
    /** @param {string} title */
    say(title) {
      region.textContent = title;
    },
  };
}
