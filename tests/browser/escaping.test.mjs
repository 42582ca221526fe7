// Text of a visitor's in every place where a value can stand (tests/apps/places): whatever it is, it stands there as data. The
// server's HTML, parsed by Chromium with scripts off, the page that is adopted from it, and the page that the browser makes
// itself are compared; none has an element, an attribute or a script that the text has brought.
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

/** What stands where: by id, the attribute or "text". */
const PLACES = {
  text: 'text', pre: 'text', textarea: 'value', option: ['text', 'value'], keyed: 'text', stored: 'text', cookie: 'text',
  title: ['title', 'lang', 'aria-label'], class: 'class', style: 'style', attrs: ['data-s', 'aria-description'],
  value: ['value', 'placeholder'], alt: 'alt', field: 'value',
};

let browser, program, page;
before(async () => {
  [browser, program] = await Promise.all([launch(), start('places', ['--port', '0'], { quiet: true })]);
});
after(async () => {
  await browser?.close();
  await program?.end();
});

const at = (path, s) => `${program.url}${path}?s=${encodeURIComponent(s)}`;

/** A page in a context of its own, which may reach nothing but the program. */
async function open(options) {
  const context = await browser.newContext(options);
  const asked = [];
  await context.route((url) => url.origin !== program.url, (route) => {
    asked.push(route.request().url());
    return route.abort();
  });
  return { context, page: await context.newPage(), asked };
}

/** All that the page shows and says, as the DOM has it. */
const dom = (target) => target.evaluate(() => {
  const describe = (node) => node.nodeType === Node.TEXT_NODE ? node.data : node.nodeType !== Node.ELEMENT_NODE ? `<!${node.nodeType}>` : {
    name: node.localName,
    attributes: Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value])),
    children: [...node.childNodes].map(describe),
    ...('value' in node && node.localName !== 'li' && node.localName !== 'button' ? { value: node.value } : {}),
  };
  return { title: document.title, meta: document.querySelector('meta[name=description]')?.content, app: describe(document.getElementById('app')) };
});

/** The text is where it is to be, and nowhere else made anything. */
async function check(target, s, how) {
  const found = await target.evaluate(() => {
    /** @type {Record<string, Record<string, string>>} */
    const all = {};
    for (const element of document.querySelectorAll('#app [id]')) {
      all[element.id] = { text: element.textContent };
      for (const { name, value } of element.attributes) all[element.id][name] = value;
      if (element.localName === 'textarea') all[element.id].value = element.defaultValue;
    }
    return { all, description: document.querySelector('meta[name=description]')?.content, pwned: window.pwned, scripts: document.querySelectorAll('#app script').length, beyond: !!document.getElementById('beyond') };
  });
  const about = `${how}: ${JSON.stringify(s.slice(0, 80))}`;
  for (const [id, names] of Object.entries(PLACES)) {
    for (const name of [names].flat()) assert.equal(found.all[id]?.[name], s, `${about}: ${name} of #${id}`);
  }
  assert.equal(found.all.beside.text, `[${s}]`, about);
  assert.equal(found.all.formatted.text, `<${s}>`, about);
  assert.equal(found.all.fragment.href, `#${s}`, about);
  assert.deepEqual(JSON.parse(found.all.form.action ? await target.evaluate(() => document.querySelector('#form [name=_args]').value) : 'null'), { s }, about);
  assert.deepEqual(JSON.parse(found.all.call.value), { s }, about);
  const links = await target.evaluate(() => ['query', 'path', 'href'].map((id) => document.getElementById(id)?.href));
  assert.equal(new URL(links[0]).searchParams.get('s') ?? '', s, about);
  assert.equal(new URL(links[0]).origin, program.url, about);
  if (links[1]) assert.equal(decodeURIComponent(new URL(links[1]).pathname.slice('/part/'.length)), s, about);
  assert.doesNotMatch(links[2], /^(javascript|vbscript|data):/i, about);
  assert.equal(found.description, s, about);
  assert.equal(found.pwned, undefined, about);
  assert.equal(found.scripts, 1, about); // dew_script_json's
  assert.equal(found.beyond, false, about);
}

