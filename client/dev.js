// dev.js - a page's part of `dew dev`: reloads when there is a new program, keeps what was typed, scrolled and the local
// state, and shows errors over the page. A script of its own, served by `dew dev` alone: nothing of it is in what visitors get.
//
// /_dew/dev tells how things stand (src/cli/report.h). It is listened to while the page can be seen: six connections are all
// that a browser has for one server, and a hidden page catches up when it is looked at.
//
// What is kept goes through sessionStorage. It is taken only by the page of another program at the same address: a reload
// by hand begins anew, as ever. The program's local state (places of use_state) is given and taken by globalThis.dewState,
// which the host has for programs built for development (client/program.js).

(() => {
  /**
   * @typedef {{ file: string, line: number, column: number, message: string, excerpt: string }} Mistake
   * @typedef {{ generation: number, building: boolean, title: string | null, errors: Mistake[], output: string }} Report
   * @typedef {{ key: string, value: string, checked: boolean }} Typed
   * @typedef {{ generation: number, url: string, x: number, y: number, typed: Typed[], focus: string, selection: (number | null)[], state: string }} Kept
   */
  const KEY = 'dew-dev';
  const page = /** @type {typeof globalThis & { dewGeneration: number, dewState?: { give: () => string, take: (state: string) => void } }} */ (globalThis);
  const generation = page.dewGeneration;
  const base = /** @type {HTMLScriptElement} */ (document.currentScript).src.replace(/\.js$/, '');

  // ---- what is kept ----

  /** Inputs that hold something. @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */
  const inputs = () => /** @type {any[]} */ ([...document.querySelectorAll('#app input, #app textarea, #app select')])
    .filter((input) => !['hidden', 'password', 'file', 'submit', 'button', 'image', 'reset'].includes(input.type));

  /** Where an element stands: its id, or its names and places from the top. @param {Element} element */
  function keyOf(element) {
    if (element.id) return `#${element.id}`;
    let key = /** @type {HTMLInputElement} */ (element).name ?? '';
    for (let at = element; at.parentElement && at.id !== 'app'; at = at.parentElement) {
      const alike = [...at.parentElement.children].filter((one) => one.localName === at.localName);
      key = `${at.localName}${alike.indexOf(at)}/${key}`;
    }
    return key;
  }

  function keep() {
    const at = document.activeElement;
    const field = /** @type {HTMLInputElement | null} */ (at && 'selectionStart' in at ? at : null);
    /** @type {Kept} */
    const kept = {
      generation,
      url: location.href,
      x: scrollX,
      y: scrollY,
      typed: inputs().map((input) => ({ key: keyOf(input), value: input.value, checked: 'checked' in input && input.checked })),
      focus: at && at !== document.body && document.getElementById('app')?.contains(at) ? keyOf(at) : '',
      selection: field ? [field.selectionStart, field.selectionEnd] : [],
      state: '',
    };
    try {
      kept.state = page.dewState?.give() ?? '';
    } catch (error) {
      console.warn('dew dev: the local state could not be kept', error);
    }
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // no storage, or too much: the page begins anew
    }
  }

  /** What the page of the program before has left. @returns {Kept | null} */
  function left() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
      sessionStorage.removeItem(KEY);
      return kept && kept.generation !== generation && kept.url === location.href ? kept : null;
    } catch {
      return null;
    }
  }

  /** Puts back what was typed and is not there. @param {Kept} kept @param {WeakSet<EventTarget>} touched */
  function retype(kept, touched) {
    const typed = new Map(kept.typed.map((one) => [one.key, one]));
    for (const input of inputs()) {
      const one = typed.get(keyOf(input));
      if (!one || touched.has(input)) continue;
      const isSame = input.value === one.value && (!('checked' in input) || input.checked === one.checked);
      if (isSame) continue;
      input.value = one.value;
      if ('checked' in input) input.checked = one.checked;
      for (const name of ['input', 'change']) input.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }

  /** @param {Kept} kept */
  function refocus(kept) {
    if (!kept.focus || (document.activeElement && document.activeElement !== document.body)) return;
    for (const element of document.querySelectorAll('#app *')) {
      if (keyOf(element) !== kept.focus) continue;
      /** @type {HTMLElement} */ (element).focus({ preventScroll: true });
      const [start, end] = kept.selection;
      if (start != null && 'setSelectionRange' in element) /** @type {HTMLInputElement} */ (element).setSelectionRange(start, end ?? start);
      return;
    }
  }

  /** @param {Kept} kept */
  function restore(kept) {
    /** @type {WeakSet<EventTarget>} */
    const touched = new WeakSet(); // by the visitor, since
    addEventListener('input', (event) => event.isTrusted && event.target && touched.add(event.target), true);
    const settle = () => {
      retype(kept, touched);
      refocus(kept);
      scrollTo(kept.x, kept.y);
    };
    history.scrollRestoration = 'manual';
    settle(); // as the server sent it
    const live = () => {
      if (kept.state) page.dewState?.take(kept.state);
      setTimeout(() => { // it is rendered: inputs have come, and views that say what theirs hold have said it
        settle();
        document.documentElement.dataset.dewKept = `${generation}`;
      }, 0);
    };
    if (/** @type {any} */ (document.documentElement).dew === 'live') live();
    else addEventListener('dew:live', live, { once: true });
  }

  // ---- what is shown ----

  const STYLE = `
    :host { all: initial; position: fixed; inset: auto 0 0 0; max-height: 100vh; z-index: 2147483647; display: block; }
    section { font: 14px/1.5 system-ui, sans-serif; background: #1c1b22; color: #f4f3f8; border-top: 4px solid #ff6a75; padding: 1em 1.5em;
      max-height: 80vh; overflow: auto; box-shadow: 0 0 2em #0008; }
    h2 { font-size: 1.15em; margin: 0 3em .5em 0; color: #ff9aa2; }
    ol { list-style: none; margin: 0; padding: 0; }
    li { margin: .8em 0; }
    .where { font: 600 13px/1.5 ui-monospace, monospace; color: #9bdcff; overflow-wrap: anywhere; }
    pre { font: 13px/1.45 ui-monospace, monospace; background: #2a2933; color: #f4f3f8; padding: .6em .8em; margin: .3em 0; overflow: auto;
      border-radius: .3em; white-space: pre; }
    button { float: right; font: inherit; color: inherit; background: #45434f; border: 1px solid #8b8899; border-radius: .3em; padding: .1em .7em; cursor: pointer; }
    button:focus-visible, pre:focus-visible, section:focus-visible { outline: 2px solid #9bdcff; outline-offset: 2px; }
    summary { cursor: pointer; }`;

  /** @type {HTMLElement | undefined} */
  let overlay;

  /** @param {string} tag @param {string} [text] @param {Record<string, string>} [attributes] */
  function make(tag, text = '', attributes = {}) {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  /** @param {string} text */
  const code = (text) => make('pre', text, { tabindex: '0' });

  function hide() {
    overlay?.remove();
    overlay = undefined;
  }

  /** Shows what is wrong, in place of what was shown. @param {string} title @param {Mistake[]} errors @param {string} output @param {string} source */
  function show(title, errors, output, source) {
    hide();
    overlay = make('dew-dev-overlay', '', { 'data-source': source });
    const root = overlay.attachShadow({ mode: 'open' });
    const section = make('section', '', { role: 'alert', 'aria-label': title });
    const close = make('button', 'Close', { type: 'button', title: 'Close (Escape)' });
    close.addEventListener('click', hide);
    const list = make('ol');
    for (const { file, line, column, message, excerpt } of errors) {
      const item = make('li');
      item.append(make('div', `${file}:${line}${column ? `:${column}` : ''}`, { class: 'where' }), make('div', message));
      if (excerpt.trim()) item.append(code(excerpt));
      list.append(item);
    }
    section.append(close, make('h2', title), list);
    if (output.trim() && errors.length) {
      const more = make('details');
      more.append(make('summary', 'All that was said'), code(output));
      section.append(more);
    } else if (output.trim()) section.append(code(output));
    root.append(make('style', STYLE), section);
    (document.body ?? document.documentElement).append(overlay);
  }

  addEventListener('keydown', (event) => event.key === 'Escape' && hide());

  /** What went wrong in the page itself. @param {string} title @param {unknown} what */
  function showOwn(title, what) {
    const text = what instanceof Error ? what.stack ?? `${what}` : `${what}`;
    if (overlay && overlay.dataset.source === 'build') return;
    const before = overlay?.shadowRoot?.querySelector('pre')?.textContent ?? '';
    if (!before.includes(text)) show(title, [], before ? `${before}\n\n${text}` : text, 'page');
  }

  // what the host reports goes to the console (client/life.js, client/dom.js); there it stays as well
  for (const name of /** @type {const} */ (['error', 'warn'])) {
    const original = console[name].bind(console);
    console[name] = (...args) => {
      original(...args);
      const isTrap = args[0] instanceof WebAssembly.RuntimeError;
      if (isTrap) showOwn('The program trapped in the browser', args[0]);
      else if (typeof args[0] === 'string' && args[0].startsWith('dew: ')) showOwn('Dew has found something wrong in this page', args.join(' '));
      else if (name === 'error' && args[0] instanceof Error) showOwn('An error in this page', args[0]);
    };
  }
  addEventListener('error', (event) => showOwn('An error in this page', event.error ?? event.message));
  addEventListener('unhandledrejection', (event) => showOwn('An error in this page', event.reason));

  /** The page that came is an error page, or one that the server could not render and has left to the browser: why. */
  function showServerError() {
    const state = document.getElementById('dew-state')?.textContent;
    const { status = 200, failed, error = failed } = state ? JSON.parse(state) : {};
    if (status >= 500 && error) showOwn(`The page could not be made: ${status} ${error.code}`, error.message);
  }

  // ---- how things stand ----

  /** @type {EventSource | undefined} */
  let events;

  /** @param {Report} report */
  function heard(report) {
    document.documentElement.dataset.dewDev = report.building ? 'building' : report.title ? 'wrong' : 'good';
    if (report.generation !== generation && !report.building && !report.title) {
      events?.close();
      document.documentElement.dataset.dewLeave = ''; // calls that wait are lost: no question (client/main.js)
      location.reload();
    } else if (report.title) show(report.title, report.errors, report.output, 'build');
    else if (overlay?.dataset.source === 'build') hide();
  }

  function listen() {
    events?.close();
    events = undefined;
    if (document.hidden) return;
    events = new EventSource(base);
    events.onmessage = (event) => heard(JSON.parse(event.data));
  }

  const kept = left();
  addEventListener('pagehide', keep);
  document.addEventListener('visibilitychange', listen);
  document.addEventListener('DOMContentLoaded', () => {
    if (kept) restore(kept);
    showServerError();
    listen();
  });
})();
