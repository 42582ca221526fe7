// Text of a visitor's in every place where a value can stand (tests/apps/places): whatever it is, it stands there as data. The
// server's HTML, parsed by Chromium with scripts off, the page that is adopted from it, and the page that the browser makes
// itself are compared; none has an element, an attribute or a script that the text has brought. Pages are loaded in frames of
// one page: some eight hundred of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live } from './lib/live.mjs';
import { launch, start } from './lib/showcase.mjs';

const STRINGS = [
  'plain',
  '<script>window.pwned = 1</script>',
  '</script><script>window.pwned = 1</script>',
  '<!--<script>',
  '--><script>window.pwned = 1</script>',
  '</title><script>window.pwned = 1</script>',
  '</textarea><script>window.pwned = 1</script>',
  '</pre></option></select><img src=x onerror=window.pwned=1>',
  '</style></noscript><svg/onload=window.pwned=1>',
  '"><img src=x onerror="window.pwned=1">',
  "'><img src=x onerror='window.pwned=1'>",
  '" onmouseover="window.pwned=1" x="',
  "' autofocus onfocus='window.pwned=1' x='",
  '` onerror=window.pwned=1 `',
  '</body></html><p id="beyond">beyond</p>',
  '<![CDATA[x]]>',
  '<?php echo 1 ?>',
  '&lt;b&gt; &amp; &quot; &#60; &#x3c; &notit; &copy &amp;lt;',
  '&', '<', '>', '"', "'", '\\', '/', ' ', '\t',
  'javascript:window.pwned=1',
  ' \u0001JaVa\tScRiPt:window.pwned=1',
  'vbscript:window.pwned=1',
  'data:text/html,<script>window.pwned=1</script>',
  '//evil.example/x', '\\\\evil.example\\x', '/\\evil.example', 'https:evil.example', '..//..//evil.example', '/..//evil.example',
  'a/b?c=d&e=f#g', '%2e%2e%2f%00%0d%0a', '100%', '+ %20 %', 'a;b=c', 'x&_args={}', '?s=1', '#top',
  'x\r\nSet-Cookie: pwned=1\r\n\r\n<script>window.pwned=1</script>',
  '\nfirst line empty', '\n\n', 'a\nb', 'a\rb\r\nc', '\r',
  'color:red;background:url(//evil.example/x)', 'expression(alert(1))', 'url(javascript:window.pwned=1)', '}</style>{',
  '{"a":"</script>"}', '\\u003c/script\\u003e', '\u2028\u2029', '${7*7} {{7*7}} %s %n %lld',
  'ünïcödé 日本語 👩‍👩‍👧 𝔘', '\u202eright to left\u202c', '\ufeffmark', '\u200b', '\ufffd', '\u0085\u00a0', '\u0001\u0008\u001f\u007f',
  'x'.repeat(2000), `${'<'.repeat(200)}"&`,
];

