// How late a scan of ten million rows ends after its deadline, how late each call that suspends comes back from its scope's end while
// such a scan runs beside it on the same worker; and what a loader costs that suspends.
import { join } from 'node:path';
import { absolute, median, note, share } from '../lib/figures.mjs';
import { benchDir, clientCore, cpuNs, startDew, wrk } from '../lib/programs.mjs';

const ROWS = Number(process.env.ROWS ?? 10_000_000);
const WAYS = ['dew_sleep', 'dew_sql', 'dew_fetch', 'dew_offload', 'waiting for a channel'];
const SQL = 1;

async function call(server, fn, args) {
  const response = await fetch(`${server.url}/_dew/rpc`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fn, args }),
  });
  const answer = await response.json();
  if (!response.ok)
    throw new Error(`${fn}: ${JSON.stringify(answer)}`);
  return answer.value;
}

/** Pages whose loader suspends once, and the same whose loader does not, by processor time. */
async function pages(server, round, seconds) {
  const us = {};
  for (const path of ['/ready', '/waits']) {
    const before = cpuNs(server.pid);
    const { requests } = await wrk(`${server.url}/`, {
      seconds, script: join(benchDir, 'peers/waits.lua'), env: { START: String(round * 10_000_000), PATH_OF: path },
    });
    us[path] = (cpuNs(server.pid) - before) / requests / 1000;
  }
  return us;
}

/** How late each way of waiting comes back while one scan after the other runs beside it. */
async function lateness(server, upstream, rounds) {
  await call(server, 'fill', { rows: String(ROWS) });
  const alone = [], beside = WAYS.map(() => []);
  for (let round = 0; round < rounds; round++)
    alone.push(...(await call(server, 'lateness', { way: SQL, ms: 50, times: 20, port: 0 })).late_ms);
  let over = false;
  const scans = (async () => { while (!over) await call(server, 'scan', {}); })();
  for (let round = 0; round < rounds; round++)
    for (const way of WAYS.keys())
      beside[way].push(...(await call(server, 'lateness', { way, ms: 20, times: 50, port: upstream.port })).late_ms);
  over = true;
  await scans;
  return { alone, beside };
}

export async function measure({ rounds, seconds }) {
  const upstream = await startDew('bench_ends', [], clientCore), server = await startDew('bench_ends');
  const made = [];
  for (let round = 0; round < rounds; round++)
    made.push(await pages(server, round, seconds));
  const { alone, beside } = await lateness(server, upstream, rounds);
  await Promise.all([server.stop(), upstream.stop()]);
  return [
    absolute('a scan of 10 million rows under a deadline of 50 ms: its end, the latest', 50 + share(alone, 1), 60, 'ms', false, alone),
    ...WAYS.map((way, i) => absolute(`${way} beside a scan: back after its scope's end, p99`, share(beside[i], 0.99), 5, 'ms', false, beside[i])),
    note('page whose loader does not suspend: processor time', median(made.map((us) => us['/ready'])), 'µs', made),
    note('the same, the loader suspends once', median(made.map((us) => us['/waits'])), 'µs', made),
  ];
}
