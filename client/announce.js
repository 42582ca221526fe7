// announce.js - says to screen readers which page was gone to, in a live region outside of what the views own. It stands there, empty,
// before the first navigation: what comes together with its region is not said by all of them.

/** @param {Document} document @returns {(title: string) => void} */
export function createAnnouncer(document) {
  const region = document.createElement('div');
  region.id = 'dew-announce';
  region.setAttribute('role', 'status');
  region.style.cssText = 'position:fixed;clip-path:inset(50%)';
  document.body.append(region);
  return (title) => {
    if (!region.isConnected) document.body.append(region);
    region.textContent = title;
  };
}
