// Many requests that wait: 5,000 at once on one worker, in dew_sleep and in dew_fetch; and how soon an upstream sees that a visitor has
// hung up.
import { join } from 'node:path';
import { absolute, median, note } from '../lib/figures.mjs';
import { bin, cpuNs, runJson, startServer } from '../lib/programs.mjs';

const COUNT = 5000;
const WAIT_MS = 200;

/** One server, asked twice: in a round in which its memory is read, then in one that is timed. */
async function atOnce(page) {
  const server = await startServer(join(bin, 'bench_wait_server'), ['--port', '0', '--workers', '1']);
  const before = cpuNs(server.pid);
  const figures = await runJson('bench_waiting', ['at-once', server.port, server.pid, page, COUNT, WAIT_MS]);
  const cpu_us = (cpuNs(server.pid) - before) / 1000 / (2 * COUNT);
  await server.stop();
  return { ...figures, cpu_us };
}

export async function measure({ rounds }) {
  const slept = [], fetched = [], hangUps = [];
  for (let round = 0; round < rounds; round++) {
    slept.push(await atOnce('slept'));
    fetched.push(await atOnce('fetched'));
    const server = await startServer(join(bin, 'bench_wait_server'), ['--port', '0', '--workers', '1']);
    hangUps.push(await runJson('bench_waiting', ['hang-ups', server.port, 500]));
    await server.stop();
  }
  const all = [];
  for (const [name, rows] of [['dew_sleep', slept], ['dew_fetch', fetched]])
    all.push(
      absolute(`5,000 requests at once, each ${WAIT_MS} ms in ${name}: all answered`, median(rows.map((r) => r.ms)), 1000, 'ms', false, rows),
      note('server processor time for each', median(rows.map((r) => r.cpu_us)), 'µs'),
      note('server memory for each while it waits', median(rows.map((r) => r.bytes_per_request)), 'bytes'),
    );
  return [...all,
    absolute('a visitor hangs up: the upstream of its dew_fetch sees its connection close, slowest of 500', median(hangUps.map((r) => r.max_ms)), 50, 'ms', false, hangUps),
    note('the same, median', median(hangUps.map((r) => r.median_ms)), 'ms'),
  ];
}
