// What is loaded of a page before it shows, in a real browser: by each policy, and when a pointer rests on a link. The program is
// tests/apps/travel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDevelopment } from './lib/showcase.mjs';
import { gate, travel } from './lib/traveller.mjs';

const travelling = travel();
const { window_ } = travelling;

/* What shows of /…/1 at first, what is asked of the server for its state, and what is subscribed, in any order. */
const policies = {
  none: { first: ['(none)', '(none)', '(none)', '(none)'], states: 0 },
  hooks: { first: ['(none)', 'note 1', '(none)', '(none)'], states: 0 },
  server: { first: ['item 1', 'note 1', '(none)', '(none)'], states: 0 },
  client: { first: ['(none)', 'note 1', '(none)', 'spot'], states: 0 },
  queries: { first: ['item 1', 'note 1', '(none)', 'spot'], states: 0 },
  state: { first: ['item 1', 'note 1', 'deep 1', '(none)'], states: 1 },
  all: { first: ['item 1', 'note 1', 'deep 1', 'spot'], states: 1 },
};

for (const [name, { first, states }] of Object.entries(policies))
  test(`policy ${name}: what it asks for before the page shows, and the page is whole in the end`, async () => {
    const w = await window_();
    await w.page.click(`#${name}`);
    await w.heading('Place 1');
    assert.deepEqual((await w.first('Place 1')).split('\n').filter(Boolean), ['Place 1', ...first]);
    for (const part of ['item', 'note', 'deep']) await w.text(part, `${part} 1`);
    await w.text('spot', 'spot');
    assert.deepEqual(w.seen.files, ['/spot.json?1']);
    assert.deepEqual(await w.subscribed(3), ['deep 1', 'item 1', 'note 1']);
    assert.deepEqual(w.seen.states, Array(states).fill(`/${name}/1`));
    assert.equal(new URL(w.page.url()).pathname, `/${name}/1`);
    assert.equal(await w.page.title(), 'Place 1');
    assert.ok(await w.same());
    assert.deepEqual(w.seen.errors, []);
    await w.close();
  });

test('a link says its own policy', async () => {
  const w = await window_();
  await w.page.click('#own');
  await w.heading('Place 9');
  assert.match(await w.first('Place 9'), /item 9\s+note 9\s+deep 9/);
  assert.deepEqual(w.seen.states, ['/none/9']);
  await w.close();
});

test('a link to a page that the browser renders cannot have its state: the queries are loaded instead', async () => {
  const w = await window_();
  await w.page.click('#off-link');
  await w.heading('Place 1');
  assert.deepEqual((await w.first('Place 1')).split('\n').filter(Boolean), ['Place 1', ...policies.queries.first]);
  await w.text('deep', 'deep 1');
  await w.page.goBack();
  await w.heading('Home');
  w.clear();
  await w.page.hover('#off-hover');
  assert.deepEqual(await w.subscribed(2), ['item 2', 'note 2']);
  await w.page.click('#off-hover');
  await w.heading('Place 2');
  assert.deepEqual((await w.first('Place 2')).split('\n').filter(Boolean), ['Place 2', 'item 2', 'note 2', '(none)', 'spot']);
  await w.text('deep', 'deep 2');
  assert.deepEqual(w.seen.states, []);
  const said = 'dew: a link to /off/2 asks for its state, which a page with .ssr.mode = DEW_SSR_OFF has not: DEW_PREFETCH_QUERIES holds instead';
  assert.deepEqual(w.seen.errors, isDevelopment ? [said, said] : []); // of the hover, and of the click
  await w.close();
});

test('policies of the application and of a layout, where the page has none', async () => {
  for (const [id, { first, states }] of Object.entries({ 'of-site': policies.queries, 'of-layout': policies.none })) {
    const w = await window_();
    await w.page.click(`#${id}`);
    await w.heading('Place 1');
    assert.deepEqual((await w.first('Place 1')).split('\n').filter(Boolean), ['Place 1', ...first], id);
    await w.text('deep', 'deep 1');
    assert.deepEqual(w.seen.states, Array(states).fill(''), id);
    await w.close();
  }
});

test('hooks and declared queries of the application, the layout and the page: all of them, from the application inwards, on both sides', async () => {
  const html = await (await fetch(`${travelling.server.url}/levels`)).text();
  const asked = [...html.matchAll(/"fn":"(\w+)","schema":"\w+","args":\{"id":"(\d+)"\}/g)].map(([, fn, id]) => `${fn} ${id}`);
  assert.deepEqual(asked, ['note 101', 'note 102', 'note 103', 'note 105', 'note 104', 'item 103', 'item 102', 'item 101']); // then those of the view
  const w = await window_();
  await w.page.click('#levels');
  await w.heading('Levels');
  assert.deepEqual((await w.first('Levels')).split('\n').filter(Boolean), // what the server's own hook asks for, the view finds
    ['Levels', '(none)', 'note 104', 'note 103', 'note 102', 'note 101', 'item 103', 'item 102', 'item 101']);
  await w.text('note-5', 'note 105');
  await w.subscribed(8);
  assert.deepEqual(w.seen.subscribed, ['note 101', 'note 102', 'note 104', 'note 103', 'item 101', 'item 102', 'item 103', 'note 105']);
  assert.deepEqual(w.seen.states, []);
  assert.deepEqual(w.seen.errors, []);
  await w.close();
});

