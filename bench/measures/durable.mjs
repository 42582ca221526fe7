// Mutations that are acknowledged after their fsync, 64 clients; and what the disk can do, in turn.
import { absolute, median, note } from '../lib/figures.mjs';
import { makeFolder, runJson, serverCore, startDew } from '../lib/programs.mjs';

export async function measure({ rounds, seconds }) {
  const dew = await startDew('bench');
  const folder = await makeFolder();
  const disk = [], mutations = [];
  for (let round = 0; round < rounds; round++) {
    disk.push(await runJson('bench_fsync', [folder, 1], { core: serverCore }));
    mutations.push(await runJson('bench_durable', [dew.port, 64, seconds]));
  }
  await dew.stop();
  const fsyncs = median(disk.map((r) => r.per_second));
  return [
    absolute('durable mutations, 64 clients', median(mutations.map((r) => r.per_second)), Math.min(10_000, Math.floor(20 * fsyncs)), '/s', true,
      { mutations, disk }),
    note('fdatasync of 4 KB that this disk can do', fsyncs, '/s'),
  ];
}