/** Those with something that HTML, JSON or an address has a meaning for of its own. */
const MARKED = STRINGS.filter((text) => /[<&"'\r\n\u2028\\]/.test(text));

/** What stands where: by id, the attribute or "text". */
const PLACES = {
  text: 'text', pre: 'text', textarea: 'value', option: ['text', 'value'], keyed: 'text', stored: 'text', cookie: 'text',
  title: ['title', 'lang', 'aria-label'], class: 'class', style: 'style', attrs: ['data-s', 'aria-description'],
  value: ['value', 'placeholder'], alt: 'alt', field: 'value',
  svg: ['aria-label', 'data-s'], 'svg-title': 'text', tspan: ['text', 'class'], inside: ['text', 'title'], math: 'title', mtext: 'text',
  context: ['text', 'title'], props: ['text', 'title'],
};

let browser, program;
before(async () => {
  [browser, program] = await Promise.all([launch('--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost'), start('places', ['--port', '0'], { quiet: true })]);
});
after(async () => {
  await browser?.close();
  await program?.end();
});

const at = (path, s) => `${program.url}${path}?s=${encodeURIComponent(s)}`;

/** A page in a context of its own, and what it asks of others than the program. */
async function open() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = new Set();
  page.on('request', (request) => { if (!request.url().startsWith(`${program.url}/`)) asked.add(request.url()); });
  await page.addInitScript(prepare);
  await page.goto(`${program.url}/`);
  await live(page);
  return { context, page, asked };
}

/** Runs in each page, before its scripts: what the tests call. */
function prepare() {
  const turn = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(); };
    port2.postMessage(0);
  });
  const describe = (node) => node.nodeType === Node.TEXT_NODE ? node.data : node.nodeType !== Node.ELEMENT_NODE ? `<!${node.nodeType}>` : {
    name: node.localName,
    attributes: Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value])),
    children: [...node.childNodes].map(describe),
    ...('value' in node && node.localName !== 'li' && node.localName !== 'button' ? { value: node.value } : {}),
  };
  Object.assign(window, {
    /** Loads an address in a frame of its own, in which scripts run or do not. */
    async openFrame(href, hasScripts) {
      const frame = document.createElement('iframe');
      if (!hasScripts) frame.sandbox = 'allow-same-origin allow-forms';
      frame.src = href;
      const loaded = new Promise((done) => { frame.onload = done; });
      document.body.append(frame);
      await loaded;
      if (hasScripts) {
        await window.until(() => frame.contentDocument.documentElement.dew === 'live');
        const host = frame.contentDocument.querySelector('script[type=module][src$=".js"][async]:not([src*=".islands."])')?.src;
        if (host) await frame.contentWindow.Function('later', 'return import(later)')(host.replace(/js$/, 'later.js'));
      }
      return frame;
    },
    /** All that a page shows and says, as the DOM has it. */
    examine(page) {
      /** @type {Record<string, Record<string, string>>} */
      const all = {};
      for (const element of page.querySelectorAll('#app [id]')) {
        all[element.id] = { text: element.textContent };
        for (const { name, value } of element.attributes) all[element.id][name] = value;
        if (element.localName === 'textarea') all[element.id].value = element.defaultValue;
      }
      return {
        dom: { title: page.title, meta: [...page.querySelectorAll('meta[name=description], meta[property="og:title"]')].map((element) => element.content), link: page.querySelector('link[rel=canonical]')?.getAttribute('href'), app: describe(page.getElementById('app')) },
        all,
        args: page.querySelector('#form [name=_args]')?.value,
        links: ['query', 'path', 'href'].map((id) => page.getElementById(id)?.href),
        svg: page.getElementById('svg-href')?.getAttribute('href'),
        pwned: page.defaultView.pwned,
        scripts: page.querySelectorAll('#app script').length,
        beyond: !!page.getElementById('beyond'),
      };
    },
    /** What an address of /late waits for may come. */
    async letGo(href) {
      const args = { s: '', number: Number(new URL(href).searchParams.get('number')) };
      const answer = await fetch('/_dew/rpc', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fn: 'let_go', args }) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    /** Waits until something is so. */
    async until(is) {
      const begun = performance.now();
      for (;;) {
        if (performance.now() - begun > 60_000) throw new Error(`never so: ${is}`); // then it has failed
        const found = is();
        if (found) return found;
        await turn();
      }
    },
  });
}

/** What a page at the address holds, with scripts or without. */
const load = (page, href, hasScripts) => page.evaluate(async ([to, scripts]) => {
  const frame = await window.openFrame(to, scripts);
  const found = window.examine(frame.contentDocument);
  frame.remove();
  return found;
}, [href, hasScripts]);

/** What the page holds once it has gone to the address by a link. */
const go = (page, href, s) => page.evaluate(async ([to, wanted]) => {
  const link = document.createElement('a');
  link.href = to;
  document.body.append(link);
  link.click();
  link.remove();
  await window.until(() => new URL(location.href).searchParams.get('s') === wanted && document.getElementById('stored')?.textContent === wanted);
  return { ...window.examine(document), loaded: performance.getEntriesByType('navigation')[0].name };
}, [href, s]);

/** The text is where it is to be, and nowhere else made anything. */
function check(found, s, how) {
  const about = `${how}: ${JSON.stringify(s.slice(0, 80))}`;
  for (const [id, names] of Object.entries(PLACES)) {
    for (const name of [names].flat()) assert.equal(found.all[id]?.[name], s, `${about}: ${name} of #${id}`);
  }
  assert.equal(found.all.beside.text, `[${s}]`, about);
  assert.equal(found.all.formatted.text, `<${s}>`, about);
  assert.equal(found.all.fragment.href, `#${s}`, about);
  assert.deepEqual(JSON.parse(found.args), { s }, about);
  assert.deepEqual(JSON.parse(found.all.call.value), { s }, about);
  const { links } = found;
  assert.equal(new URL(links[0]).searchParams.get('s') ?? '', s, about);
  assert.equal(new URL(links[0]).origin, program.url, about);
  if (links[1]) assert.equal(decodeURIComponent(new URL(links[1]).pathname.slice('/part/'.length)), s, about);
  assert.doesNotMatch(links[2], /^(javascript|vbscript|data):/i, about);
  assert.equal(found.svg, found.all.href.href, about);
  assert.deepEqual(found.dom.meta, [s, s], about);
  assert.equal(found.dom.link, `https://places.example/${s}`, about);
  assert.equal(found.pwned, undefined, about);
  assert.equal(found.scripts, 1, about); // dew_script_json's
  assert.equal(found.beyond, false, about);
}

