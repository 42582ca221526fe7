// What stands around client/navigation.js and what it imports: the pages of a program, a window with a history.

/**
 * Pages as they stand in a program's memory (client/site.js): [path, policy, does it ask for something ahead, is it static, what else
 * it says]. Around them all: what the application says, and layouts from the outermost inwards: { onNavigate, onHover, hoverDelay,
 * stale }, durations as dew/duration.h writes them.
 */
export function siteOf(pages, application = {}, ...layouts) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const view = new DataView(memory.buffer);
  let end = 64;
  const room = (size) => (end += size) - size;
  const shape = room(32);
  const site = room(80);
  const say = (inherits, { onNavigate = 0, onHover = 0, hoverDelay = 0n, stale = 0n }) => {
    view.setUint32(inherits + 4, onNavigate, true);
    view.setUint32(inherits + 8, onHover, true);
    view.setBigInt64(inherits + 20, hoverDelay, true);
    view.setBigInt64(inherits + 36, stale, true);
  };
  const list = room(4 * (pages.length + 1));
  view.setUint32(shape, shape + 28, true);
  view.setUint32(shape + 28, site, true);
  // pages, layout, inherits; path, route, layout, islands, inherits; pattern; parent, inherits; prefetch, and what warms
  [0, 4, 8, 0, 4, 8, 12, 16, 0, 0, 4, 4, 44, 48, 52].forEach((offset, i) => view.setUint8(shape + 4 + i, offset));
  view.setUint32(site, list, true);
  say(site + 8, application);
  let inner = 0;
  for (const says of layouts) {
    const layout = room(80);
    view.setUint32(layout, inner, true);
    say(layout + 4, says);
    inner = layout;
  }
  pages.forEach(([path, policy, warms = true, isStatic = false, says = {}], i) => {
    const page = room(80);
    const text = room(path.length + 1);
    new Uint8Array(memory.buffer).set(new TextEncoder().encode(path), text);
    view.setUint32(list + 4 * i, page, true);
    view.setUint32(page, text, true);
    view.setUint32(page + 12, Number(isStatic), true);
    view.setUint32(page + 8, inner, true);
    say(page + 16, { onNavigate: policy, ...says });
    view.setUint32(page + 16 + 44, Number(warms), true);
  });
  return { memory, dew_shape: { value: shape } };
}

/** A window with a history of its own, which moves at once, or as a browser's by go(). */
export function historyWindow() {
  const entries = [{ state: null, url: '/' }];
  let at = 0;
  const window = new EventTarget();
  const history = {
    get state() { return entries[at].state; },
    replaceState(state, _, url = entries[at].url) { entries[at] = { state, url }; },
    pushState(state, _, url) { entries.splice(++at, Infinity, { state, url }); },
    go: (by) => setImmediate(() => {
      if (!entries[at + by]) return;
      at += by;
      window.dispatchEvent(new Event('popstate'));
    }),
  };
  const kept = new Map();
  return Object.assign(window, {
    history, entries, scrollX: 0, scrollY: 0, document: { activeElement: null },
    sessionStorage: { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) },
    move(by) { at += by; },
    url: () => entries[at].url,
  });
}