for (const name of Object.keys(policies)) {
  test(`policy ${name}: a query that leads elsewhere leads there, each time`, async () => {
    const w = await window_();
    for (let i = 0; i < 2; i++) {
      await w.page.click(`#member-${name}`);
      await w.text('sort', 'member');
      assert.equal(new URL(w.page.url()).search, '?sort=member');
      await w.page.click('nav a');
      await w.heading('Home');
    }
    assert.ok(await w.same());
    assert.deepEqual(w.seen.documents, []);
    assert.deepEqual(w.seen.errors, []);
    await w.close();
  });

  test(`policy ${name}: a query that fails shows as failed`, async () => {
    const w = await window_();
    await w.page.click(`#broken-${name}`);
    await w.heading('Failed: 404');
    assert.match(w.page.url(), /\/broken\/\d$/);
    assert.ok(await w.same());
    assert.deepEqual(w.seen.errors, []);
    await w.close();
  });
}

/* ---- hover ---- */

const tick = (w, ms) => w.page.clock.runFor(ms);
const hovered = (w, path) => w.page.waitForRequest((request) => new URL(request.url()).pathname === path);

test('a pointer on a link: its state after 30 ms, once for repeated hovers and the navigation, anew when it is stale', async () => {
  const w = await window_('/', { clock: true });
  await w.page.hover('#hover');
  await tick(w, 29);
  assert.deepEqual(w.seen.states, []);
  const arrived = w.page.waitForResponse((response) => response.url().endsWith('/hover/1'));
  await tick(w, 1);
  await (await arrived).finished();
  assert.deepEqual(w.seen.states, ['/hover/1']);
  await w.page.hover('#hover-2');
  await w.page.hover('#hover');
  await tick(w, 100);
  assert.deepEqual(w.seen.states, ['/hover/1']);
  await w.page.click('#hover');
  await w.heading('Place 1');
  assert.match(await w.first('Place 1'), /item 1\s+note 1\s+deep 1/);
  assert.deepEqual(w.seen.states, ['/hover/1']);
  assert.deepEqual(w.seen.navigations, []);
  await w.page.goBack();
  await w.heading('Home');
  await tick(w, 10_001);
  const again = hovered(w, '/hover/1');
  await w.page.hover('#hover-2');
  await w.page.hover('#hover');
  await tick(w, 30);
  await again;
  await w.close();
});

test('a layout says what a hover of its pages does, that it waits for nothing, and that it is good for ever', async () => {
  const w = await window_('/', { clock: true });
  const arrived = w.page.waitForResponse((response) => response.url().endsWith('/of_lasting/1'));
  await w.page.hover('#of-lasting');
  await tick(w, 1);
  await (await arrived).finished();
  await w.page.hover('h1');
  await w.page.clock.fastForward(24 * 3600_000);
  await w.page.hover('#of-lasting');
  await tick(w, 1);
  await w.page.click('#of-lasting');
  await w.heading('Place 1');
  assert.match(await w.first('Place 1'), /item 1\s+note 1\s+deep 1/);
  assert.deepEqual(w.seen.states, ['/of_lasting/1']);
  await w.close();
});

test('a visit that a hover began is taken over by the navigation', async () => {
  const w = await window_();
  const held = gate();
  await w.page.route('**/hover/1', async (route) => { await held.wait; await route.continue(); });
  const begun = hovered(w, '/hover/1');
  await w.page.hover('#hover');
  await begun;
  await w.page.click('#hover');
  held.go();
  await w.heading('Place 1');
  assert.deepEqual(w.seen.states, ['/hover/1']);
  await w.close();
});

test('a hover that failed costs nothing: the navigation asks itself', async () => {
  const w = await window_();
  await w.page.route('**/hover/1', (route) => route.abort(), { times: 1 });
  const failed = w.page.waitForEvent('requestfailed');
  await w.page.hover('#hover');
  await failed;
  await w.page.click('#hover');
  await w.heading('Place 1');
  assert.deepEqual(w.seen.states, ['/hover/1', '/hover/1']);
  assert.ok(await w.same());
  await w.close();
});

