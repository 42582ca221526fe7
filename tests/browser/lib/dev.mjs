// An installation of this build, and `dew dev` run from it in a folder of its own. Nothing here waits for a time to pass: what
// dew says and what its pages show tell how far it is.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bin } from './showcase.mjs';

const release = new URL('../../../build/release/', import.meta.url).pathname;
const REPORT = /ERROR: \w+Sanitizer|: runtime error: /;

/** For ccache, so that what was compiled with an installation in one folder serves one in another. @param {string} prefix */
const environment = (prefix) => ({ ...process.env, CCACHE_BASEDIR: prefix, CCACHE_NOHASHDIR: '1' });

/** Installs into an empty prefix. The library is that of the release build, which applications are linked with; the command is
 * the one under test. */
export function install() {
  const folder = mkdtempSync(join(tmpdir(), 'dew-dev-'));
  const prefix = join(folder, 'dew');
  execFileSync('cmake', ['--install', release, '--prefix', prefix], { stdio: 'pipe' });
  if (resolve(bin) !== resolve(release, 'bin')) copyFileSync(resolve(bin, 'dew'), join(prefix, 'bin/dew'));
  const dew = join(prefix, 'bin/dew');
  return {
    folder,
    dew,
    /** Runs a command to its end. */
    run(args, cwd = folder) {
      const child = spawn(dew, args, { cwd, env: environment(prefix), stdio: ['ignore', 'pipe', 'pipe'] });
      const said = { out: '', error: '' };
      child.stdout.setEncoding('utf8').on('data', (text) => { said.out += text; });
      child.stderr.setEncoding('utf8').on('data', (text) => { said.error += text; });
      return new Promise((done) => child.once('close', (code) => {
        if (REPORT.test(said.error)) throw new Error(said.error);
        done({ code, ...said });
      }));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Processes that a process has started, and theirs. @param {number} pid @returns {number[]} */
export function descendants(pid) {
  let children = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch { /* it has ended */ }
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Every process whose command line names the folder. @param {string} folder */
export const processesOf = (folder) => readdirSync('/proc').filter((name) => {
  if (!/^\d+$/.test(name)) return false;
  try {
    return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`${folder}/`);
  } catch {
    return false;
  }
}).map(Number);

const running = new Set();

/** Ends those that a failed test has left. */
export function endAll() {
  for (const child of running) child.kill('SIGINT');
}

/** `dew dev` in a folder. @param {string} dew @param {string} cwd @param {string[]} args */
export function startDev(dew, cwd, args = []) {
  const env = environment(resolve(dew, '../..'));
  const child = spawn(dew, ['dev', '--port', '0', ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  /** @type {Set<() => void>} */
  const waiting = new Set();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
      for (const look of [...waiting]) look();
    });
  }
  const ended = new Promise((done) => child.once('close', (code) => {
    running.delete(child);
    done(code);
  }));
  return {
    child,
    get said() { return said; },
    /** Forgets what was said so far. */
    mark() { said = ''; },
    /** Resolves to the match once it was said. @param {RegExp} what @returns {Promise<RegExpMatchArray>} */
    says(what) {
      return new Promise((done, fail) => {
        const look = () => {
          const found = said.match(what);
          if (!found) return;
          waiting.delete(look);
          done(found);
        };
        waiting.add(look);
        look();
        ended.then(() => fail(new Error(`dew dev ended, and did not say ${what}:\n${said}`)));
      });
    },
    /** Ends it; its exit code. */
    async end(signal = 'SIGINT') {
      child.kill(signal);
      const code = await ended;
      if (REPORT.test(said)) throw new Error(said);
      return code;
    },
  };
}

/** Changes a file as an editor saves it. @param {string} path @param {string} from @param {string} to */
export function edit(path, from, to) {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
}
