// The showcase's /ideas, /ideas/:id and /stream: breadcrumbs, what the cookie changes, what each of the seven links asks for and says
// that it asks for, and stations that show as they answer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, startShowcase } from './lib/showcase.mjs';
import { open } from './lib/traveller.mjs';

let browser, showcase;
before(async () => {
  [browser, showcase] = await Promise.all([launch(), startShowcase()]);
});
after(async () => {
  await browser?.close();
  await showcase?.stop();
});

const window_ = (path, options) => open(browser, showcase.url + path, options);
const html = async (path, cookie = '') => (await fetch(showcase.url + path, { headers: { cookie } })).text();

async function done(w) {
  assert.deepEqual(w.seen.errors, []);
  await w.close();
}

test('breadcrumbs: the layout shows what the page says, from the server and after each navigation', async () => {
  const trail = /class="trail"[^>]*>(.*?)<\/nav>/s;
  assert.match((await html('/ideas/3')).match(trail)[1], /Ideas<.*aria-current="page"[^>]*>Seeds in a drawer</s);
  assert.doesNotMatch((await html('/ideas')).match(trail)[1], /<span/);
  const w = await window_('/ideas/3');
  const says = (text) => w.until((wanted) => document.querySelector('.trail').innerText.replace(/\s+/g, ' ') === wanted, text);
  await says('Ideas Seeds in a drawer');
  await w.page.click('article a');
  await says('Ideas A plank over the pond');
  await w.page.click('.trail a');
  await says('Ideas');
  await w.page.goBack();
  await says('Ideas A plank over the pond');
  assert.deepEqual(w.seen.documents, []);
  await done(w);
});

test('the header marks where one is: the page, or the section that it belongs to', async () => {
  for (const [path, label, current] of [['/ideas', 'Ideas', 'page'], ['/ideas/3', 'Ideas', 'true'], ['/stream', 'Streamed', 'page'], ['/stream?at=noon', 'Streamed', 'true'],
    ['/board/quiet', 'Board', 'true'], ['/table?rows=7', 'Table', 'true']]) {
    const marked = [...(await html(path)).match(/aria-label="Pages"[^>]*>(.*?)<\/nav>/s)[1].matchAll(/<a[^>]* aria-current="(\w+)"[^>]*>([^<]*)</g)];
    assert.deepEqual(marked.map(([, how, text]) => [text, how]), [[label, current]], path);
  }
});

const shade = (page) => page.evaluate(() => [document.querySelector('.ideas').className.replace('ideas', '').trim(),
  document.querySelector('.shades [aria-pressed=true]').textContent]);

test('the shade is seen in both colour schemes, survives a reload, and is in what the server sends', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const w = await window_('/ideas/3', { colorScheme });
    const paper = () => w.page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.querySelector('.ideas'));
      return `${backgroundColor} ${color}`;
    });
    const papers = [await paper()];
    for (const [name, label] of [['night', 'Night'], ['day', 'Day'], ['night', 'Night']]) {
      await w.page.click(`#shade-${name}`);
      await w.until((wanted) => document.querySelector('.ideas').classList.contains(wanted), name);
      assert.deepEqual(await shade(w.page), [name, label]);
      papers.push(await paper());
    }
    assert.equal(new Set(papers).size, 3, papers.join());
    assert.deepEqual(w.seen.documents.concat(w.seen.states), []);
    const answer = await w.page.reload();
    assert.match(await answer.text(), /class="ideas night"/);
    await w.until(() => document.documentElement.dew === 'live');
    assert.deepEqual(await shade(w.page), ['night', 'Night']);
    await w.page.click('#shade-auto');
    await w.until(() => document.querySelector('.ideas').className === 'ideas');
    await done(w);
  }
  assert.match(await html('/ideas', 'shade=day'), /class="ideas day"/);
  assert.match(await html('/ideas', 'shade=no-shade'), /class="ideas"/);
});

