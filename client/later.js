// later.js - the part of the host that a page fetches once it is live (main.js): what takes its reader to other pages. A page that was
// sent before all of it was there fetches it at once.

export { takeLate } from './late.js';
export { startNavigation } from './navigation.js';