test('queries on hover: subscribed once, without a request; the navigation adds what only the view knows', async () => {
  const w = await window_();
  await w.page.hover('#glance');
  assert.deepEqual(await w.subscribed(2), ['item 1', 'note 1']);
  await w.page.click('#glance');
  await w.heading('Place 1');
  assert.deepEqual(await w.subscribed(3), ['deep 1', 'item 1', 'note 1']);
  assert.deepEqual(w.seen.states, []);
  await w.close();
});

const hoverPolicies = { none: [], hooks: ['note 11'], server: ['item 12', 'note 12'], client: ['note 13'], queries: ['item 14', 'note 14'] };
for (const [name, asked] of Object.entries(hoverPolicies))
  test(`hover by policy ${name} of the link`, async () => {
    const w = await window_('/', { clock: true });
    await w.page.hover(`#hover-${name}`);
    await tick(w, 30);
    assert.deepEqual(await w.subscribed(asked.length), asked);
    await w.page.hover('#hover-state'); // then nothing of the first is left to come
    const state = hovered(w, '/none/15');
    await tick(w, 30);
    await state;
    assert.deepEqual([...w.seen.subscribed].sort(), asked);
    await w.close();
  });

test('scrolling, leaving, an opt-out and a page that shows take a hover back; focus and a finger are hovers too', async () => {
  const w = await window_('/', { clock: true, hasTouch: true });
  const nothing = async (what) => {
    await tick(w, 1_000);
    assert.deepEqual([w.seen.states, w.seen.subscribed], [[], []], what);
  };
  const scrolled = () => w.page.evaluate(() => new Promise((done) => {
    addEventListener('scroll', () => done(), { once: true, capture: true });
    scrollBy(0, 10);
  }));
  await w.page.hover('#hover');
  await scrolled();
  await nothing('scrolled by 10 px');
  await w.page.evaluate(() => scrollTo(0, 0));
  await w.page.mouse.move(0, 0);
  await w.page.hover('#hover');
  await tick(w, 29);
  await w.page.hover('h1');
  await nothing('left');
  await w.page.hover('#not-hovered');
  await nothing('opted out');
  await w.page.hover('nav a');
  await nothing('is shown already');
  await w.page.mouse.move(0, 0);
  const focused = hovered(w, '/hover/1');
  await w.page.focus('#hover');
  await tick(w, 30);
  await focused;
  const touched = hovered(w, '/hover/2');
  await w.page.evaluate(() => document.getElementById('hover-2').dispatchEvent(new TouchEvent('touchstart', { bubbles: true })));
  await tick(w, 30);
  await touched;
  await w.close();
});

for (const connection of [{ saveData: true }, { effectiveType: '2g' }, { effectiveType: 'slow-2g' }])
  test(`no hovers with ${JSON.stringify(connection)}`, async () => {
    const w = await window_('/', {
      clock: true,
      before: `Object.defineProperty(navigator, 'connection', { value: ${JSON.stringify(connection)} })`,
    });
    await w.page.hover('#hover');
    await tick(w, 1_000);
    await w.page.hover('#glance');
    await tick(w, 1_000);
    assert.deepEqual([w.seen.states, w.seen.subscribed], [[], []]);
    await w.close();
  });

test('a failure is not kept from a hover', async () => {
  const w = await window_('/', { clock: true });
  const answered = w.page.waitForResponse((response) => response.url().endsWith('/broken/9'));
  await w.page.hover('#broken-hover');
  await tick(w, 30);
  await (await answered).finished();
  await w.page.click('#broken-hover');
  await w.heading('Failed: 404');
  assert.deepEqual(w.seen.states, ['/broken/9', '/broken/9']);
  await w.close();
});

test('what a hover brought counts no longer once something was done', async () => {
  const w = await window_();
  const answered = w.page.waitForResponse((response) => response.url().endsWith('/hover/1'));
  await w.page.hover('#hover');
  const { headers } = await (await answered).request().allHeaders().then((all) => ({ headers: all }));
  assert.equal(headers['dew-prefetch'], '1');
  await (await answered).finished();
  await w.page.focus('#act');
  await w.page.keyboard.press('Enter');
  await w.answered(1);
  await w.page.click('#hover');
  await w.heading('Place 1');
  assert.deepEqual(w.seen.states, ['/hover/1', '/hover/1']);
  await w.close();
});

test('a finger that scrolls asks for nothing', async () => {
  const w = await window_('/', { clock: true, hasTouch: true });
  await w.page.evaluate(() => new Promise((done) => {
    addEventListener('scroll', () => done(), { once: true, capture: true });
    document.getElementById('hover').dispatchEvent(new TouchEvent('touchstart', { bubbles: true }));
    scrollBy(0, 10);
  }));
  await tick(w, 1_000);
  assert.deepEqual([w.seen.states, w.seen.subscribed], [[], []]);
  await w.close();
});