test('every text is data in every place, on both sides', async () => {
  const windows = await Promise.all([open(), open(), open()]);
  const [off, on, made] = windows.map(({ page }) => page);
  for (const s of STRINGS) {
    const [parsed, adopted, built] = await Promise.all([load(off, at('/places', s), false), load(on, at('/places', s), true), go(made, at('/places', s), s)]);
    check(parsed, s, 'scripts off');
    check(adopted, s, 'adopted');
    check(built, s, 'made by the browser');
    assert.deepEqual(adopted.dom, parsed.dom, `adopted: ${JSON.stringify(s)}`);
    assert.deepEqual(built.dom, parsed.dom, `made by the browser: ${JSON.stringify(s)}`);
    assert.equal(built.loaded, `${program.url}/`); // no load
  }
  for (const { context, asked } of windows) {
    assert.deepEqual([...asked], ['http://evil.example/x']); // .style is CSS, whole: who takes it from a visitor gets that
    await context.close();
  }
});

test('in a path, in a redirect, on a page that failed: data, and this origin', async () => {
  const { context, page, asked } = await open();
  const count = (href) => page.evaluate(async (to) => {
    const frame = await window.openFrame(to, false);
    const shown = frame.contentDocument;
    const found = { text: shown.querySelector('#error, #part')?.textContent, elements: shown.querySelectorAll('#app *').length };
    frame.remove();
    return found;
  }, href);
  for (const s of STRINGS) {
    const about = JSON.stringify(s.slice(0, 80));
    const answer = await fetch(at('/away', s), { redirect: 'manual' });
    const location = answer.headers.get('location');
    if (location === null) assert.ok(s.length > 60 && answer.status >= 400, about); // too long an address
    else {
      assert.equal(new URL(location, program.url).origin, program.url, about);
      assert.equal(new URL(location, program.url).searchParams.get('s') ?? '', s, about);
    }
    assert.equal(answer.headers.get('set-cookie'), null, about);

    assert.equal((await fetch(at('/broken', s))).status, 404, about);
    const failed = await count(at('/broken', s));
    assert.equal(failed.text, (s.split('\n')[0] || 'no such thing').slice(0, failed.text.length), about); // the first line, up to its limit
    assert.equal(failed.elements, 1, about);

    const part = `${program.url}/part/${encodeURIComponent(s)}`;
    if ((await fetch(part)).status === 200) assert.deepEqual(await count(part), { text: s, elements: 1 }, about);
  }
  assert.deepEqual([...asked], []);
  await context.close();
});

/** The text that came late, and the message of what failed late. */
function checkLate(found, s, how) {
  const about = `${how}: ${JSON.stringify(s.slice(0, 80))}`;
  for (const [id, name] of [['late', 'text'], ['late', 'title'], ['late-area', 'value']]) assert.equal(found.all[id]?.[name], s, `${about}: ${name} of #${id}`);
  const { text, title } = found.all.refused;
  assert.equal(text, (s.split('\n')[0] || 'no such thing').slice(0, text.length), about); // the first line, up to its limit
  assert.equal(title, text, about);
  assert.equal(found.all.after.text, 'after', about);
  assert.equal(found.pwned, undefined, about);
  assert.equal(found.scripts, 0, about);
  assert.equal(found.beyond, false, about);
}

