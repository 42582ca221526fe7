// harness.js - in the browser, for view.test.mjs: instances of view.wasm on roots of their own, compared with parsed HTML.
import { createDom } from '/dom.js';

const RANDOM = 0, NUMBERS = 1, LIST = 2, BUFFERS = 5;
export const FORM = 3, MEMO = 4;
export const UPDATE = 0, CREATE = 1, ADOPT = 2;
const bytes = await (await fetch('/view.wasm')).arrayBuffer();
const module = await WebAssembly.compile(bytes);

/** An instance on a root element in the document. */
export async function instance(root = document.createElement('div')) {
  const heard = { calls: [], events: [], handled: 0, mismatches: [], adopted: 0 };
  const text = (from, len) => new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, from, len));
  const zero = (from) => { let end = from; while (new Uint8Array(wasm.memory.buffer)[end]) end++; return text(from, end - from); };
  if (!root.isConnected) document.body.append(root);
  const dom = createDom(root, (message) => heard.mismatches.push(message));
  const made = await WebAssembly.instantiate(module, { dew: {
    ...dom.imports,
    dom_adopt: (ops) => { heard.adopted++; dom.imports.dom_adopt(ops); },
    test_call: (fn, from, len, node) => heard.calls.push({ fn: zero(fn), fields: text(from, len), node }),
    test_handled: () => { heard.handled++; },
    test_event: (value, valueLen, key, keyLen, arg, checked) =>
      heard.events.push({ value: text(value, valueLen), key: text(key, keyLen), arg, checked: !!checked }),
  } });
  const wasm = made.exports;
  dom.attach(wasm);
  return {
    root, wasm, dom, heard,
    render: (what, seed, how) => wasm.test_render(what, seed, how),
    problem: () => zero(wasm.test_problem()),
    end() { dom.detach(); root.remove(); },
  };
}

/** A tree as text: what has to be equal. */
function shape(node, indent = '') {
  if (node.nodeType === 3) return `${indent}${JSON.stringify(node.data)}\n`;
  const attributes = [...node.attributes].map((a) => `${a.name}=${JSON.stringify(a.value)}`).sort().join(' ');
  return `${indent}<${node.namespaceURI.slice(-4)} ${node.localName} ${attributes}>\n${[...node.childNodes].map((n) => shape(n, `${indent} `)).join('')}`;
}
export const inside = (root) => [...root.childNodes].map((n) => shape(n)).join('');

export const parse = (html) => new DOMParser().parseFromString(`<!doctype html><body><div>${html}</div>`, 'text/html').body.firstChild;

function firstDifference(a, b) {
  const x = a.split('\n'), y = b.split('\n');
  const at = x.findIndex((line, i) => line !== y[i]);
  return `line ${at}: ${x.slice(Math.max(0, at - 3), at + 1).join(' ¶ ')} | ${y[at]}`;
}

/** Collects at most five failures. */
class Failures {
  list = [];
  equal(what, a, b) {
    if (a !== b && this.list.length < 5) this.list.push(`${what}: ${typeof a === 'string' && typeof b === 'string' ? firstDifference(a, b) : `${a} is not ${b}`}`);
  }
}

export async function compareParsed(pages, first) {
  const failures = new Failures();
  for (const [i, html] of pages.entries()) {
    const seed = first + i;
    const parsed = parse(html);
    failures.equal(`seed ${seed}, the parser left the root`, parsed.parentNode.childNodes.length, 1);
    const view = await instance();
    view.render(RANDOM, seed, CREATE);
    failures.equal(`seed ${seed}`, inside(view.root), inside(parsed));
    view.end();
  }
  return failures.list;
}

/** Counts what changes in a root while `work` runs. */
export function changes(root, work) {
  const observer = new MutationObserver(() => {});
  observer.observe(root, { childList: true, subtree: true, attributes: true, characterData: true });
  work();
  const count = observer.takeRecords().length;
  observer.disconnect();
  return count;
}

export const everyNode = (root) => {
  const all = [];
  for (const walker = document.createTreeWalker(root); walker.nextNode();) all.push(walker.currentNode);
  return all;
};

export async function compareAdopted(pages, first) {
  const failures = new Failures();
  for (const [i, html] of pages.entries()) {
    const seed = first + i;
    const view = await instance(document.adoptNode(parse(html)));
    const nodes = everyNode(view.root);
    let again;
    failures.equal(`seed ${seed}, changes at adoption`, changes(view.root, () => { again = view.render(RANDOM, seed, ADOPT); }), 0);
    failures.equal(`seed ${seed}, made anew`, again, 0);
    failures.equal(`seed ${seed}, changes at the next render`, changes(view.root, () => view.render(RANDOM, seed, UPDATE)), 0);
    const now = everyNode(view.root);
    failures.equal(`seed ${seed}, nodes kept`, nodes.length === now.length && nodes.every((n, k) => n === now[k]), true);
    view.end();
  }
  return failures.list;
}

