// dew new, dew build, dew dev: from an empty folder to a live page that follows its sources. An editor's saves are writes to
// files; pages are Chromium's.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { descendants, edit, endAll, install, processesOf, startDev } from './lib/dev.mjs';
import { launch } from './lib/showcase.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
let browser, installed;
before(async () => {
  installed = install();
  browser = await launch();
});
after(async () => {
  endAll();
  await browser?.close();
  installed?.remove();
});

const app = (name) => join(installed.folder, name);
const heading = (page, text) => page.waitForFunction((wanted) => document.querySelector('h1')?.textContent.includes(wanted), text);
const live = (page) => page.waitForFunction(() => document.documentElement.dew === 'live');
const overlay = (page, text) => page.waitForFunction((wanted) =>
  document.querySelector('dew-dev-overlay')?.shadowRoot.textContent.includes(wanted), text);
const noOverlay = (page) => page.waitForFunction(() => !document.querySelector('dew-dev-overlay'));

/** Components that keep something, for the page of an application. */
const KEEPERS = `
#include <dew/state.h>

static void add(dew_event *event)
{
    *(int *)event->data += 1;
}
static void toggle(dew_event *event)
{
    *(bool *)event->data = !*(bool *)event->data;
}
static void typed(dew_event *event)
{
    dew_text_set(event->data, event->value);
}
static void tally(const char *id)
{
    int *count = use_state(int, 0);
    el(button, .id = id, .type = "button", .on_click_do = DO(add, count)) textf("%d", *count);
}
struct pair {
    int order[2], seed;
};
static void panel(void)
{
    bool *open = use_state(bool, false);
    use_state(struct pair, { .order = { 1, 0 }, .seed = 7 }); /* of values with commas between them */
    dew_text_state *draft = use_text("");
    el(button, .id = "toggle", .type = "button", .on_click_do = DO(toggle, open)) text("More");
    if (*open) {
        for (int i = 0; i < 2; i++)
            el(div, .key = KEY(i)) tally(i == 0 ? "first" : "second");
        el(input, .id = "draft", .aria_label = "Draft", .value = draft->text.ptr, .on_input_do = DO(typed, draft));
        el(p, .id = "said") text(draft->text);
    }
}

static void view(void)`;

/** A new application under `dew dev`, and its address. */
async function begin(name, { change = () => {}, args = [] } = {}) {
  assert.equal((await installed.run(['new', name])).code, 0);
  change(app(name));
  const dev = startDev(installed.dew, app(name), args);
  const ready = dev.says(/http:\/\/\S+|the build failed/).then(([url]) => {
    if (!url.startsWith('http')) throw new Error(dev.said);
    return url;
  });
  ready.catch(() => {}); // it may be ended before
  return { dev, ready, source: join(app(name), `${name}.c`), server: join(app(name), `${name}.server.c`) };
}

describe('the command', () => {
  test('says what it can do, and which it is', async () => {
    const help = await installed.run(['--help']);
    assert.equal(help.code, 0);
    for (const command of ['dew new', 'dew dev', 'dew build']) assert.ok(help.out.includes(command));
    for (const args of [['-h'], ['dev', '--help'], ['dev', '-h'], ['dev', '--port', '0', '--help'], ['new', '--help'], ['build', '--help']])
      assert.deepEqual(await installed.run(args), help, `dew ${args.join(' ')}`);
    assert.match((await installed.run(['--version'])).out, /^dew \d+\.\d+\.\d+\n$/);
  });

  test('says what is wrong with how it was called, and the mend', async () => {
    for (const [args, code, message] of [
      [[], 2, /usage:/],
      [['types'], 2, /no such command/],
      [['new'], 2, /dew new hello/],
      [['new', 'Hello'], 1, /small letters/],
      [['new', 'a-b'], 1, /small letters/],
      [['new', 'test'], 1, /give another name/],
      [['new', 'no/such/folder'], 1, /no\/such\/folder could not be made/],
      [['dev', '--port', 'x'], 2, /0 to 65535/],
      [['dev', '--data', 'x'], 2, /behind --/],
      [['dev'], 1, /neither CMakeLists.txt nor Makefile.*dew new NAME/],
      [['build'], 1, /neither CMakeLists.txt nor Makefile/],
    ]) {
      const said = await installed.run(args);
      assert.equal(said.code, code, `dew ${args.join(' ')}`);
      assert.match(said.error, message);
    }
  });

  test('new makes a folder that build builds, and leaves what is there alone', async () => {
    assert.equal((await installed.run(['new', 'first'])).code, 0);
    writeFileSync(join(app('first'), 'first.h'), `${readFileSync(join(app('first'), 'first.h'), 'utf8')}\n/* mine */\n`);
    const again = await installed.run(['new', 'first']);
    assert.equal(again.code, 1);
    assert.match(again.error, /first is there already: nothing was changed/);
    assert.match(readFileSync(join(app('first'), 'first.h'), 'utf8'), /mine/);
    const built = await installed.run(['build'], app('first'));
    assert.equal(built.code, 0, built.out + built.error);
    assert.ok(existsSync(join(app('first'), 'build/first')));
    edit(join(app('first'), 'first.c'), 'text("Sign")', 'texxt("Sign")');
    const broken = await installed.run(['build'], app('first'));
    assert.equal(broken.code, 1);
    assert.match(broken.out, /first\.c:\d+:\d+: error: .*texxt/);
  });
});

