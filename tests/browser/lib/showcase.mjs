// Starts programs of ours and a browser for them. Programs say on standard output where they listen; nothing here waits
// for a time to pass.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const bin = process.env.DEW_BIN ?? new URL('../../../build/release/bin/', import.meta.url).pathname;

/** Starts `program` and resolves once it has printed its address. */
export async function start(program, args = [], options = {}) {
  const child = spawn(join(bin, program), args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code} before it was ready`)));
    child.once('error', reject);
  });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  return {
    url,
    child,
    port: Number(new URL(url).port),
    /** Ends it with a signal and resolves to how it ended. */
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** The showcase on a data folder of its own; `restart` starts it again on the same port and data. */
export async function startShowcase(extra = []) {
  const data = await mkdtemp(join(tmpdir(), 'dew-'));
  let server = await start('showcase', ['--port', '0', '--data', data, ...extra]);
  const { url, port } = server;
  return {
    url,
    port,
    data,
    get child() { return server.child; },
    kill: () => server.end('SIGKILL'),
    async restart() { server = await start('showcase', ['--port', String(port), '--data', data, ...extra]); },
    async stop() {
      const how = await server.end('SIGTERM');
      await rm(data, { recursive: true, force: true });
      return how;
    },
  };
}

export const launch = () => chromium.launch({
  executablePath: process.env.DEW_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--no-first-run', '--disable-default-apps'],
});
