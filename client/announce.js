// announce.js - says to screen readers which page was gone to, in a live region outside of what the views own. It is made, empty, as the
// first navigation begins, so that a page without any is left as it came. What comes together with its region is not said by all of
// them: the first title waits until they have seen the region.

const SEEN_MS = 100;

/** @param {Document} document */
export function createAnnouncer(document) {
  const region = document.createElement('div');
  region.id = 'dew-announce';
  region.setAttribute('role', 'status');
  region.style.cssText = 'position:fixed;clip-path:inset(50%)';
  /** @type {Promise<void> | undefined} */
  let isSeen;
  return {
    /** There will be something to say. */
    prepare() {
      if (region.isConnected) return;
      document.body.append(region);
      isSeen = new Promise((done) => setTimeout(done, SEEN_MS));
    },
    /** @param {string} title */
    say(title) {
      isSeen?.then(() => {
        region.textContent = title;
      });
    },
  };
}
