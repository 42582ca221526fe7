// Every page of the showcase comes to the same DOM whether the server renders it or the browser alone (--no-ssr).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { live } from './lib/live.mjs';
import { pagesOf } from './lib/pages.mjs';
import { isDevelopment, launch, startShowcase } from './lib/showcase.mjs';
import { open } from './lib/traveller.mjs';

let browser;
const servers = {};
before(async () => {
  [browser, servers.on, servers.off] = await Promise.all([launch(), startShowcase(), startShowcase(['--no-ssr'])]);
});
after(async () => { await browser?.close(); await Promise.all(Object.values(servers).map((server) => server.stop())); });

/** What #app holds once nothing waits, and whether the server had sent it. */
async function settled(server, path) {
  const page = await browser.newPage();
  const answer = await page.goto(server.url + path);
  await live(page);
  const html = await page.$eval('#app', (app) => {
    const copy = /** @type {Element} */ (app.cloneNode(true));
    for (const measured of copy.querySelectorAll('.used, .facts')) measured.remove(); // of each question to the other server
    for (const element of copy.querySelectorAll('*')) { // the order of attributes is nobody's promise
      const all = [...element.attributes].map(({ name, value }) => [name, value]).sort();
      for (const [name] of all) element.removeAttribute(name);
      for (const [name, value] of all) element.setAttribute(name, value);
    }
    return copy.innerHTML;
  });
  const sent = !(await answer.text()).includes('<div id="app"></div>');
  const title = await page.title();
  await page.close();
  return { html, title, sent };
}

test('the DOM after settling is the same with the server’s rendering and without', async () => {
  const { url } = servers.on;
  const page = await browser.newPage();
  const paths = (await pagesOf(page, url)).map((address) => address.slice(url.replace(/\/$/, '').length));
  await page.close();
  assert.ok(paths.some((path) => /^\/ideas\/\d+$/.test(path)), String(paths));
  for (const path of paths) {
    const on = await settled(servers.on, path);
    const off = await settled(servers.off, path);
    assert.equal(on.sent, true, path);
    assert.equal(off.sent, false, path);
    assert.equal(off.html, on.html, path);
    assert.equal(off.title, on.title, path);
  }
});

test('nobody asks a server that renders nothing for a page’s state: its queries are loaded instead', async () => {
  const w = await open(browser, `${servers.off.url}/`);
  await w.page.click('header >> text=Ideas'); // by the policy that holds when nobody says one
  await w.heading('Ideas for the garden');
  for (const nth of [5, 6]) {
    await w.page.click(`.way >> nth=${nth}`);
    await w.until(() => /^Thought of by .*,/.test(document.querySelector('article .note')?.textContent ?? ''));
    await w.page.goBack();
    await w.heading('Ideas for the garden');
  }
  assert.deepEqual(w.seen.states, []);
  await w.page.hover('.ideas-list a >> nth=2'); // which asks for it by hover
  while (!w.seen.subscribed.includes('one_idea 3')) await w.subscribed(w.seen.subscribed.length + 1);
  assert.deepEqual(w.seen.states, []);
  assert.deepEqual(w.seen.documents, []);
  const said = (idea) => `dew: a link to /ideas/${idea} asks for its state, which no page has under --no-ssr: DEW_PREFETCH_QUERIES holds instead`;
  assert.deepEqual(w.seen.errors, isDevelopment ? [6, 7, 3].map(said) : []);
  await w.close();
});
