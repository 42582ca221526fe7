// A window that writes down what it asks for, and what each page showed first.
import { after, before } from 'node:test';
import { live } from './live.mjs';
import { bin, launch, start } from './showcase.mjs';

/**
 * Chromium, and the program tests/apps/travel, for the tests of one file.
 * @returns {{ server: { url: string }, window_: (path?: string, options?: object) => ReturnType<typeof open> }}
 */
export function travel() {
  let browser, server;
  before(async () => {
    [browser, server] = await Promise.all([launch(), start(`${bin}travel`, ['--port', '0'])]);
  });
  after(async () => {
    await browser?.close();
    await server?.end();
  });
  return {
    get server() { return server; },
    window_: (path = '/', options) => open(browser, server.url + path, options),
  };
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {object} [options] clock: its time is the test's; before: runs in the page ahead of its scripts; others are the context's
 */
export async function open(browser, url, { clock = false, before, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 600 }, ...options });
  const page = await context.newPage();
  const seen = { states: [], documents: [], subscribed: [], files: [], navigations: [], errors: [], answers: 0 };
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname + new URL(request.url()).search;
    const headers = request.headers();
    if (headers.accept?.includes('dew.state')) seen.states.push(path);
    if (headers['dew-navigation']) seen.navigations.push(headers['dew-navigation']);
    if (/^\/spot/.test(path)) seen.files.push(path);
    if (request.isNavigationRequest()) seen.documents.push(path);
  });
  let heard = () => {};
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
    const message = JSON.parse(payload);
    if (message.type === 'subscribe') seen.subscribed.push(`${message.fn} ${Object.values(message.args)}`);
    heard();
  }).on('framereceived', ({ payload }) => {
    if (JSON.parse(payload).type === 'answer') seen.answers += 1;
    heard();
  }));
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('console', (message) => {
    const isOfNetwork = message.text().startsWith('Failed to load resource'); // what a test has aborted or answered
    if (/^(error|warning)$/.test(message.type()) && !isOfNetwork) seen.errors.push(message.text());
  });
  await page.addInitScript(() => {
    window.first = {}; // by heading: what stood there at first
    window.said = [];
    addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
      const heading = document.querySelector('h1')?.textContent;
      if (heading) window.first[heading] ??= document.querySelector('main').innerText;
      const said = document.querySelector('#dew-announce')?.textContent;
      if (said && window.said.at(-1) !== said) window.said.push(said);
    }).observe(document, { subtree: true, childList: true, characterData: true }));
  });
  if (clock) await page.clock.install();
  if (before) await page.addInitScript(before);
  await page.goto(url);
  await live(page);
  if (clock) await page.clock.pauseAt(Date.now() + 60_000);
  const own = {
    page, seen, context,
    until: (run, arg) => page.waitForFunction(run, arg, { polling: 10, timeout: 5_000 }),
    heading: (text) => own.until((wanted) => document.querySelector('h1')?.textContent === wanted, text),
    /** So many subscriptions have been sent. @returns {Promise<string[]>} in order of their names */
    async subscribed(count) {
      while (seen.subscribed.length < count) await new Promise((resolve) => { heard = resolve; });
      return [...seen.subscribed].sort();
    },
    /** So many calls have been answered. */
    async answered(count) {
      while (seen.answers < count) await new Promise((resolve) => { heard = resolve; });
    },
    text: (id, text) => own.until(([at, wanted]) => document.getElementById(at)?.textContent === wanted, [id, text]),
    first: (heading) => page.evaluate((h) => window.first[h], heading),
    /** Forgets what was asked for. */
    clear: () => { for (const list of Object.values(seen)) if (Array.isArray(list)) list.length = 0; },
    /** Whether it is still the document that was loaded: marked by the first call. */
    async same() {
      return page.evaluate(() => { const was = window.marked; window.marked = true; return was === true; });
    },
    close: () => context.close(),
  };
  await own.same();
  own.clear();
  return own;
}

/** Something that a test lets happen: { wait: a promise, go: keeps it }. */
export function gate() {
  let go;
  const wait = new Promise((resolve) => { go = resolve; });
  return { wait, go };
}
