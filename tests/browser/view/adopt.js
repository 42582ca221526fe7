// adopt.js - in the browser, for view.test.mjs: a board of 1,000 memoised cards as the server sent it, adopted; whole, and with one
// thing in it that is not as the view says.
import { ADOPT, CREATE, FORM, MEMO, UPDATE, changes, everyNode, inside, instance, parse, setList } from '/harness.js';

/** The same as in html_main.c. */
function entries(count) {
  const list = [];
  for (let id = 1; list.length < count; id++) if (id % 3 && id % 7) list.push({ id, label: `a${id} é<&\u00a0">` });
  return list;
}

const mismatches = () => document.documentElement.dewMismatches ?? 0;

async function board(html) {
  const view = await instance(document.adoptNode(parse(html)));
  const list = entries(view.root.querySelectorAll('li').length);
  setList(view, list, 0);
  return { root: view.root, view, list };
}

/** Nothing is changed, all is found at once, and everything in it can be used and changed from then on. */
export async function whole(html) {
  const { root, view, list } = await board(html);
  const before = everyNode(root), counted = mismatches();
  const changed = changes(root, () => view.render(MEMO, 0, ADOPT));
  const result = { changed, adopted: view.heard.adopted, counted: mismatches() - counted, again: changes(root, () => view.render(MEMO, 0, UPDATE)) };
  root.querySelectorAll('button')[700].click();
  root.querySelectorAll('button')[3].click();
  result.calls = view.heard.calls.length;
  const next = list.toReversed();
  next[20] = { id: next[20].id, label: 'another' };
  next.splice(500, 1);
  setList(view, next, 0);
  view.render(MEMO, 0, UPDATE);
  const after = new Set(everyNode(root));
  result.gone = root.querySelectorAll('li').length - list.length;
  result.kept = before.filter((node) => after.has(node)).length > before.length - 40;
  const plain = await instance();
  setList(plain, next, 0);
  plain.render(MEMO, 1, CREATE);
  result.same = inside(root) === inside(plain.root);
  plain.end();
  view.end();
  return result;
}

/** No HTML tells them: they are mended without a word. */
const cuts = {
  'text cut in two': (card) => card.querySelector('span').firstChild.splitText(2),
  'empty text': (card) => card.querySelector('p').append(''),
};

const damages = {
  text: (card) => { card.querySelector('span').firstChild.data += '!'; },
  'text of the same length': (card) => { card.querySelector('span').firstChild.replaceData(0, 1, 'b'); },
  'element more': (card) => card.querySelector('p').before(document.createElement('hr')),
  'element less': (card) => card.querySelector('button').remove(),
  'another element': (card) => card.querySelector('p').replaceWith(Object.assign(document.createElement('div'), { innerHTML: card.querySelector('p').innerHTML })),
  attribute: (card) => card.setAttribute('class', 'other'),
  'attribute that the view has elsewhere': (card) => card.querySelector('p').setAttribute('class', 'one'),
  comment: (card) => card.append(document.createComment('extension')),
  'comment instead of a text': (card) => card.querySelector('span').firstChild.replaceWith(document.createComment('a')),
};
/** In programs not built for development these stay, but in the first card of its kind. */
const unseen = ['attribute', 'attribute that the view has elsewhere', 'text in another element'];
/** What is not in one element. */
const between = {
  'text in another element': (card) => card.querySelector('button').prepend(card.querySelector('span').firstChild),
  'no card': (card) => card.remove(),
  'card twice': (card) => card.after(card.cloneNode(true)),
  'card in another': (card) => card.nextSibling.prepend(card),
  'text between cards': (card) => card.before('between'),
};

/** @param {string} html @param {boolean} less as programs not built for development compare */
export async function damaged(html, less) {
  const results = { structure: [], cut: [], first: [] };
  const every = { ...damages, ...between, ...cuts };
  const first = less ? unseen.map((name) => [name, every[name], true]) : [];
  for (const [name, damage, isFirst] of [...Object.entries(every), ...first]) {
    if (less && !isFirst && unseen.includes(name)) continue;
    const { root, view } = await board(html);
    if (less) view.wasm.test_compare_less();
    const asSent = inside(root), cards = [...root.querySelectorAll('li')];
    const at = cards.findIndex((one, i) => (isFirst || i > 500) && one.querySelector('span') && one.querySelector('button') && cards[i + 1].querySelector('button'));
    const card = cards[at];
    damage(card);
    const counted = mismatches(), changed = new Set();
    const observer = new MutationObserver(() => {});
    observer.observe(root, { childList: true, subtree: true, attributes: true, characterData: true });
    view.render(MEMO, 0, ADOPT);
    for (const { target } of observer.takeRecords()) changed.add(card.contains(target) ? 'the card' : target.localName ?? 'text');
    const others = [...root.querySelectorAll('li')];
    for (const k of [at, at + 1]) others[k].querySelector('button').click();
    const result = [
      inside(root) === asSent ? 'mended' : 'wrong', `in ${[...changed]}`, `counted ${mismatches() - counted}`,
      view.heard.mismatches.some((message) => message.includes('server:') && message.includes('view:')) ? 'said' : 'not said',
      `${cards.filter((one, i) => one === others[i]).length} cards kept`, `${view.heard.calls.length} clicks heard`,
      changes(root, () => view.render(MEMO, 0, UPDATE)) ? 'changed again' : 'at rest',
    ].join(', ');
    if (name in between) results.structure.push(result);
    else if (isFirst) results.first.push(result);
    else if (name in cuts) results.cut.push(result, ...[...card.querySelectorAll('span, p')].filter((one) => [...one.childNodes].some((node, i, all) => node.data === '' || (node.data && all[i + 1]?.data))).map(() => 'still cut'));
    else results[name] = result;
    view.end();
  }
  return results;
}

/** A form whose attributes are not as the view says, and which the visitor has used before. */
export async function attributes() {
  const made = await instance();
  made.render(FORM, 1, CREATE);
  const root = document.createElement('div');
  root.innerHTML = made.root.innerHTML;
  const wanted = inside(root);
  made.end();
  const find = (id) => root.querySelector(`#${id}`);
  const [title, box, typed, plain] = ['title', 'box', 'typed', 'plain'].map(find);
  title.value = 'mine';
  title.setAttribute('value', 'of another');
  box.click(); // it was ticked
  typed.setAttribute('data-extension', '1');
  typed.setAttribute('id', 'other');
  typed.setAttribute('type', 'own');
  plain.setAttribute('formaction', '/elsewhere');
  const nodes = everyNode(root), counted = mismatches();
  const view = await instance(root);
  view.render(FORM, 1, ADOPT);
  const result = {
    said: view.heard.mismatches, counted: mismatches() - counted, value: title.value, checked: box.checked,
    kept: nodes.every((node) => root.contains(node)), extension: typed.getAttribute('data-extension'),
    quiet: changes(root, () => view.render(FORM, 1, UPDATE)) === 0,
  };
  typed.removeAttribute('data-extension');
  result.same = inside(root) === wanted;
  view.end();
  return result;
}