describe('a page under dew dev', () => {
  let dev, url, source, server, page;
  /** @type {string[]} */
  const errors = []; // of its scripts
  before(async () => {
    const begun = await begin('live', {
      change(folder) {
        edit(join(folder, 'live.c'), 'el(ul)', 'el(div, .style = "height: 3000px");\n        panel();\n        el(ul)');
        edit(join(folder, 'live.c'), '\nstatic void view(void)', KEEPERS);
      },
    });
    ({ dev, source, server } = begun);
    url = await begun.ready;
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(url);
    await live(page);
  });
  after(async () => {
    await page?.close();
    await dev?.end();
  });

  test('follows a save, and keeps what was typed, where, and how far it was scrolled', async () => {
    await page.fill('[name=name]', 'Ada Lovelace');
    await page.focus('[name=message]');
    await page.keyboard.type('hello');
    await page.keyboard.press('ArrowLeft');
    await page.evaluate(() => scrollTo(0, 700));
    edit(source, 'Guestbook, %zu', 'The book, %zu');
    await heading(page, 'The book, 0');
    await page.waitForFunction(() => document.documentElement.dataset.dewKept);
    assert.deepEqual(await page.evaluate(() => ({
      name: document.querySelector('[name=name]').value,
      message: document.querySelector('[name=message]').value,
      focus: document.activeElement.name,
      caret: document.activeElement.selectionStart,
      y: scrollY,
    })), { name: 'Ada Lovelace', message: 'hello', focus: 'message', caret: 4, y: 700 });
    assert.deepEqual(errors, []); // of fields, whose events nobody wants, too
    assert.equal(page.url(), `${url}/`);
  });

  test('a reload by hand begins anew', async () => {
    await page.reload();
    await live(page);
    assert.equal(await page.inputValue('[name=name]'), '');
  });

  test('local state goes on where its shape has stayed, also of what is open by it', async () => {
    const shown = () => page.evaluate(() => ['first', 'second', 'draft', 'said'].map((id) => {
      const element = document.getElementById(id);
      return element && (element.value || element.textContent);
    }));
    const next = async (text) => {
      await heading(page, text);
      await page.waitForFunction(() => document.documentElement.dataset.dewKept);
    };
    await page.click('#toggle');
    await page.click('#second', { clickCount: 3 });
    await page.fill('#draft', 'Grüße "&<\n');
    assert.deepEqual(await shown(), ['0', '3', 'Grüße "&<', 'Grüße "&<']);

    edit(source, 'The book', 'The kept book'); // another line, another address of everything
    await next('The kept book');
    assert.deepEqual(await shown(), ['0', '3', 'Grüße "&<', 'Grüße "&<']);
    await page.click('#second');
    assert.deepEqual((await shown())[1], '4');

    edit(source, 'panel();', 'el(section) panel();'); // around the only one
    edit(source, 'The kept book', 'The book around');
    await next('The book around');
    assert.deepEqual((await shown())[3], 'Grüße "&<');

    edit(source, 'int *count = use_state(int, 0);', 'short *count = use_state(short, 7);');
    edit(source, '*(int *)event->data += 1', '*(short *)event->data += 1');
    edit(source, 'The book around', 'The book');
    await heading(page, 'The book, ');
    await page.waitForSelector('#second');
    assert.deepEqual(await shown(), ['7', '7', 'Grüße "&<', 'Grüße "&<']);
    await page.click('#toggle');
  });

  test('shows what the compiler says over the page, which goes on, until it is mended', async () => {
    await page.fill('[name=name]', 'Grace');
    dev.mark();
    edit(source, 'text("Sign")', 'texxt("Sign")');
    await overlay(page, 'The build failed');
    const shown = await page.evaluate(() => document.querySelector('dew-dev-overlay').shadowRoot.querySelector('section').innerText);
    const line = readFileSync(source, 'utf8').split('\n').findIndex((text) => text.includes('texxt')) + 1;
    assert.match(shown, new RegExp(`^live\\.c:${line}:\\d+$`, 'm'));
    assert.match(shown, /texxt/);
    assert.match(shown, /el\(button\)/); // the source
    assert.match(dev.said, new RegExp(`^live\\.c:${line}:\\d+: error: .*texxt`, 'm'));
    await page.addScriptTag({ path: axe });
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
    await page.click('form button'); // the program is that of before
    await heading(page, 'The book, 1');
    await page.keyboard.press('Escape');
    await noOverlay(page);
    edit(source, 'texxt("Sign")', 'text("Write")');
    await page.waitForFunction(() => document.querySelector('form button').textContent === 'Write');
    await noOverlay(page);
  });

  test('a save while it builds starts another build after', async () => {
    edit(source, 'The book', 'Book one');
    await page.waitForFunction(() => document.documentElement.dataset.dewDev === 'building');
    edit(source, 'Book one', 'Book two');
    await heading(page, 'Book two');
  });

  test('no request fails while the program changes', async () => {
    let isOver = false, count = 0;
    /** @type {unknown[]} */
    const failed = [];
    const ask = async () => {
      while (!isOver) {
        const status = await fetch(url, { headers: { accept: 'text/html' } }).then((answer) => answer.text().then(() => answer.status), String);
        count += 1;
        if (status !== 200) failed.push(status);
      }
    };
    const asking = Promise.all([ask(), ask(), ask()]);
    for (const name of ['One', 'Two']) {
      edit(source, name === 'One' ? 'Book two' : 'Book One', `Book ${name}`);
      await heading(page, `Book ${name}`);
    }
    isOver = true;
    await asking;
    assert.deepEqual(failed, []);
    assert.ok(count > 3);
  });

  test('a program that ends is shown with what it said, and starts when it is mended', async () => {
    edit(server, 'return dew_app_main', 'fprintf(stderr, "out of tea\\n");\n    abort();\n    return dew_app_main');
    edit(server, '#include <dew/server.h>', '#include <dew/server.h>\n#include <stdio.h>\n#include <stdlib.h>');
    await overlay(page, 'SIGABRT');
    await overlay(page, 'out of tea');
    const answer = await fetch(url, { headers: { accept: 'text/html' } });
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /out of tea/);
    edit(server, 'abort();', '');
    await noOverlay(page);
    await heading(page, 'Book Two');
    await live(page);
  });

  test('a trap in the browser is shown', async () => {
    const trap = '#ifdef __wasm__\n            if (list->count == 2)\n                __builtin_trap();\n#endif\n';
    edit(source, 'el(button) text("Write")', `\n${trap}            el(button) text("Trap")`);
    await page.waitForFunction(() => document.querySelector('form button')?.textContent === 'Trap');
    await live(page);
    await page.fill('[name=name]', 'Ada');
    await page.click('form button');
    await overlay(page, 'trapped in the browser');
    edit(source, trap, '');
    await heading(page, 'Book Two, 2');
    await noOverlay(page);
  });

  test('another site\'s name learns nothing', async () => {
    const { status } = await new Promise((done) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.write('GET /_dew/dev HTTP/1.1\r\nHost: rebound.example\r\n\r\n');
      socket.once('data', (bytes) => done({ status: Number(bytes.toString().split(' ')[1]), end: socket.destroy() }));
    });
    assert.equal(status, 421);
  });
});

