// Pages that are rendered leave nothing behind: after so many requests (DEW_REQUESTS) the process is as large as after as many before
// them, but for what its allocator keeps. Pages of every kind, each rendered, with what is written meanwhile.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { test } from 'node:test';
import { startShowcase } from '../browser/lib/showcase.mjs';

const REQUESTS = Number(process.env.DEW_REQUESTS ?? 5000);
const GROWTH_MAX = 512 << 10; // bytes
const AT_ONCE = 16;
const STREAMED_AT_ONCE = 8;
const PAGES = ['/', '/counter', '/board/b1', '/board/empty', '/table?rows=50', '/table?rows=7', '/users/1', '/slow', '/slow?end=denied', '/nothing/here', '/users/x',
  '/ideas', '/ideas/1', '/ideas/3', '/ideas/4?shade=night', '/widgets']; // in each form, with each shade: the numbers of these have no common divisor
const STREAMED = ['/stream', '/stream?_whole=1']; // each waits for its slowest station: asked beside the others, again and again
const ACCEPTS = ['text/html', 'application/vnd.dew.state+json', 'text/html'];
const SHADES = ['auto', 'day', 'night', 'no-shade', ''];
const isSanitized = process.env.DEW_TEST_CFLAGS !== undefined; // it keeps what was freed, on purpose

/** Memory of the process that is its own: what is mapped from files may come and go. @param {number} pid */
function memoryOf(pid) {
  const found = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Anonymous:\s+(\d+) kB/m);
  return Number(found[1]) * 1024;
}

/** Pages that were rendered. @param {{ url: string }} showcase */
const rendered = async ({ url }) => Number((await (await fetch(`${url}/_dew/metrics`)).text()).match(/^dew_page_passes_count (\d+)$/m)[1]);

/** @param {string} url @param {Agent} agent @param {object} options @param {string} [body] */
const ask = (url, agent, options, body) => new Promise((done, fail) => {
  request(url, { agent, ...options }, (answer) => {
    answer.resume();
    answer.once('end', () => done(answer.statusCode));
  }).once('error', fail).end(body);
});

/** @param {{ url: string }} showcase @param {Agent} agent @param {number} count */
async function askAll({ url }, agent, count) {
  let next = 0;
  const statuses = new Set();
  const one = async () => {
    for (let i = next++; i < count; i = next++) {
      if (i % 50 === 0) {
        const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
        const body = JSON.stringify({ fn: 'increment', args: {} });
        statuses.add(await ask(`${url}/_dew/rpc`, agent, { method: 'POST', headers }, body));
      } else statuses.add(await ask(`${url}${PAGES[i % PAGES.length]}`, agent, { headers: { accept: ACCEPTS[i % ACCEPTS.length], cookie: `n=${i % 7}; shade=${SHADES[i % SHADES.length]}` } }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return statuses;
}

/** Asks for a streamed page, and goes once it has begun. @param {string} url @returns {Promise<void>} */
const leave = (url) => new Promise((left, fail) => {
  const asked = request(url, { agent: false }, (answer) => {
    answer.once('data', () => asked.destroy());
    answer.once('error', () => {}); // it is cut
    answer.once('close', left);
  });
  asked.once('error', fail).end();
});

/** Streamed pages, until the others have been asked: some are read to their end, some are left.
 * @param {{ url: string }} showcase @param {Agent} agent @param {Promise<unknown>} others */
async function askStreamed({ url }, agent, others) {
  let isOver = false;
  const over = others.finally(() => { isOver = true; });
  const again = async (run) => {
    let count = 0;
    for (; !isOver; count++) await run();
    return count;
  };
  const read = (path) => again(async () => assert.equal(await ask(`${url}${path}`, agent, {}), 200));
  const [left, ...whole] = await Promise.all([again(() => leave(`${url}/stream`)),
    ...Array.from({ length: STREAMED_AT_ONCE }, (_, i) => read(STREAMED[i % STREAMED.length])), over]);
  return { left, whole: whole.slice(0, STREAMED_AT_ONCE).reduce((sum, count) => sum + count, 0) };
}

test(`${REQUESTS} requests for pages leave the process at its level`, { skip: isSanitized }, async () => {
  const showcase = await startShowcase(['--workers', '1']);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE + STREAMED_AT_ONCE });
  const streamed = { left: 0, whole: 0 };
  const both = async (count) => {
    const pages = askAll(showcase, agent, count);
    const { left, whole } = await askStreamed(showcase, agent, pages);
    streamed.left += left;
    streamed.whole += whole;
    return pages;
  };
  const statuses = await both(Math.min(REQUESTS, 20_000)); // until pools, caches and rings have what they keep
  assert.deepEqual([...statuses].sort(), [200, 403, 404]);
  const [before, renderedBefore] = [memoryOf(showcase.child.pid), await rendered(showcase)];
  await both(REQUESTS / 2);
  const middle = memoryOf(showcase.child.pid);
  await both(REQUESTS / 2);
  const last = memoryOf(showcase.child.pid), grown = last - before;
  console.log(`# ${before >> 10} KB, half way through ${middle >> 10} KB, after ${REQUESTS} requests ${last >> 10} KB; streamed: ${JSON.stringify(streamed)}`);
  assert.ok(streamed.left > 0 && streamed.whole >= STREAMED_AT_ONCE);
  assert.ok(grown < GROWTH_MAX, `grown by ${grown} bytes`);
  assert.ok(await rendered(showcase) - renderedBefore > REQUESTS * 0.8);
  agent.destroy();
  await showcase.stop();
});
