// islands.js - the script of a static page (dew/island.h): says which islands are due, and fetches the rest of the host, main.js, for
// the first of them. It finds the islands by their attributes (src/page/island.c).
//
//   load ──────────────────────────┐
//   visible ── IntersectionObserver ┼─→ due: main.js, once; it looks at dewDue, and hears of later ones by "dew:island"
//   idle ──── requestIdleCallback ──┘

const IDLE_MS = 2_000; // then an island comes to life even if the browser always has something else to do

/** @type {Promise<unknown> | undefined} */
let rest;
let beside = 'js';

/** @param {Element & { dewDue?: boolean }} island */
function due(island) {
  island.dewDue = true;
  rest ??= import(import.meta.url.replace(/islands\.js$/, beside)).catch((error) => {
    rest = undefined; // the next one tries again, at another address: browsers may keep that there was nothing at this one
    beside += '?';
    console.error(error);
  });
  document.dispatchEvent(new Event('dew:island'));
}

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries)
    if (isIntersecting) {
      seen.unobserve(target);
      due(target);
    }
});

for (const island of document.querySelectorAll('[data-dew-island]')) {
  const when = island.getAttribute('data-dew-when');
  if (when === 'visible') seen.observe(island);
  else if (when === 'idle' && 'requestIdleCallback' in window) requestIdleCallback(() => due(island), { timeout: IDLE_MS });
  else due(island);
}