test('a first build that fails is shown, and its page comes when it is mended', async () => {
  const { dev, source } = await begin('broken', { change: (folder) => edit(join(folder, 'broken.c'), 'el(h1)', 'el(h1x)') });
  await dev.says(/the build failed/);
  const [, port] = await dev.says(/on port (\d+)/);
  const page = await browser.newPage();
  const answer = await page.goto(`http://localhost:${port}/`);
  assert.equal(answer.status(), 503);
  await overlay(page, 'h1x');
  edit(source, 'el(h1x)', 'el(h1)');
  await heading(page, 'Guestbook, 0');
  await live(page);
  await page.close();
  assert.equal(await dev.end(), 0);
});

/** Another view for the page of an application. @param {string} source @param {string} body */
const draw = (source, body) => writeFileSync(source, readFileSync(source, 'utf8')
  .replace(/static void view\(void\)\n\{[^]*?\n\}\n/, `static void view(void)\n{\n${body}\n}\n`));

test('a page without a single attribute is live, memoised components that read nothing and a walk through no items, too; what fails in views and loaders is shown, and a policy that cannot be met', async () => {
  const { dev, ready, source, server } = await begin('simple', {
    change(folder) {
      const file = join(folder, 'simple.c');
      draw(file, '    el(main) {\n        el(h1) text("Hello");\n        el(ul) for (int i = 0; i < 3; i++) {\n' +
        '            const entry e = { .id = -i, .message = i == 0 ? S("") : S("read by nobody") };\n            memo(words, entry, &e, KEY(i));\n        }\n' +
        '        const entry_list *none = need(use_entries());\n        for (const entry *e = none->items; e < none->items + none->count; e++)\n            words(e);\n    }');
      edit(file, 'static void view', '#include <dew/memo.h>\n\nstatic void words(const entry *e)\n{\n    el(li) {\n        text(e->message);\n        textf(", %lld", (long long)(e->id * e->id * e->id));\n    }\n}\n\nstatic void view');
      edit(file, 'static const dew_page', 'static void away_view(void)\n{\n    el(h1) text("Away");\n}\n' +
        'static const dew_page away = { .path = "/away", .view = away_view, .ssr = { .mode = DEW_SSR_OFF } };\nstatic const dew_page');
      edit(file, 'DEW_PAGES(', 'DEW_PAGES(&away, ');
    },
  });
  const page = await browser.newPage();
  await page.goto(await ready);
  await live(page);
  assert.equal(await page.textContent('h1'), 'Hello');
  assert.deepEqual(await page.locator('li').allTextContents(), [', 0', 'read by nobody, -1', 'read by nobody, -8']);
  assert.equal(await page.locator('dew-dev-overlay, .dew-notice').count(), 0);

  const fail = (side) => `dew_view_fail(DEW_E_INTERNAL, "what the ${side} says is %d", 7);`;
  draw(source, `    el(main) el(h1) text("Hello");\n#ifdef __wasm__\n    ${fail('browser')}\n#else\n    ${fail('server')}\n#endif`);
  await overlay(page, 'what the server says is 7');
  await overlay(page, 'what the browser says is 7');
  assert.equal(await page.textContent('h1'), 'a fault in the program; the log has the details'); // as visitors see it

  draw(source, '    el(main) {\n        el(h1) text("Links");\n        el(a, .href = "/away", .prefetch = DEW_PREFETCH_STATE) text("Away");\n    }');
  await heading(page, 'Links');
  await live(page);
  await noOverlay(page);
  await page.click('main a');
  await heading(page, 'Away');
  await overlay(page, '/away');
  await overlay(page, 'DEW_PREFETCH_QUERIES');

  await page.goBack();
  draw(source, '    el(main) el(h1) textf("%zu", need(use_entries())->count);');
  edit(server, 'SELECT id,', 'SELECT age,');
  await heading(page, 'no such column: age'); // by the plain error view, which has no attributes either
  await live(page);
  assert.equal(await page.locator('dew-dev-overlay, .dew-notice').count(), 0);
  await page.close();
  assert.equal(await dev.end(), 0);
});

