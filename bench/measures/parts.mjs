// Single parts, from the inside, without a target: to see where time goes when something above moves.
import { join } from 'node:path';
import { note } from '../lib/figures.mjs';
import { bin, run, serverCore } from '../lib/programs.mjs';

const programs = ['bench_fiber', 'bench_json', 'bench_http_parse'];

export async function measure() {
  const figures = [];
  for (const program of programs)
    for (const line of (await run(join(bin, program), [], { core: serverCore })).trim().split('\n')) {
      const words = line.split(' ');
      figures.push(note(words[0].replaceAll('_', ' '), Number(words.at(-1)), 'ns'));
    }
  return figures;
}
