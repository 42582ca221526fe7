// What views say to one another (stores), what they keep in the visitor's browser (cookies): the same on both sides, and no visitor's
// business but his own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live } from './lib/live.mjs';
import { launch, start } from './lib/showcase.mjs';

let browser, server;
before(async () => { [browser, server] = await Promise.all([launch(), start('visitor', ['--port', '0', '--development', '--workers', '1'], { quiet: true })]); });
after(async () => { await browser?.close(); await server?.end(); });

/** A window of its own visitor, with its errors noted, and whether anything of the page moved while it came to life. */
async function open(path, context) {
  context ??= await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.addInitScript(() => {
    window.moved = [];
    new MutationObserver((records) => {
      if (document.readyState !== 'loading') window.moved.push(...records.filter((r) => (r.target.closest ? r.target : r.target.parentElement)?.closest('#app')).map((r) => r.type));
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  await page.goto(server.url + path);
  await live(page);
  return { page, errors, context, text: (of) => page.textContent(of) };
}

const get = (path, headers = {}) => fetch(server.url + path, { headers, redirect: 'manual' });
const cookiesOf = (response) => response.headers.getSetCookie().map((line) => line.split(';')[0]).sort();
const STATE = { accept: 'application/vnd.dew.state+json' };

// ---- stores ----

test('a layout shows what the page below it says, in as few passes as can be', async () => {
  const response = await get('/ideas/1');
  assert.equal(response.headers.get('dew-passes'), '3'); // one asks, one says, one shows
  const html = await response.text();
  assert.match(html, /<nav id="trail"><a href="\/">Home<\/a><a href="\/ideas\/1">Idea &lt;\/script&gt; 1<\/a><\/nav>/);
  assert.equal((await get('/ideas/1')).headers.get('dew-passes'), '2');
  assert.equal((await get('/')).headers.get('dew-passes'), '1');
});

test('the page carries what was said, and nothing of what was not', async () => {
  const { stores } = await (await get('/ideas/2', STATE)).json();
  assert.deepEqual(stores, { breadcrumbs: [{ label: 'Home', url: '/' }, { label: 'Idea </script> 2', url: '/ideas/2' }] });
  assert.equal((await (await get('/', STATE)).json()).stores, undefined);
});

test('coming to life changes nothing; navigations say something else; what nobody says is gone', async () => {
  const { page, errors, text, context } = await open('/ideas/1');
  assert.deepEqual(await page.evaluate(() => window.moved), []);
  await page.click('#to2');
  await page.waitForFunction(() => document.querySelector('#trail').textContent === 'HomeIdea </script> 2');
  assert.equal(await text('h1'), 'Idea </script> 2');
  await page.click('#home');
  await page.waitForFunction(() => document.querySelector('#trail').textContent === '');
  assert.equal(await text('h1'), 'Home');
  assert.deepEqual(errors, []);
  await context.close();
});

test('what a handler sets stays over navigations, and ends with the document', async () => {
  const { page, text, context } = await open('/');
  assert.equal(await text('#width'), '240');
  await page.click('#wider');
  await page.click('#wider');
  assert.equal(await text('#width'), '260');
  await page.click('#to1');
  await page.waitForFunction(() => document.querySelector('h1').textContent.startsWith('Idea'));
  assert.equal(await text('#width'), '260');
  await page.reload();
  await live(page);
  assert.equal(await text('#width'), '240');
  await context.close();
});

test('what an effect of both sides says to a store shows while it says it; what an effect sets is rendered', async () => {
  const { page, errors, text, context } = await open('/effects');
  await page.waitForFunction(() => document.querySelector('#width').textContent === '300');
  assert.equal(await text('#trail'), 'Effect 7');
  await page.click('#wider');
  await page.waitForFunction(() => document.querySelector('#width').textContent === '310');
  assert.equal(await text('#trail'), 'Effect 7');
  await page.click('#home');
  await page.waitForFunction(() => document.querySelector('h1').textContent === 'Home');
  assert.equal(await text('#trail'), '');
  assert.equal(await text('#width'), '310');
  assert.deepEqual(errors, []);
  await context.close();
});

test('a store that never settles: the server and the browser stop, and say which', async () => {
  const response = await get('/restless');
  assert.equal(response.headers.get('dew-passes'), '25');
  const html = await response.text();
  const carried = JSON.parse(html.match(/id="dew-state">(.*?)<\/script>/)[1]).stores.restless;
  assert.equal(html.match(/<h1>(\d+)<\/h1>/)[1], String(carried));
  const { page, errors, context } = await open('/restless');
  await page.waitForFunction(() => window.moved.length > 0); // the browser's own passes, after it had taken the page over as it was
  assert.deepEqual(errors.filter((text) => !/restless is another in each pass/.test(text)), []);
  assert.equal(errors.length, 1);
  await context.close();
});

test('at the soft cap the HTML and what the page carries agree', async () => {
  const response = await get('/soft');
  assert.equal(response.headers.get('dew-passes'), '2');
  const html = await response.text();
  assert.equal(html.match(/<h1>(\d+)<\/h1>/)[1], String(JSON.parse(html.match(/id="dew-state">(.*?)<\/script>/)[1]).stores.restless));
});

test('a hundred visitors at once: to each his own', async () => {
  const pages = await Promise.all(Array.from({ length: 100 }, (_, i) => get(`/ideas/${i + 1000}`, { cookie: `nickname=n${i}` })));
  for (const [i, page] of pages.entries()) assert.match(await page.text(), new RegExp(`href="/ideas/${i + 1000}">Idea &lt;/script&gt; ${i + 1000}</a></nav>`));
});

test('a memoised component is rendered again for the store or cookie that it reads, and keeps saying what it says', async () => {
  const { page, errors, text, context } = await open('/memo');
  assert.deepEqual(await page.evaluate(() => window.moved), []);
  const said = async () => [await text('#trail'), await page.getAttribute('meta[name=robots][data-dew]', 'content')];
  assert.equal(await text('#reads'), '240 light');
  assert.deepEqual(await said(), ['Kept', 'none']);
  await page.click('#wider');
  assert.equal(await text('#reads'), '250 light');
  assert.deepEqual(await said(), ['Kept', 'none']);
  await page.click('#other');
  assert.equal(await text('#reads'), '250 dark');
  await page.evaluate(() => { document.cookie = 'theme=light; Path=/'; });
  await page.click('#wider');
  assert.equal(await text('#reads'), '260 light');
  assert.deepEqual(await said(), ['Kept', 'none']);
  assert.deepEqual(errors, []);
  await context.close();
});

// ---- cookies ----

test('the server reads what the visitor sends, and the loader too', async () => {
  const dark = await (await get('/greeting', { cookie: 'theme=dark' })).text();
  assert.match(dark, /<p class="dark" id="theme">dark<\/p>/);
  assert.match(dark, /<h1>Good night<\/h1>/);
  const other = await (await get('/greeting')).text();
  assert.match(other, /<h1>Good morning<\/h1>/);
});

test('what cannot be read is zero, and nothing breaks', async () => {
  const hostile = ['%', '%00', '%ff', '"', '""', '"dark', '%zz', 'blue', '\xff\xfe', '{}', '%7B%22what%22%3A', '%7B%22what%22:1,%22many%22:2%7D',
    '99999999999999999999', '-', '=', '==', '%3Cscript%3Ealert(1)%3C/script%3E', 'x'.repeat(4000), '%7B'.repeat(1000)];
  for (const value of hostile) {
    const response = await get('/nickname', { cookie: `theme=${value}; visits=${value}; basket=${value}; nickname=${value}` });
    assert.equal(response.status, 200, value);
    const html = await response.text();
    assert.match(html, /<p class="light" id="theme">light<\/p>/, value);
    assert.ok(!html.includes('<script>alert'), value);
  }
});

test('several cookies, several lines, with their attributes; what is there already is sent only to last longer', async () => {
  const response = await get('/visits');
  assert.deepEqual(response.headers.getSetCookie().sort(), [
    'basket=%7B%22what%22%3A%22pears%3B%20%5C%22ripe%5C%22%22%2C%22many%22%3A3%7D; Path=/; SameSite=Lax',
    'theme=dark; Path=/; Max-Age=31536000; SameSite=Lax',
    'visits=7; Path=/; SameSite=Lax',
  ]);
  assert.equal(response.headers.get('cache-control'), 'private, no-store');
  assert.match(await response.text(), /<h1>7 visits<\/h1><p id="basket">3 of pears; &quot;ripe&quot;<\/p>/);
  const again = await get('/visits', { cookie: cookiesOf(response).join('; ') });
  assert.deepEqual(cookiesOf(again), ['theme=dark']);
  assert.deepEqual(cookiesOf(await get('/visits', { ...STATE, 'dew-prefetch': '1' })), []); // of a hover: it may never show
  assert.equal(again.headers.get('dew-passes'), '1');
  const secure = [{ 'x-forwarded-proto': 'https' }, { 'x-forwarded-proto': 'HTTPS, http' }, { forwarded: 'for=192.0.2.1;proto=https;by=proxy, proto=http' }, { forwarded: 'Proto="HTTPS"' }];
  for (const headers of secure) for (const line of (await get('/visits', headers)).headers.getSetCookie()) assert.match(line, /; Secure/, JSON.stringify(headers));
  const plain = [{ 'x-forwarded-proto': 'http, https' }, { 'x-forwarded-proto': 'httpsX' }, { forwarded: 'for="proto=https";proto=http' }, { forwarded: 'proto=http, proto=https' }];
  for (const headers of plain) for (const line of (await get('/visits', headers)).headers.getSetCookie()) assert.doesNotMatch(line, /; Secure/, JSON.stringify(headers));
});

test('they are set with redirects, error pages, state and at caps', async () => {
  assert.deepEqual(cookiesOf(await get('/away')), ['visits=1']);
  assert.equal((await get('/away')).status, 303);
  const told = await get('/away', STATE);
  assert.deepEqual(cookiesOf(told), ['visits=1']);
  assert.deepEqual(await told.json(), { redirect: '/', status: 303 });
  const failed = await get('/failing');
  assert.equal(failed.status, 404);
  assert.deepEqual(cookiesOf(failed), ['visits=2']);
  const capped = await get('/capped');
  assert.deepEqual(cookiesOf(capped), ['visits=3']);
  assert.match(await capped.text(), /<p>2<\/p>/);
});

test('in the browser a handler sets one, the server reads it, other tabs see it at their next render', async () => {
  const { page, errors, text, context } = await open('/');
  const other = await open('/', context);
  await page.click('#other');
  assert.equal(await text('#theme'), 'dark');
  const kept = (await context.cookies()).find(({ name }) => name === 'theme');
  assert.deepEqual([kept.value, kept.path, kept.sameSite, kept.httpOnly, kept.secure], ['dark', '/', 'Lax', false, false]);
  assert.ok(kept.expires > Date.now() / 1000 + 86400 * 300);
  assert.equal(await other.text('#theme'), 'light');
  await other.page.click('#wider');
  assert.equal(await other.text('#theme'), 'dark');
  await page.goto(`${server.url}/greeting`);
  await live(page);
  assert.equal(await text('h1'), 'Good night');
  assert.deepEqual(await page.evaluate(() => window.moved), []);
  await page.click('#forget');
  assert.equal(await text('#theme'), 'light');
  assert.deepEqual((await context.cookies()).map(({ name }) => name), []);
  assert.deepEqual(errors, []);
  await context.close();
});

test('a view sets them in the browser, too, without a second request', async () => {
  const { page, errors, text, context } = await open('/');
  await page.evaluate(() => { document.cookie = 'visits=1; Path=/'; });
  await page.goto(`${server.url}/nickname`);
  await live(page);
  await page.fill('#nick', 'ä;"<b>');
  assert.equal(await text('h1'), 'Hello, ä;"<b>');
  assert.equal((await context.cookies()).find(({ name }) => name === 'nickname').value, '%C3%A4%3B%22%3Cb%3E');
  await page.reload();
  await live(page);
  assert.equal(await text('h1'), 'Hello, ä;"<b>');
  assert.deepEqual(await page.evaluate(() => window.moved), []);
  assert.deepEqual(errors, []);
  await context.close();
});

// ---- what a page says about itself ----

const described = (html) => [...html.matchAll(/<(meta|link) (?:name|property|rel)="([^"]*)" (?:content|href)="([^"]*)" data-dew>/g)].map(([, tag, name, value]) => [tag, name, value]);

test('the application, the layouts and the page say what stands in <head>; the inner wins', async () => {
  assert.deepEqual(described(await (await get('/')).text()), [
    ['meta', 'description', 'All that a visitor &quot;does&quot; &lt;here&gt;'], ['meta', 'og:site_name', 'Visitor'], ['link', 'canonical', 'https://visitor.example/'],
  ]);
  const html = await (await get('/ideas/1')).text();
  assert.match(html, /<meta property="og:site_name"/);
  assert.match(html, /<title>Idea &lt;\/script&gt; 1<\/title>/);
  assert.deepEqual(described(html), [
    ['meta', 'description', 'Idea &lt;/script&gt; 1'], ['meta', 'og:site_name', 'Visitor'], ['link', 'canonical', 'https://visitor.example/ideas/1'], ['meta', 'robots', 'noindex'],
  ]);
  assert.match(await (await get('/failing')).text(), /<title>no such idea<\/title>/);
});

test('a view decides the status, the last one that it may be', async () => {
  const response = await get('/gone');
  assert.equal(response.status, 410);
  assert.match(await response.text(), /<title>No more<\/title>.*<h1>Gone<\/h1>.*"status":410,"commit"/);
  const state = await get('/gone', STATE);
  assert.equal((await state.json()).error, undefined);
});

test('in the browser they follow the page, and what others put there stays', async () => {
  const { page, errors, context } = await open('/');
  const head = () => page.evaluate(() => [...document.head.querySelectorAll('[data-dew]')].map((e) => e.content ?? e.getAttribute('href')).sort());
  await page.evaluate(() => {
    window.kept = document.head.querySelector('[property="og:site_name"]');
    document.head.append(Object.assign(document.createElement('meta'), { name: 'description', content: 'somebody else' }));
  });
  await page.click('#to1');
  await page.waitForFunction(() => document.title === 'Idea </script> 1');
  assert.deepEqual(await head(), ['Idea </script> 1', 'Visitor', 'https://visitor.example/ideas/1', 'noindex']);
  await page.click('#home');
  await page.waitForFunction(() => document.title === 'Visitor');
  assert.deepEqual(await head(), ['All that a visitor "does" <here>', 'Visitor', 'https://visitor.example/']);
  assert.ok(await page.evaluate(() => window.kept.isConnected && document.querySelector('#theirs').content === 'all' && document.querySelector('[content="somebody else"]') !== null));
  assert.deepEqual(errors, []);
  await context.close();
});

test('coming to life leaves <head> as it is', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.moved = [];
    addEventListener('DOMContentLoaded', () => new MutationObserver((records) => window.moved.push(...records.map((r) => r.target.nodeName)))
      .observe(document.head, { subtree: true, childList: true, attributes: true, characterData: true }));
  });
  await page.goto(`${server.url}/ideas/1`);
  await live(page);
  assert.deepEqual(await page.evaluate(() => window.moved), []);
  await context.close();
});

// ---- what a page answers with ----

const DATA = { accept: 'application/vnd.dew.data+json' };
const is = (response, status, type) => assert.deepEqual([response.status, response.headers.get('content-type')], [status, type]);

test('one address, three outputs, and 406 when none of them will do', async () => {
  is(await get('/ideas/5'), 200, 'text/html; charset=utf-8');
  is(await get('/ideas/5', STATE), 200, 'application/vnd.dew.state+json');
  is(await get('/ideas/5', { accept: 'text/html;q=0.2, application/vnd.dew.state+json;q=0.7, */*;q=0.1' }), 200, 'application/vnd.dew.state+json');
  const data = await get('/ideas/5', DATA);
  is(data, 200, 'application/vnd.dew.data+json');
  const { queries, stores, location } = await data.json();
  assert.deepEqual(queries.map(({ fn, value }) => [fn, value]), [['idea_by_id', { id: '5', title: 'Idea </script> 5' }], ['greeting', { text: 'Good morning' }]]);
  assert.deepEqual([stores, location], [undefined, '/ideas/5']);
  const none = await get('/ideas/5', { accept: 'image/png' });
  assert.equal(none.status, 406);
  assert.equal((await none.json()).error.code, 'NOT_ACCEPTABLE');
  for (const accept of [undefined, STATE.accept, DATA.accept, 'image/png']) {
    const { headers } = await get('/ideas/5', accept ? { accept } : {});
    assert.match(headers.get('vary'), /^Accept/);
  }
});

test('data: none declared is 400 with a code, what fails says so, a redirect is told', async () => {
  const none = await get('/', DATA);
  assert.equal(none.status, 400);
  assert.equal((await none.json()).error.code, 'INVALID');
  const failed = await get('/ideas/99', DATA);
  assert.equal(failed.status, 404);
  assert.equal((await failed.json()).queries.find(({ fn }) => fn === 'idea_by_id').error.code, 'NOT_FOUND');
  const missing = await get('/nowhere', DATA);
  is(missing, 404, 'application/vnd.dew.data+json');
  assert.equal((await missing.json()).error.code, 'NOT_FOUND');
  const away = await get('/away', DATA);
  assert.deepEqual([away.status, await away.json()], [200, { redirect: '/', status: 303 }]);
});

test('HEAD says what GET would, without a body', async () => {
  for (const headers of [{}, STATE, DATA]) {
    const head = await fetch(`${server.url}/ideas/5`, { method: 'HEAD', headers });
    const whole = await get('/ideas/5', headers);
    for (const name of ['content-type', 'cache-control', 'vary']) assert.equal(head.headers.get(name), whole.headers.get(name));
    assert.equal(head.headers.get('content-length'), String((await whole.arrayBuffer()).byteLength));
    assert.equal((await head.arrayBuffer()).byteLength, 0);
  }
});

test('what is the same for everybody may be kept; what looked at who asks may not', async () => {
  const other = await start('visitor', ['--port', '0']); // in development nothing is kept
  const headers = async (path, more = {}) => {
    const response = await fetch(other.url + path, { headers: more });
    await response.arrayBuffer();
    return [response.headers.get('cache-control'), response.headers.get('vary')];
  };
  const own = ['private, no-store', 'Accept'];
  const cookie = ['private, no-store', 'Accept, Cookie'];
  assert.deepEqual(await headers('/shared'), ['no-cache', 'Accept']);
  assert.deepEqual(await headers('/shared', { cookie: 'theme=dark' }), ['no-cache', 'Accept']);
  assert.deepEqual(await headers('/own'), own); // its loader reads a cookie
  assert.deepEqual(await headers('/'), cookie); // its layout does
  assert.deepEqual(await headers('/nowhere'), cookie); // in the layout
  assert.deepEqual(await headers('/shared', STATE), own);
  await other.end();
});

test('cookies stay below the prefix of the addresses, whichever side sets them', async () => {
  const other = await start('visitor', ['--port', '0', '--url-prefix', '/app']);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${other.url}/visits`); // says that the theme is dark
  await page.goto(`${other.url}/`);
  await live(page);
  await page.click('#other');
  await page.waitForFunction(() => document.getElementById('theme').textContent === 'light');
  const kept = (await context.cookies(`${other.url}/`)).map(({ name, path, value }) => `${name} ${path} ${value}`).sort();
  assert.deepEqual(kept.filter((one) => !one.startsWith('basket')), ['theme /app light', 'visits /app 7']);
  assert.deepEqual(await context.cookies(new URL(other.url).origin), []);
  await context.close();
  await other.end();
});