export async function compareUpdated(pages, first) {
  const failures = new Failures();
  const view = await instance(document.adoptNode(parse(pages[0])));
  view.render(RANDOM, first, ADOPT);
  for (let i = 1; i < pages.length; i++) {
    view.render(RANDOM, first + i, UPDATE);
    failures.equal(`from seed ${first + i - 1} to ${first + i}`, inside(view.root), inside(parse(pages[i])));
  }
  view.end();
  return failures.list;
}

/** One change in each tree before it is adopted. */
function damage(root, seed) {
  const nodes = everyNode(root);
  const node = nodes[(seed * 7919) % nodes.length];
  if (!node) return false;
  const kinds = [
    () => node.remove(),
    () => node.before(document.createElement('hr')),
    () => node.after('more text'),
    () => (node.nodeType === 3 ? (node.data += '!') : node.append('at the end')),
  ];
  kinds[seed % kinds.length]();
  root.normalize();
  return true;
}

export async function compareRepaired(pages, first) {
  const failures = new Failures();
  let damaged = 0, reported = 0;
  for (const [i, html] of pages.entries()) {
    const seed = first + i;
    const root = document.adoptNode(parse(html));
    if (!damage(root, seed)) continue;
    damaged++;
    const view = await instance(root);
    const again = view.render(RANDOM, seed, ADOPT);
    reported += again > 0 && view.heard.mismatches.length > 0;
    failures.equal(`seed ${seed}`, inside(root), inside(parse(html)));
    view.render(RANDOM, seed + 1, UPDATE);
    if (pages[i + 1]) failures.equal(`seed ${seed}, then the next`, inside(root), inside(parse(pages[i + 1])));
    view.end();
  }
  return { wrong: failures.list, damaged, reported };
}

/** One text that the server had otherwise. */
export async function mismatch() {
  const made = await instance();
  made.render(FORM, 1, CREATE);
  const root = document.createElement('div');
  root.innerHTML = made.root.innerHTML;
  made.end();
  root.querySelector('#typed').textContent = '99';
  const others = everyNode(root).filter((node) => !root.querySelector('#typed').contains(node));
  const before = document.documentElement.dewMismatches ?? 0;
  const view = await instance(root);
  const changed = [];
  const observer = new MutationObserver(() => {});
  observer.observe(root, { childList: true, subtree: true, attributes: true, characterData: true });
  view.render(FORM, 1, ADOPT);
  for (const { target } of observer.takeRecords()) changed.push(target.id);
  const result = {
    changed: [...new Set(changed)], kept: others.every((node) => root.contains(node)), text: root.querySelector('#typed').textContent,
    counted: document.documentElement.dewMismatches - before, said: view.heard.mismatches.filter((message) => message.includes('server:')),
  };
  view.end();
  return result;
}

export async function compareNumbers(pages, first) {
  const failures = new Failures();
  const view = await instance();
  for (const [i, html] of pages.entries()) {
    view.render(NUMBERS, first + i, CREATE);
    failures.equal(`seed ${first + i}`, inside(view.root), inside(parse(html)));
  }
  view.end();
  return failures.list;
}

const encoder = new TextEncoder();
const ENTRY = 32;
export function setList(view, list, byText) {
  const from = view.wasm.test_entries(list.length, byText);
  const data = new DataView(view.wasm.memory.buffer), raw = new Uint8Array(view.wasm.memory.buffer);
  list.forEach(({ id, label }, i) => {
    data.setBigInt64(from + i * ENTRY, BigInt(id), true);
    raw.fill(0, from + i * ENTRY + 8, from + (i + 1) * ENTRY);
    raw.set(encoder.encode(label), from + i * ENTRY + 8);
  });
}
const itemsOf = (root) => [...root.querySelectorAll('li')];
const listed = (root) => itemsOf(root).map((li) => `${li.dataset.id} ${li.firstChild?.nodeValue ?? ''}${li.querySelector('b') ? ' bold' : ''}`).join(', ');
const wanted = (list) => list.map(({ id, label }) => `${id} ${label}${label[0] === 'b' ? ' bold' : ''}`).join(', ');

