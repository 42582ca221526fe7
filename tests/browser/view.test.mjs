// The two halves of the view, against each other and against Chromium's parser: trees made from seeds by the same C code
// (view/random_view.c), natively as HTML and in wasm as DOM.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from './lib/showcase.mjs';

const SEEDS = Number(process.env.DEW_VIEW_SEEDS ?? 400);
const ROUNDS = Number(process.env.DEW_VIEW_ROUNDS ?? 3000);
const here = new URL('./', import.meta.url).pathname;

let folder, browser, page, server;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dew-view-'));
  execFileSync('sh', [join(here, 'lib/build-view.sh'), folder,
    ...['random_view.c', 'memo_view.c', 'view_main.client.c', 'html_main.c'].map((name) => join(here, 'view', name))], { stdio: ['ignore', 'inherit', 'inherit'] });
  const files = {
    '/': ['text/html', () => '<!doctype html><meta charset="utf-8"><title>view</title><body>'],
    ...Object.fromEntries(['dom', 'attributes', 'clones', 'effects', 'events', 'fields'].map((name) =>
      [`/${name}.js`, ['text/javascript', () => readFileSync(join(here, `../../client/${name}.js`))]])),
    ...Object.fromEntries(['harness', 'adopt'].map((name) => [`/${name}.js`, ['text/javascript', () => readFileSync(join(here, `view/${name}.js`))]])),
    '/view.wasm': ['application/wasm', () => readFileSync(join(folder, 'view.wasm'))],
  };
  server = createServer((request, response) => {
    const file = files[request.url];
    response.writeHead(file ? 200 : 404, { 'content-type': file ? file[0] : 'text/plain' });
    response.end(file ? file[1]() : '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launch();
  page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(async () => {
    window.harness = await import('/harness.js');
    window.adopt = await import('/adopt.js');
  });
});

after(async () => {
  await browser?.close();
  server?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** What the server's writer makes of the seeds. */
function html(kind, first, count) {
  const bytes = execFileSync(join(folder, 'html'), [kind, String(first), String(count)], { maxBuffer: 1 << 30 });
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).split('\0').slice(0, count);
}

test('what Chromium parses is what the browser half builds, for generated trees', async () => {
  const pages = html('random', 1, SEEDS);
  const wrong = await page.evaluate((list) => harness.compareParsed(list, 1), pages);
  assert.deepEqual(wrong, []);
  assert.ok(pages.join('').length > SEEDS * 1000, 'the trees are large enough to mean something');
});

test('adopting changes nothing and keeps every node; the next render neither', async () => {
  const wrong = await page.evaluate((list) => harness.compareAdopted(list, 1), html('random', 1, SEEDS));
  assert.deepEqual(wrong, []);
});

test('any tree becomes any other tree by comparison', async () => {
  const wrong = await page.evaluate((list) => harness.compareUpdated(list, 1), html('random', 1, SEEDS));
  assert.deepEqual(wrong, []);
});

test('where the nodes differ from what is rendered, that region is made anew and reported', async () => {
  const result = await page.evaluate((list) => harness.compareRepaired(list, 1), html('random', 1, 100));
  assert.deepEqual(result.wrong, []);
  assert.ok(result.damaged > 50 && result.reported === result.damaged, JSON.stringify(result));
});

test('a mismatch is mended where it is, counted, and said in development with both sides', async () => {
  assert.deepEqual(await page.evaluate(() => harness.mismatch()), {
    changed: ['typed'],
    kept: true,
    text: '0',
    counted: 1,
    said: [
      'dew: form_view: not as the server rendered it\nserver: <p id="typed">99</p>\nview:   <p id="typed">0</p>',
    ],
  });
});

test('1,000 memoised cards are adopted at once, changing nothing', async () => {
  assert.deepEqual(await page.evaluate((board) => adopt.whole(board), html('memo', 1000, 1)[0]), {
    changed: 0, adopted: 1, counted: 0, again: 0, calls: 2, gone: -1, kept: true, same: true,
  });
});

for (const less of [false, true])
  test(`what is otherwise in one of 1,000 cards is found, mended there, said and counted${less ? '; of cards alike one is compared whole' : ''}`, async () => {
    const { structure, cut, first, ...inCard } = await page.evaluate(([board, less]) => adopt.damaged(board, less), [html('memo', 1000, 1)[0], less]);
    const mended = 'mended, in the card, counted 1, said, 1000 cards kept, 2 clicks heard, at rest';
    assert.deepEqual(new Set(Object.values(inCard)), new Set([mended]), JSON.stringify(inCard));
    assert.equal(Object.keys(inCard).length, less ? 7 : 9);
    assert.deepEqual(first, Array(less ? 2 : 0).fill(mended));
    assert.deepEqual(cut, Array(2).fill('mended, in the card, counted 0, not said, 1000 cards kept, 2 clicks heard, at rest'));
    assert.deepEqual(structure.map((one) => one.replace(/ in .*? kept,/, '')), Array(5).fill('mended, 2 clicks heard, at rest'));
  });

test('attributes that differ are mended, counted, and said with both sides; what the visitor and extensions did stays', async () => {
  const said = (server, view) => `dew: form_view: attributes not as the server rendered them\nserver: ${server}\nview:   ${view}`;
  assert.deepEqual(await page.evaluate(() => adopt.attributes()), {
    said: [
      said('<input id="title" name="title" value="of another">', '<input id="title" name="title" value="start">'),
      said('<p id="other" data-extension="1" type="own"></p>', '<p id="typed" data-extension="1"></p>'),
      said('<button id="plain" type="button" formaction="/elsewhere"></button>', '<button id="plain" type="button"></button>'),
    ],
    counted: 3, same: true, quiet: true, kept: true,
    value: 'mine', checked: false, extension: '1', // typed, chosen, and added by others before
  });
});

test('numbers and formats are the same bytes on both sides', async () => {
  const wrong = await page.evaluate((list) => harness.compareNumbers(list, 1), html('number', 1, 50));
  assert.deepEqual(wrong, []);
});

for (const byText of [0, 1])
  test(`keyed lists: random changes, survivors keep their nodes (keys are ${byText ? 'text' : 'numbers'})`, async () => {
    const result = await page.evaluate(([rounds, text]) => harness.fuzzLists(rounds, text), [ROUNDS, byText]);
    assert.deepEqual(result.wrong, []);
    assert.equal(result.kept, result.survivors);
    assert.ok(result.survivors > ROUNDS);
  });

for (const byText of [0, 1])
  test(`memoised components: the same DOM as without, whatever changes (keys are ${byText ? 'text' : 'numbers'})`, async () => {
    const result = await page.evaluate(([rounds, text]) => harness.fuzzMemo(rounds, text), [Math.ceil(ROUNDS / 4), byText]);
    assert.deepEqual(result.wrong, []);
    assert.ok(result.clicks > ROUNDS / 8 && result.heard === result.clicks, JSON.stringify(result));
    assert.ok(result.skipped > 0, 'cards are left out while nothing changes');
  });

test('what is typed, chosen and focused in a card stays while cards move around it', async () => {
  assert.deepEqual(await page.evaluate(() => harness.keepsTyping()), { focused: true, value: 'half a word', from: 2, to: 6, left: [] });
});

test('of what is cloned, attributes that are literals are in the template', async () => {
  const { names, types } = await page.evaluate(() => harness.cloned());
  assert.deepEqual(types, Array(6).fill('text'));
  assert.ok(names.includes('data-id'), 'what differs is set');
  assert.deepEqual(names.filter((name) => ['type', 'name', 'value'].includes(name)), ['value'], 'of the literals only the button\'s call is set');
});

test('a buffer that begins with a byte that is always the same is no literal', async () => {
  const shown = (/** @type {number} */ n) => `a${n}<p class="h${n}" title="a${n}"><b>h${n}</b><i>a${n}</i></p>`;
  assert.deepEqual(await page.evaluate(() => harness.buffers()), [shown(1), shown(2)]);
});

test('a list that moves one item moves one node, and what has focus keeps it', async () => {
  assert.deepEqual(await page.evaluate(() => harness.moves()), { moved: 1, focused: true, appended: 1, removed: 1 });
});

test('a click and a submit make their calls, with the fields of the form', async () => {
  const result = await page.evaluate(() => harness.events());
  assert.deepEqual(result, {
    click: { fn: 'send_it', fields: '' },
    nested: { fn: 'send_it', fields: '' },
    submit: { fn: 'send_it', fields: '_args=%7B%22id%22%3A%221%22%2C%22title%22%3A%22%22%7D&_to=%2Fat%3Fa%3Db%26c%3D%22d%22&title=h%C3%A9&box=on' },
    left: 0,
  });
});

test('local handlers see the field, its key and its tick', async () => {
  assert.deepEqual(await page.evaluate(() => harness.handlers()), [
    { value: 'typed', key: '', arg: 7, checked: false },
    { value: 'typed', key: 'Enter', arg: 8, checked: false, prevented: true },
    { value: 'typed', key: 'a', arg: 8, checked: false, prevented: false },
    { value: 'on', key: '', arg: 9, checked: false },
  ]);
});

test('fields: what the visitor typed stays until the view says otherwise', async () => {
  assert.deepEqual(await page.evaluate(() => harness.fields()), {
    typed: 'mine', // rendered again with the same value
    caret: 2,
    ticked: true,
    changed: '12', // the view's value changed
    unticked: false,
    area: 'other',
    reset: '12',
  });
});

test('a pass that is given up leaves the page alone', async () => {
  assert.equal(await page.evaluate(() => harness.cancelled()), true);
});
