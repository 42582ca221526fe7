// Many subscribers of one query: the last byte of a write, and the memory of an idle one.
import { absolute, median, note } from '../lib/figures.mjs';
import { runJson, startDew } from '../lib/programs.mjs';

export async function measure({ rounds }) {
  const idle = [], fanout = [];
  for (let round = 0; round < rounds; round++) {
    const first = await startDew('bench');
    idle.push(await runJson('bench_fanout', [first.port, first.pid, 5000, 0]));
    await first.stop();
    const second = await startDew('bench');
    fanout.push(await runJson('bench_fanout', [second.port, second.pid, 2000, 100]));
    await second.stop();
  }
  return [
    absolute('2,000 subscribers, one write: last byte delivered, p99', median(fanout.map((r) => r.p99_ms)), 40, 'ms', false, fanout),
    note('the same, median', median(fanout.map((r) => r.median_ms)), 'ms'),
    absolute('memory of an idle subscribed connection', median(idle.map((r) => r.bytes_per_connection)), 4096, 'bytes', false, idle),
    note('the same after 100 writes to 2,000', median(fanout.map((r) => r.bytes_after_writes)), 'bytes'),
  ];
}