test('every text is data in every place, on both sides', async () => {
  const off = await open({ javaScriptEnabled: false });
  const on = await open();
  const made = await open();
  await made.page.goto(`${program.url}/`);
  await live(made.page);
  for (const s of STRINGS) {
    await off.page.goto(at('/places', s));
    await check(off.page, s, 'scripts off');
    const parsed = await dom(off.page);

    await on.page.goto(at('/places', s));
    await live(on.page);
    await check(on.page, s, 'adopted');
    assert.deepEqual(await dom(on.page), parsed, `adopted: ${JSON.stringify(s)}`);

    await made.page.evaluate((href) => {
      const link = document.createElement('a');
      link.href = href;
      document.body.append(link);
      link.click();
      link.remove();
    }, at('/places', s));
    await made.page.waitForFunction((wanted) => document.getElementById('stored') && new URL(location.href).searchParams.get('s') === wanted &&
      document.getElementById('stored').textContent === wanted, s);
    await check(made.page, s, 'made by the browser');
    assert.deepEqual(await dom(made.page), parsed, `made by the browser: ${JSON.stringify(s)}`);
    assert.equal(await made.page.evaluate(() => performance.getEntriesByType('navigation')[0].name), `${program.url}/`); // no load
  }
  for (const { context, asked } of [off, on, made]) {
    assert.deepEqual([...new Set(asked)], ['http://evil.example/x']); // .style is CSS, whole: who takes it from a visitor gets that
    await context.close();
  }
});

test('in a path, in a redirect, on a page that failed: data, and this origin', async () => {
  const { context, page: target, asked } = await open({ javaScriptEnabled: false });
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

    const failed = await target.goto(at('/broken', s));
    assert.equal(failed.status(), 404, about);
    const message = await target.textContent('#error');
    assert.equal(message, (s.split('\n')[0] || 'no such thing').slice(0, message.length), about); // the first line, up to its limit
    assert.equal(await target.evaluate(() => document.querySelectorAll('#app *').length), 1, about);

    if (!/^\.{1,2}$/.test(s)) {
      const part = await target.goto(`${program.url}/part/${encodeURIComponent(s)}`);
      if (part.status() === 200) assert.equal(await target.textContent('#part'), s, about);
    }
    assert.equal(await target.evaluate(() => window.pwned), undefined, about);
  }
  assert.deepEqual(asked, []);
  await context.close();
});

test('in forms: typed, sent and refused, with scripts and without', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const { context, page: target, asked } = await open({ javaScriptEnabled });
    for (const s of STRINGS.filter((text) => !/[\r\n]/.test(text) && text.length < 100)) { // a field has one line
      const about = `${javaScriptEnabled ? 'scripts' : 'none'}: ${JSON.stringify(s)}`;
      await target.goto(at('/places', 'x'));
      if (javaScriptEnabled) await live(target);
      await target.fill('#field', s);
      await target.click('#send');
      if (javaScriptEnabled) {
        await target.waitForFunction(() => document.getElementById('field').validationMessage || document.querySelector('.dew-notice'));
        const shown = await target.evaluate(() => document.querySelector('.dew-notice')?.textContent ?? document.getElementById('field').validationMessage);
        assert.equal(shown, `refused: ${s}`.trim().length === shown.length ? shown : `refused: ${s}`, about);
        assert.equal(await target.inputValue('#field'), s, about);
      } else {
        await target.waitForSelector('main p');
        assert.equal(await target.textContent('main p >> nth=0'), `refused: ${s}`, about);
        assert.equal(await target.evaluate(() => document.querySelectorAll('main *').length), 4, about);
      }
      assert.equal(await target.evaluate(() => window.pwned), undefined, about);
    }
    assert.deepEqual(asked, []);
    await context.close();
  }
});
