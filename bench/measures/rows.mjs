// js-framework-benchmark's operations on a table, and the hydration of one with 1,000 rows: Dew beside rows written by hand and
// three frameworks, in one Chromium, in turn.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buildPeers } from '../peers/rows/build.mjs';
import { hydrate, operate, operations } from '../peers/rows/drive.mjs';
import { launch } from '../lib/browser.mjs';
import { median, note } from '../lib/figures.mjs';
import { benchDir, startDew } from '../lib/programs.mjs';

const contestants = ['vanilla', 'dew', 'preact', 'react', 'solid'];
const hydrating = ['dew', 'preact', 'react'];
const hydrations = 7; // in each round, a page each
const document = (name, content) => '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rows</title>'
  + `<script type="module" src="/${name}.js"></script></head><body><div id="app">${content}</div></body></html>`;

/** The peers' pages: /vanilla and so on; /preact/full has the rows already, as Dew's server writes them. */
async function servePeers(content) {
  const scripts = await buildPeers();
  const server = createServer(({ url }, response) => {
    const [, name, extension] = /^\/(\w+)(\.js|\/full)?$/.exec(url) ?? [];
    if (!scripts.has(name)) return response.writeHead(404).end();
    response.setHeader('content-type', extension === '.js' ? 'text/javascript' : 'text/html');
    response.end(extension === '.js' ? scripts.get(name) : document(name, extension ? content : ''));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** A page of its own in which performance.now() is exact to 5 µs: that takes isolation from other origins. */
async function open(browser, url) {
  const context = await browser.newContext();
  await context.route('**/*', async (route) => {
    const response = await route.fetch();
    const isolated = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
    await route.fulfill({ response, headers: { ...response.headers(), ...isolated } });
  });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error));
  await page.goto(url);
  return { page, async close() {
    await context.unrouteAll({ behavior: 'ignoreErrors' }); // what is loaded once the page is live may still be under way
    await context.close();
    if (errors.length > 0) throw errors[0];
  } };
}

async function openTable(browser, url) {
  const { page, close } = await open(browser, url);
  await page.waitForSelector('#run');
  await page.addStyleTag({ path: join(benchDir, 'node_modules/bootstrap/dist/css/bootstrap.min.css') }); // js-framework-benchmark's
  await page.waitForFunction(() => document.documentElement.dew !== undefined || !document.getElementById('dew-wasm'));
  return { page, close };
}

/**
 * Operation by operation, each contestant after the other, so that what slows the machine for a minute slows all; who is first
 * is another in each round. @returns {Promise<Record<string, Record<string, { script: number[], whole: number[] }>>>} by contestant, operation
 */
async function tables(browser, address, round) {
  const rounded = (milliseconds) => Math.round(milliseconds * 1000) / 1000;
  const opened = new Map(), times = {};
  for (const name of contestants) {
    opened.set(name, await openTable(browser, address(name)));
    times[name] = {};
  }
  for (const operation of operations)
    for (let i = 0; i < contestants.length; i++) {
      const name = contestants[(i + round) % contestants.length];
      const { page } = opened.get(name);
      await page.bringToFront();
      const { script, whole } = await page.evaluate(operate, operation);
      times[name][operation] = { script: script.map(rounded), whole: whole.map(rounded) };
    }
  for (const { close } of opened.values()) await close();
  return times;
}

async function hydration(browser, url) {
  const { page, close } = await open(browser, 'about:blank');
  await page.addInitScript(hydrate);
  await page.goto(url);
  const milliseconds = await (await page.waitForFunction(() => window.hydrated)).jsonValue();
  await close();
  return milliseconds;
}

const geomean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
const ms = (value) => value.toFixed(value < 1 ? 3 : 2);

/** One line per operation: Dew's time, vanilla's, how many times that, and in how many times that the others are. */
function compare(rounds, what) {
  const times = (name, operation) => median(rounds.map((round) => median(round[name][operation][what]) / median(round.vanilla[operation][what])));
  const mean = (name) => median(rounds.map((round) =>
    geomean(operations.map((operation) => median(round[name][operation][what]) / median(round.vanilla[operation][what])))));
  const typical = (name, operation) => median(rounds.map((round) => median(round[name][operation][what])));
  const others = (value) => ['preact', 'react', 'solid'].map((name) => `${name} ${value(name).toFixed(2)}`).join(', ');
  const label = what === 'script' ? 'script' : 'with style and layout';
  return [
    ...operations.map((operation) => ({
      ...note(`rows: ${operation}, ${label} (${others((name) => times(name, operation))})`, times('dew', operation), '×'),
      dew: `${ms(typical('dew', operation))} ms`, peer: `by hand ${ms(typical('vanilla', operation))} ms`,
      ...(what === 'script' && /swap|remove/.test(operation) ? { target: 2, met: times('dew', operation) <= 2 } : {}),
    })),
    {
      ...note(`rows: geometric mean, ${label} (${others(mean)})`, mean('dew'), '×', what === 'whole' ? { rounds } : {}),
      dew: '', peer: 'by hand', ...(what === 'whole' ? { target: 1.1, met: mean('dew') <= 1.1 } : {}),
    },
  ];
}

export async function measure({ rounds }) {
  const dew = await startDew('bench_rows');
  const full = await (await fetch(`${dew.url}/full`)).text();
  const peers = await servePeers(/<div id="app">(.*?)<\/div>\s*<form/s.exec(full)[1]);
  const origin = `http://127.0.0.1:${peers.address().port}`;
  const address = (name, path = '') => (name === 'dew' ? `${dew.url}/${path}` : `${origin}/${name}${path && `/${path}`}`);
  const browser = await launch(['--js-flags=--expose-gc'], { pinned: false });
  const all = [], hydrated = [];
  for (let round = 0; round < rounds; round++) {
    const first = { dew: [], preact: [], react: [] };
    all.push(await tables(browser, address, round));
    for (let i = 0; i < hydrations; i++)
      for (const name of hydrating) first[name].push(await hydration(browser, address(name, 'full')));
    hydrated.push(first);
  }
  await browser.close();
  await dew.stop();
  peers.close();
  const typical = (name) => median(hydrated.map((round) => median(round[name])));
  const faster = (name) => median(hydrated.map((round) => median(round[name]) / median(round.dew)));
  return [
    ...compare(all, 'script'), ...compare(all, 'whole'),
    { ...note('rows: hydration of 1,000, against Preact', faster('preact'), '×', { hydrated }), dew: `${ms(typical('dew'))} ms`,
      peer: `${ms(typical('preact'))} ms`, target: 5, atLeast: true, met: faster('preact') >= 5 },
    { ...note('rows: hydration of 1,000, against React', faster('react'), '×'), dew: `${ms(typical('dew'))} ms`, peer: `${ms(typical('react'))} ms` },
  ];
}