/** Lists, each made of the one before. */
function createLists(seed) {
  let list = [];
  const below = (n) => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 8) % n;
  const label = () => `${'abc'[below(3)]}é😀<${below(50)}>`;
  const changed = [
    () => [],
    () => list.map((x) => ({ x, at: below(1000) })).sort((a, b) => a.at - b.at).map(({ x }) => x),
    () => list.slice().reverse(),
    () => { const l = list.slice(); for (let k = below(6); k--;) l.splice(below(l.length + 1), 0, { id: below(1e6), label: label() }); return l; },
    () => { const l = list.slice(); for (let k = below(6); k--;) l.splice(below(l.length || 1), 1); return l; },
    () => list.map((x) => (below(4) ? x : { id: x.id, label: label() })),
    () => { const k = below(list.length + 1); return list.slice(k).concat(list.slice(0, k)); },
    () => Array.from({ length: below(60) }, () => ({ id: below(90) - 45, label: label() })),
    () => { const l = list.slice(), x = l.splice(below(l.length || 1), 1); l.splice(below(l.length + 1), 0, ...x); return l; },
  ];
  const next = () => {
    const seen = new Set();
    return (list = changed[below(changed.length)]().filter(({ id }) => !seen.has(id) && seen.add(id)).slice(0, 120));
  };
  return { next, below };
}

export async function fuzzLists(rounds, byText) {
  const failures = new Failures();
  const view = await instance();
  const lists = createLists(12345);
  let survivors = 0, kept = 0;
  view.render(LIST, 0, CREATE);
  for (let round = 0; round < rounds; round++) {
    const next = lists.next();
    const nodes = new Map(itemsOf(view.root).map((li) => [Number(li.dataset.id), li]));
    setList(view, next, byText);
    view.render(LIST, 0, UPDATE);
    failures.equal(`round ${round}`, listed(view.root), wanted(next));
    for (const li of itemsOf(view.root)) {
      const before = nodes.get(Number(li.dataset.id));
      if (before) {
        survivors++;
        kept += before === li;
      }
    }
  }
  view.end();
  return { wrong: failures.list, survivors, kept };
}

/** With memo and without: the same DOM, the same calls by the same clicks, and nothing done when nothing has changed. */
export async function fuzzMemo(rounds, byText) {
  const failures = new Failures();
  const views = [await instance(), await instance()];
  const [memo, plain] = views;
  const lists = createLists(54321);
  let season = 0, clicks = 0, skipped = 0;
  const set = (list) => views.forEach((view) => setList(view, list, byText));
  const render = (how) => views.forEach((view, i) => view.render(MEMO, i, how));
  render(CREATE);
  for (let round = 0; round < rounds; round++) {
    set(lists.next());
    season += lists.below(5) === 0;
    views.forEach((view) => view.wasm.test_season(season));
    if (lists.below(4) === 0) memo.wasm.test_cancel_memo();
    render(lists.below(40) ? UPDATE : CREATE);
    failures.equal(`round ${round}`, inside(memo.root), inside(plain.root));
    const called = memo.wasm.test_season(season);
    failures.equal(`round ${round}, again`, changes(memo.root, () => memo.render(MEMO, 0, UPDATE)), 0);
    skipped += memo.wasm.test_season(season) === called;
    const buttons = memo.root.querySelectorAll('button');
    if (buttons.length === 0) continue;
    const at = lists.below(buttons.length);
    buttons[at].click();
    plain.root.querySelectorAll('button')[at].click();
    clicks++;
    failures.equal(`round ${round}, calls`, memo.heard.calls.length + memo.heard.handled, plain.heard.calls.length + plain.heard.handled);
    failures.equal(`round ${round}, call`, JSON.stringify(memo.heard.calls.at(-1)?.fn), JSON.stringify(plain.heard.calls.at(-1)?.fn));
  }
  const heard = memo.heard.calls.length;
  views.forEach((view) => view.end());
  return { wrong: failures.list, clicks, heard, skipped };
}

/** What the visitor does in a card stays while cards move, come and go around it. */
export async function keepsTyping() {
  const view = await instance();
  const cards = Array.from({ length: 20 }, (_, id) => ({ id: id * 7 + 1, label: `a${id}` }));
  const fieldOf = (id) => view.root.querySelector(`li[data-id="${id}"] input`);
  const show = (list, how = UPDATE) => {
    setList(view, list, 0);
    view.render(MEMO, 0, how);
  };
  show(cards, CREATE);
  const field = fieldOf(cards[10].id);
  field.focus();
  field.value = 'half a word';
  field.setSelectionRange(2, 6);
  const left = [];
  for (const type of ['blur', 'focusout', 'compositionend']) field.addEventListener(type, () => left.push(type));
  show([cards[10], ...cards.slice(0, 10), ...cards.slice(11)]);
  show(cards.slice().reverse());
  show([cards[3], cards[10]]);
  show([cards[10], cards[3], ...cards.slice(12)]);
  const result = { focused: document.activeElement === field, value: field.value, from: field.selectionStart, to: field.selectionEnd, left: [...left] };
  view.end();
  return result;
}

