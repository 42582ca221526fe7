// Dew and its peers, measured in one run. See README.md.
//
//     node run.mjs [--only requests,durable] [--rounds 3] [--seconds 4] [--keep] [--priority=-20]
//
// --priority: of everything that is started here, as nice has it; for a machine on which others work meanwhile (below 0: as root).
// Without --only, results are kept in results/ (--keep: with it, too).
import { setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { cleanUp } from './lib/programs.mjs';
import { keep, table } from './lib/report.mjs';

const all = ['rendering', 'requests', 'screen', 'subscribers', 'transfer', 'durable', 'rows', 'waiting', 'ends', 'parts'];
const { values } = parseArgs({ options: {
  only: { type: 'string' }, rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '4' }, keep: { type: 'boolean' },
  priority: { type: 'string', default: '0' },
} });
const names = values.only ? values.only.split(',') : all;
const unknown = names.filter((name) => !all.includes(name));
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds), priority: Number(values.priority) };
if (unknown.length > 0 || !(options.rounds >= 1) || !(options.seconds >= 1)) {
  console.error(`measures: ${all.join(', ')}; rounds and seconds from 1`);
  process.exit(2);
}

setPriority(options.priority);
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => cleanUp().finally(() => process.exit(1)));

const figures = [];
let failed = false;
try {
  for (const name of names) {
    process.stderr.write(`${name} …\n`);
    const { measure } = await import(`./measures/${name}.mjs`);
    try {
      figures.push(...await measure(options));
    } catch (error) {
      failed = true;
      console.error(`${name}: ${error.stack ?? error}`);
    }
  }
} finally {
  await cleanUp();
}
console.log(table(figures));
if (!failed && (!values.only || values.keep))
  console.log(`\nkept in ${keep(figures, options)}`);
const missed = figures.filter((figure) => !figure.met);
for (const figure of missed)
  console.log(`missed: ${figure.what}`);
process.exit(failed ? 1 : 0);