test('the shade is chosen without scripts, too; alive, the address does not hold it fast', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const sent = async (answer) => (await answer.text()).match(/class="(ideas[^"-]*)"/)[1];
  assert.equal(await sent(await page.goto(`${showcase.url}/ideas/3`)), 'ideas');
  await Promise.all([page.waitForNavigation(), page.click('#shade-night')]);
  assert.equal(await page.getAttribute('.ideas', 'class'), 'ideas night');
  assert.equal(await page.textContent('h1'), 'Seeds in a drawer');
  assert.equal(await sent(await page.goto(`${showcase.url}/ideas`)), 'ideas night');
  await context.close();

  const w = await window_('/ideas?shade=night');
  assert.deepEqual(await shade(w.page), ['night', 'Night']);
  await w.page.click('#shade-day');
  await w.until(() => document.querySelector('.ideas').classList.contains('day'));
  await w.until(() => location.search === '');
  await w.page.click('.ideas-list a');
  await w.heading('Collect the rain');
  assert.deepEqual(await shade(w.page), ['day', 'Day']);
  await w.page.goBack();
  await w.heading('Ideas for the garden');
  assert.deepEqual(await shade(w.page), ['day', 'Day']);
  await done(w);
});

/* What each link asks for: requests for the page's state, and subscriptions in any order. */
const ways = [
  { name: 'Nothing', states: 0, subscribed: ['author_of_idea 1', 'one_idea 1'] },
  { name: 'Hooks', states: 0, subscribed: ['author_of_idea 1', 'author_of_idea 3', 'one_idea 2'] },
  { name: 'Server queries', states: 0, subscribed: ['author_of_idea 1', 'one_idea 3'] },
  { name: 'Client queries', states: 0, subscribed: ['author_of_idea 1', 'author_of_idea 2', 'one_idea 4'] },
  { name: 'Queries', states: 0, subscribed: ['author_of_idea 1', 'author_of_idea 2', 'one_idea 5'] },
  { name: 'State', states: 1, subscribed: ['author_of_idea 3', 'one_idea 6'] },
  { name: 'State and client queries', states: 1, subscribed: ['author_of_idea 1', 'one_idea 7'] },
];
const counted = (count, what) => `${count || 'no'} ${what}${count === 1 ? '' : 's'}`;

for (const [i, { name, states, subscribed }] of ways.entries())
  test(`${name}: what it asks for is what it says, and a way back adds nothing`, async () => {
    const w = await window_('/ideas');
    await w.page.click(`.way >> nth=${i}`);
    await w.until(() => /^Thought of by .*,/.test(document.querySelector('article .note')?.textContent ?? ''));
    assert.deepEqual(await w.subscribed(subscribed.length), subscribed);
    assert.deepEqual(w.seen.states, Array(states).fill(`/ideas/${i + 1}`)); // as Chromium's network tells
    const beginning = `${name}: ${counted(states, 'request')}, ${counted(subscribed.length, 'subscription')}: `;
    await w.until((wanted) => document.querySelector('.asked')?.textContent.startsWith(wanted), beginning);
    const said = await w.page.textContent('.asked');
    assert.deepEqual(said.slice(beginning.length).split(', ').sort(), subscribed);
    const back = w.page.waitForResponse((answer) => new URL(answer.url()).pathname === '/ideas');
    await w.page.goBack();
    await (await back).finished();
    await w.heading('Ideas for the garden');
    // the browser tells observers of a request in their order: when it has told of this one, it has told of the one before
    await w.page.evaluate(() => new Promise((told) => {
      new PerformanceObserver((list) => list.getEntries().some(({ name }) => name.endsWith('/icon.svg?last')) && told()).observe({ type: 'resource' });
      void fetch('/icon.svg?last');
    }));
    assert.equal(await w.page.textContent('.asked'), said);
    assert.deepEqual(w.seen.documents, []);
    await done(w);
  });

