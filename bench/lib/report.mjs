// Where figures go: the terminal, bench/results/<date>-<machine>.json, bench/results/latest.md, and README's short table.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { amount } from './figures.mjs';
import { benchDir } from './programs.mjs';

const versionOf = (program, args) => {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim().split('\n')[0];
  } catch {
    return '';
  }
};

const packages = () => {
  const lock = JSON.parse(readFileSync(join(benchDir, 'package-lock.json'), 'utf8'));
  return Object.fromEntries(Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/'))
    .map(([path, info]) => [path.slice('node_modules/'.length), info.version]));
};

/** What it was measured on. */
export function machine() {
  const cpu = cpus()[0].model.replace(/\s+/g, ' ').trim();
  return {
    cpu,
    cores: cpus().length,
    memory_mb: Math.round(totalmem() / 2 ** 20),
    system: `${type()} ${release()} ${arch()}`,
    compiler: versionOf('cc', ['--version']),
    node: process.version,
    nginx: versionOf('sh', ['-c', 'nginx -v 2>&1']),
    chromium: versionOf('chromium', ['--version']),
    packages: packages(),
    name: `${cpu.toLowerCase().replace(/\([^)]*\)/g, '').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')}-${cpus().length}-cores`,
  };
}

const aim = (figure) => (figure.target === null ? '' : `${figure.atLeast ? '≥' : '≤'} ${amount(figure.target, figure.unit)}`);
const got = (figure) => (figure.unit === '×' ? amount(figure.value, '×') : '');
const verdict = (figure) => (figure.target === null ? '' : figure.met ? 'yes' : '**no**');

/** @param {import('./figures.mjs').Figure[]} figures */
export function table(figures) {
  const rows = figures.map((f) => `| ${f.what} | ${f.dew} | ${f.peer} | ${got(f)} | ${aim(f)} | ${verdict(f)} |`);
  return ['| measure | Dew | peer | ratio | aim | reached |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

/** Replaces what stands between the markers <!-- bench --> and <!-- /bench --> of README.md. */
function writeReadme(figures, when, where) {
  const path = join(benchDir, '../README.md');
  const before = readFileSync(path, 'utf8');
  const rows = figures.filter((f) => f.target !== null)
    .map((f) => `| ${f.what} | ${f.peer ? `${f.dew} (peer: ${f.peer}; ${got(f)})`.trim() : f.dew} | ${aim(f)} |`);
  const text = ['<!-- bench -->', '| measure | Dew | aim |', '|---|---|---|', ...rows, '',
    `Measured ${when} on ${where.cores} cores of ${where.cpu}, one for the server and one for the client (rows: both for the browser); a ratio is the median of the rounds’: [bench/README.md](bench/README.md).`,
    '<!-- /bench -->'].join('\n');
  const after = before.replace(/<!-- bench -->[^]*<!-- \/bench -->/, () => text);
  if (after !== before)
    writeFileSync(path, after);
}

/** Keeps a whole run. */
export function keep(figures, options) {
  const where = machine();
  const when = new Date().toISOString().slice(0, 10);
  const commit = versionOf('git', ['-C', benchDir, 'rev-parse', '--short', 'HEAD']);
  const results = join(benchDir, 'results');
  mkdirSync(results, { recursive: true });
  const file = `${when}-${where.name}.json`;
  writeFileSync(join(results, file), `${JSON.stringify({ when, commit, options, machine: where, figures }, null, 1)}\n`);
  writeFileSync(join(results, 'latest.md'), `# Figures of ${when}\n\nCommit ${commit}, ${where.cores} cores of ${where.cpu}, ${where.system}; ` +
    `all of it: [${file}](${file}). How and what: [../README.md](../README.md).\n\n${table(figures)}\n`);
  writeReadme(figures, when, where);
  return join(results, file);
}