/** The names of the attributes that are set while cards are made by cloning. */
export async function cloned() {
  const view = await instance();
  const cards = Array.from({ length: 6 }, (_, id) => ({ id: id * 42 + 1, label: 'a' }));
  setList(view, cards.slice(0, 3), 0);
  view.render(MEMO, 0, CREATE);
  const names = new Set();
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) { names.add(name); setAttribute.call(this, name, value); };
  setList(view, cards, 0);
  view.render(MEMO, 0, UPDATE);
  Element.prototype.setAttribute = setAttribute;
  const result = { names: [...names], types: [...view.root.querySelectorAll('input')].map((field) => field.getAttribute('type')) };
  view.end();
  return result;
}

export async function buffers() {
  const view = await instance();
  view.render(BUFFERS, 1, CREATE);
  const first = view.root.innerHTML;
  view.render(BUFFERS, 2, UPDATE);
  const result = [first, view.root.innerHTML];
  view.end();
  return result;
}

export async function moves() {
  const view = await instance();
  const list = Array.from({ length: 50 }, (_, id) => ({ id, label: `x${id}` }));
  setList(view, list, 0);
  view.render(LIST, 0, CREATE);
  const field = itemsOf(view.root)[10];
  field.tabIndex = 0;
  field.focus();
  const counted = (next) => {
    let moved = 0;
    const ul = view.root.querySelector('ul');
    const { moveBefore, insertBefore } = Element.prototype;
    ul.moveBefore = function (...args) { moved++; return moveBefore.apply(this, args); };
    ul.insertBefore = function (...args) { moved++; return insertBefore.apply(this, args); };
    const before = itemsOf(view.root).length;
    setList(view, next, 0);
    view.render(LIST, 0, UPDATE);
    return moved + Math.max(0, before - itemsOf(view.root).length);
  };
  const one = list.slice();
  one.splice(40, 0, ...one.splice(10, 1)); // the focused one, far down
  const moved = counted(one);
  const focused = document.activeElement === field;
  const appended = counted([...one, { id: 99, label: 'new' }]);
  const removed = counted([...one.slice(0, 20), ...one.slice(21), { id: 99, label: 'new' }]);
  view.end();
  return { moved, focused, appended, removed };
}

const $ = (view, id) => view.root.querySelector(`#${id}`);

export async function events() {
  const view = await instance();
  let left = 0;
  const onSubmit = (event) => { if (!event.defaultPrevented) { left++; event.preventDefault(); } };
  document.addEventListener('submit', onSubmit);
  view.render(FORM, 1, CREATE);
  const last = () => { const { fn, fields } = view.heard.calls.at(-1); return { fn, fields }; };
  $(view, 'call').click();
  const click = last();
  $(view, 'inner').click();
  const nested = last();
  $(view, 'title').value = 'hé';
  $(view, 'area').removeAttribute('name');
  $(view, 'send').click();
  const submit = last();
  document.removeEventListener('submit', onSubmit);
  view.end();
  return { click, nested, submit, left };
}

export async function handlers() {
  const view = await instance();
  view.render(FORM, 1, CREATE);
  const title = $(view, 'title');
  title.value = 'typed';
  title.dispatchEvent(new InputEvent('input', { bubbles: true }));
  const press = (key) => !title.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  const first = press('Enter');
  const second = press('a');
  $(view, 'box').click();
  view.end();
  const [input, enter, a, box] = view.heard.events;
  return [input, { ...enter, prevented: first }, { ...a, prevented: second }, box];
}

export async function fields() {
  const view = await instance();
  view.render(FORM, 2, CREATE);
  const title = $(view, 'title'), box = $(view, 'box'), area = $(view, 'area');
  title.focus();
  title.value = 'mine';
  title.setSelectionRange(2, 2);
  box.checked = true;
  area.value = 'mine too';
  view.render(FORM, 4, UPDATE);
  const typed = title.value, caret = title.selectionStart, ticked = box.checked;
  view.render(FORM, 13, UPDATE);
  view.render(FORM, 12, UPDATE);
  const changed = title.value, unticked = box.checked;
  title.value = 'again';
  $(view, 'send').click();
  view.wasm.test_reset(view.heard.calls.at(-1).node);
  const result = { typed, caret, ticked, changed, unticked, area: area.value, reset: title.value };
  view.end();
  return result;
}

export async function cancelled() {
  const view = await instance();
  view.render(RANDOM, 5, CREATE);
  const before = inside(view.root);
  const none = changes(view.root, () => { view.wasm.test_cancel(6); view.wasm.test_cancel(7); });
  view.render(RANDOM, 5, UPDATE);
  const same = inside(view.root) === before;
  view.end();
  return none === 0 && same;
}