test('what says so goes with another link', async () => {
  const w = await window_('/ideas');
  await w.page.click('.way >> nth=5');
  await w.page.waitForSelector('.asked');
  await w.page.click('.ideas-list a >> nth=0');
  await w.page.waitForSelector('.asked', { state: 'detached' });
  await done(w);
});

const stations = (page) => page.$$eval('.entry', (all) => all.map((one) => one.innerText.split(/\s*\n\s*/)));

const LOST = ['Lighthouse', '—', 'Nobody answers there.', 'Ask again'];

test('stations show as they answer, the page first; where nobody does is asked again alone', async () => {
  const before = () => {
    window.came = { Harbour: [], Summit: [], Lighthouse: [] };
    new MutationObserver(() => {
      for (const one of document.querySelectorAll('.entry')) {
        const [name, number] = [one.querySelector('h2')?.textContent, one.querySelector('.number')?.textContent];
        const is = `${number}${/ \(asked .*/.exec(one.textContent) ?? ''}`;
        if (number && window.came[name].at(-1) !== is) window.came[name].push(is);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  };
  const sent = await html('/stream');
  const inPage = (name) => sent.match(new RegExp(`${name}</h2><p class="[^"]*">(.)`))[1]; // as it went out, at once or, on a slow machine, later
  for (const name of ['Harbour', 'Summit', 'Lighthouse']) {
    const isToCome = new RegExp(`class="dew-late">[^<]*"${name}"`).test(sent);
    assert.equal(inPage(name) === '…', isToCome, name);
  }
  const w = await window_('/stream', { before });
  const shows = (text) => w.page.waitForFunction((wanted) => document.querySelector('.entries').innerText.includes(wanted), text);
  for (const text of ['17 °C', '4 °C', '—']) await shows(text);
  const came = await w.page.evaluate(() => window.came);
  for (const [name, last] of [['Harbour', '17 °C'], ['Summit', '4 °C'], ['Lighthouse', '—']])
    assert.deepEqual(came[name].filter((is) => is !== '…'), [last], name);
  const [harbour, summit, lighthouse] = await stations(w.page);
  assert.deepEqual([harbour, summit, lighthouse], [['Harbour', '17 °C', 'answered after 400 ms'], ['Summit', '4 °C', 'answered after 1500 ms'], LOST]);

  await w.page.click('#keeper');
  await w.text('keeper', 'Let him sleep');
  assert.deepEqual((await stations(w.page))[2], LOST); // not told
  w.clear();
  await w.page.click('text=Ask again');
  await shows('11 °C');
  assert.deepEqual(w.seen.subscribed, ['ask_station Lighthouse']);
  assert.deepEqual(await w.page.evaluate(() => window.came.Lighthouse.slice(-3)), ['—', '— (asked 2 times)', '11 °C']);
  assert.deepEqual(await stations(w.page), [harbour, summit, ['Lighthouse', '11 °C', 'answered after 900 ms']]);
  await w.page.click('#keeper');
  await w.text('keeper', 'Wake him');
  assert.ok(await w.same());
  assert.deepEqual(w.seen.documents.concat(w.seen.states), []);
  await done(w);
});

test('stations without scripts: the whole page, a button that wakes the keeper, and the link that asks again', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const whole = () => page.waitForURL(({ searchParams }) => searchParams.has('_whole'));
  await page.goto(`${showcase.url}/stream?_whole=1`);
  assert.deepEqual((await stations(page))[2], LOST);
  await Promise.all([page.waitForNavigation(), page.click('text=Ask again')]);
  await whole(); // the streamed page sends those without scripts on to the whole one
  assert.deepEqual((await stations(page))[2], LOST);
  await Promise.all([page.waitForNavigation(), page.click('#keeper')]);
  await whole();
  assert.deepEqual((await stations(page)).map(([, number]) => number), ['17 °C', '4 °C', '11 °C']);
  await Promise.all([page.waitForNavigation(), page.click('#keeper')]);
  await whole();
  assert.deepEqual((await stations(page))[2], LOST);
  await context.close();
});
