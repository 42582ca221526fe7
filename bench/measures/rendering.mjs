// Rendering alone: a list of 50 rows and a table of 1,000, from memory to HTML in one buffer, in turn on one core.
import { join } from 'node:path';
import { median, note, ratio } from '../lib/figures.mjs';
import { benchDir, bin, run, serverCore } from '../lib/programs.mjs';

const pages = [['list', 'rendering alone, 50 rows'], ['table', 'rendering alone, 1,000 rows']];

export async function measure({ rounds }) {
  const peer = { preact: { list: [], table: [] }, react: { list: [], table: [] } }, dew = { list: [], table: [] };
  const onCore = { core: serverCore };
  for (let round = 0; round < rounds; round++) {
    for (const line of (await run(join(bin, 'bench_ssr'), [], onCore)).trim().split('\n')) {
      const [page, , , nanoseconds] = line.split(' ');
      dew[page].push(Number(nanoseconds) / 1000);
    }
    for (const line of (await run(process.execPath, [join(benchDir, 'peers/ssr.mjs')], onCore)).trim().split('\n')) {
      const [library, page, , nanoseconds] = line.split(' ');
      peer[library][page].push(Number(nanoseconds) / 1000);
    }
  }
  return pages.flatMap(([page, what]) => [
    ratio(`${what}, against preact-render-to-string`, 15, 'µs', dew[page], peer.preact[page], {}, false),
    { ...note(`${what}, against react-dom/server`, median(dew[page]), 'µs'),
      peer: `${median(peer.react[page]).toFixed(0)} µs`, unit: '×', value: median(peer.react[page]) / median(dew[page]) },
  ]);
}
