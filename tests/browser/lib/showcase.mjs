// Starts programs of ours and a browser for them. Programs say on standard output where they listen; nothing here waits
// for a time to pass.
//
// A program has to end as it was told to, and silently: another exit code, or a sanitizer's report on standard error (a leak
// at exit among them), fails the test that ends it. One that no test ended fails the file.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const bin = process.env.DEW_BIN ?? new URL('../../../build/release/bin/', import.meta.url).pathname;
/** Whether the browser halves in `bin` are what `dew dev` builds, which say on the console what others leave out. */
export const isDevelopment = process.env.DEW_TEST_DEVELOPMENT === '1';
const REPORT = /ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|: runtime error: /;

const running = new Set();
process.once('exit', () => {
  for (const child of running) {
    child.kill('SIGKILL');
    console.error(`${child.spawnfile} was not ended by its test`);
    process.exitCode = 1;
  }
});

/** Starts `program` and resolves once it has printed its address. `quiet`: what it says on standard error is not shown. */
export async function start(program, args = [], { quiet = false, ...options } = {}) {
  const child = spawn(resolve(bin, program), args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  running.add(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
    if (!quiet) process.stderr.write(text);
  });
  const ended = new Promise((done) => child.once('close', (code, signal) => done({ code, signal })));
  const mend = () => running.delete(child);
  child.once('exit', mend).once('error', mend);
  const url = await new Promise((ready, reject) => {
    createInterface({ input: child.stdout }).once('line', ready);
    ended.then(({ code }) => reject(new Error(`${program} ended with ${code} before it was ready`)));
    child.once('error', reject);
  });
  for (const handle of [child, child.stdout, child.stderr]) handle.unref(); // a test that fails early leaves nothing that waits
  return {
    url,
    child,
    port: Number(new URL(url).port),
    /** Ends it with a signal and resolves to how it ended: killed, or of its own with code 0; anything else is an error. */
    async end(signal = 'SIGTERM') {
      for (const handle of [child, child.stdout, child.stderr]) handle.ref();
      child.kill(signal);
      const how = await ended;
      const isRight = signal === 'SIGKILL' ? how.signal === 'SIGKILL' : how.code === 0;
      if (!isRight || REPORT.test(said)) throw new Error(`${program}, sent ${signal}, ended with ${how.code ?? how.signal}\n${said}`);
      return how;
    },
  };
}

/** The showcase on a data folder of its own; `restart` starts it again on the same port and data. */
export async function startShowcase(extra = [], options = {}) {
  const data = await mkdtemp(resolve(tmpdir(), 'dew-'));
  let server = await start('showcase', ['--port', '0', '--data', data, ...extra], options);
  const { url, port } = server;
  return {
    url,
    port,
    data,
    get child() { return server.child; },
    kill: () => server.end('SIGKILL'),
    async restart() { server = await start('showcase', ['--port', String(port), '--data', data, ...extra], options); },
    async stop() {
      const how = await server.end('SIGTERM');
      await rm(data, { recursive: true, force: true });
      return how;
    },
  };
}

/**
 * What Chromium would do besides that no test looks at: its own interface has pages of its own (what the address bar opens),
 * which are drawn anew at each navigation. The others are those that Playwright turns off: of two such lists the last holds.
 */
const WITHOUT = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup', 'PaintHolding', 'HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable',
  'AvoidUnnecessaryBeforeUnloadCheckSync', 'AvoidCorsURLLoaderRestartOnRedirect', 'DestroyProfileOnBrowserClose', 'ThirdPartyStoragePartitioning',
  'MediaRouter', 'LensOverlay', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled', 'PreconnectToSearch'];

/** A browser. The driver is asked for here, so that tests without one run on the Node that Debian 12 has (18). @param {string[]} args */
export const launch = async (...args) => (await import('playwright-core')).chromium.launch({
  executablePath: process.env.DEW_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--no-first-run', '--disable-default-apps', `--disable-features=${WITHOUT}`, ...args],
});