test('what is streamed late: in order without scripts, as data with them, and by the connection', async () => {
  const windows = await Promise.all([open(), open(), open()]);
  const [off, on, made] = windows.map(({ page }) => page);
  const late = (s, number, whole = '') => `${at('/late', s)}&number=${number}${whole}`;

  /** Lets the number go once the beginning of its page is there. */
  const watch = (page, href, hasScripts) => page.evaluate(async ([to, scripts]) => {
    const opened = window.openFrame(to, scripts);
    const frame = document.querySelector('iframe');
    await window.until(() => frame.contentDocument?.getElementById('before'));
    const early = !!frame.contentDocument.getElementById('late');
    await window.letGo(to);
    await opened;
    await window.until(() => frame.contentDocument.getElementById('late') && frame.contentDocument.getElementById('refused'));
    const found = { ...window.examine(frame.contentDocument), early, tokens: frame.contentDocument.querySelectorAll('.dew-late').length };
    frame.remove();
    return found;
  }, [href, hasScripts]);

  const travel = (page, href) => page.evaluate(async (to) => {
    const link = document.createElement('a');
    link.href = to;
    document.body.append(link);
    link.click();
    link.remove();
    await window.until(() => location.href.endsWith(to.slice(to.indexOf('&number='))) && document.getElementById('before') && !document.getElementById('late'));
    await window.letGo(to);
    await window.until(() => document.getElementById('late') && document.getElementById('refused'));
    return { ...window.examine(document), loaded: performance.getEntriesByType('navigation')[0].name };
  }, href);

  for (const [i, s] of MARKED.entries()) {
    const number = 3 * (i + 1); // each window's are let go by themselves
    const [parsed, adopted, built] = await Promise.all([watch(off, late(s, number, '&_whole=1'), false), watch(on, late(s, number + 1), true), travel(made, late(s, number + 2))]);
    checkLate(parsed, s, 'in order');
    checkLate(adopted, s, 'streamed');
    checkLate(built, s, 'by the connection');
    assert.deepEqual([parsed.early, adopted.early, adopted.tokens], [false, false, 2], JSON.stringify(s));
    assert.deepEqual(adopted.dom, parsed.dom, `streamed: ${JSON.stringify(s)}`);
    assert.deepEqual(built.dom, parsed.dom, `by the connection: ${JSON.stringify(s)}`);
    assert.equal(built.loaded, `${program.url}/`); // no load
  }
  for (const { context, asked } of windows) {
    assert.deepEqual([...asked], []);
    await context.close();
  }
});

test('the props of an island in a static page: as sent, and as drawn by the island', async () => {
  const { context, page, asked } = await open();
  const show = (href) => page.evaluate(async (to) => {
    const frame = await window.openFrame(to, true);
    const shown = frame.contentDocument;
    const before = window.examine(shown);
    shown.getElementById('show').click();
    await window.until(() => shown.getElementById('again'));
    const after = window.examine(shown);
    frame.remove();
    return { before, after };
  }, href);
  for (const s of MARKED) {
    const about = JSON.stringify(s.slice(0, 80));
    const sent = await load(page, at('/islet', s), false);
    const { before, after } = await show(at('/islet', s));
    assert.deepEqual(before.dom, sent.dom, about);
    for (const found of [sent, before, after]) {
      assert.deepEqual([found.all.props.text, found.all.props.title], [s, s], about);
      assert.deepEqual([found.pwned, found.scripts, found.beyond], [undefined, 0, false], about);
    }
    assert.deepEqual([after.all.again.text, after.all.again.title], [s, s], about);
  }
  assert.deepEqual([...asked], []);
  await context.close();
});

const FIELD_STRINGS = STRINGS.filter((text) => !/[\r\n]/.test(text) && text.length < 100); // a field has one line

test('in forms: typed, sent and refused, with scripts', async () => {
  const { context, page, asked } = await open();
  await page.goto(at('/places', 'x'));
  await live(page);
  for (const s of FIELD_STRINGS) {
    const about = JSON.stringify(s);
    await page.fill('#field', s);
    const found = await page.evaluate(async () => {
      document.getElementById('send').click();
      const notice = await window.until(() => document.querySelector('.dew-notice'));
      notice.remove();
      return { shown: notice.textContent, typed: document.getElementById('field').value, pwned: window.pwned };
    });
    assert.deepEqual(found, { shown: `refused: ${s}`, typed: s, pwned: undefined }, about);
  }
  assert.deepEqual([...asked], []);
  await context.close();
});

test('in forms: typed, sent and refused, without scripts', async () => {
  const { context, page, asked } = await open();
  for (const s of FIELD_STRINGS) {
    const found = await page.evaluate(async ([href, text]) => {
      const frame = await window.openFrame(href, false);
      const answered = new Promise((done) => { frame.onload = done; });
      frame.contentDocument.getElementById('field').value = text;
      frame.contentDocument.getElementById('send').click();
      await answered;
      const shown = frame.contentDocument;
      const result = { text: shown.querySelector('main p')?.textContent, elements: shown.querySelectorAll('main *').length };
      frame.remove();
      return result;
    }, [at('/places', 'x'), s]);
    assert.deepEqual(found, { text: `refused: ${s}`, elements: 4 }, JSON.stringify(s));
  }
  assert.deepEqual([...asked], []);
  await context.close();
});