test('a folder with a Makefile is as good; and below a prefix', async () => {
  const { dev, ready, source } = await begin('made', { change: (folder) => rmSync(join(folder, 'CMakeLists.txt')), args: ['--', '--url-prefix', '/below'] });
  const url = await ready;
  const page = await browser.newPage();
  await page.goto(`${url}/below/`);
  await live(page);
  edit(source, 'Guestbook, %zu', 'Made, %zu');
  await heading(page, 'Made, 0');
  await page.close();
  assert.equal(await dev.end(), 0);
});

test('a signal ends all that it has started, also while it builds', async () => {
  for (const when of ['building', 'running']) {
    const { dev, ready, source } = await begin(`ends_${when}`);
    if (when === 'building') await dev.says(/building/);
    else {
      const url = await ready;
      const open = await fetch(`${url}/_dew/dev`); // and a page that listens
      edit(source, 'Guestbook, %zu', 'Ends, %zu');
      await dev.says(/was saved/);
      assert.equal(open.status, 200);
    }
    while (descendants(dev.child.pid).length === 0) await new Promise(setImmediate);
    assert.equal(await dev.end(when === 'building' ? 'SIGTERM' : 'SIGINT'), 0);
    assert.deepEqual(processesOf(app(`ends_${when}`)), []);
  }
});
