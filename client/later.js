// later.js - the part of the host that a page fetches once it is live (main.js): what takes its reader to other pages.

export { startNavigation } from './navigation.js';
