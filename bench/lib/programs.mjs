// Starts the programs that are measured and those that measure, each pinned to one core, and ends them all.
// A server says on standard output where it listens; nothing here waits for a time to pass.
import { execFile, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const benchDir = fileURLToPath(new URL('..', import.meta.url));
export const bin = process.env.DEW_BIN ?? join(benchDir, '../build/release/bin');
/** On the same disk as the repository, not on one that is memory. */
const workDir = join(benchDir, '../build/bench');

export const serverCore = 0;
export const clientCore = 1;
/** No program that measures runs longer. */
const programMs = 120_000;

const running = new Set();
const folders = new Set();
const exec = promisify(execFile);

const pinned = (core, program, args) => ['taskset', ['-c', String(core), program, ...args]];

/** A folder of its own for a server's data, gone at the end. */
export async function makeFolder() {
  await mkdir(workDir, { recursive: true });
  const folder = await mkdtemp(join(workDir, 'data-'));
  folders.add(folder);
  return folder;
}

/**
 * Starts a server on the servers' core, or another; resolves once it has printed its address.
 * @param {string} program @param {string[]} args @param {number} [core]
 */
export async function startServer(program, args, core = serverCore) {
  const [command, whole] = pinned(core, program, args);
  const child = spawn(command, whole, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve)).finally(() => running.delete(child));
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code} before it was ready`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid, /* taskset has become the program */
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** One of Dew's applications, one worker, on fresh data. */
export const startDew = async (name, extra = [], core = serverCore) =>
  startServer(join(bin, name), ['--port', '0', '--workers', '1', '--data', await makeFolder(), ...extra], core);

export const startHono = () => startServer(process.execPath, [join(benchDir, 'peers/hono.mjs')]);

/** nginx with one worker serving `body` at /plain as a static file, set for speed. */
export async function startNginx(body) {
  const folder = await makeFolder();
  const port = await freePort();
  await writeFile(join(folder, 'plain'), body);
  const isRoot = process.getuid?.() === 0;
  await writeFile(join(folder, 'nginx.conf'), `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/log crit; ${isRoot ? 'user root;' : ''}
    events { worker_connections 1024; multi_accept on; }
    http {
      access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; server_tokens off;
      keepalive_timeout 600; keepalive_requests 1000000000;
      open_file_cache max=100; open_file_cache_valid 600s; default_type "text/html; charset=utf-8";
      client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      server { listen 127.0.0.1:${port} reuseport; root ${folder}; }
    }`);
  const [command, args] = pinned(serverCore, 'nginx', ['-e', join(folder, 'log'), '-c', join(folder, 'nginx.conf')]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  running.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve)).finally(() => running.delete(child));
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/plain`);
  return { url, port, pid: child.pid, async stop() { child.kill('SIGTERM'); await ended; } };
}

async function freePort() {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}

/** nginx does not say when it is ready: ask until it answers. */
async function answering(url) {
  for (let tries = 0; tries < 200; tries++) {
    try {
      const answer = await fetch(url);
      await answer.text();
      if (answer.ok)
        return;
      throw new Error(`${url}: ${answer.status}`);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  throw new Error(`${url} does not answer`);
}

/** Runs a program to its end on a core; what it printed. */
export async function run(program, args, { core = clientCore, env = {} } = {}) {
  const [command, whole] = pinned(core, program, args);
  const { stdout } = await exec(command, whole, { timeout: programMs, env: { ...process.env, ...env }, maxBuffer: 1 << 24 });
  return stdout;
}

/** A program of bench/c that prints one JSON object. */
export const runJson = async (name, args, options) => JSON.parse(await run(join(bin, name), args.map(String), options));

/** Requests a second that wrk gets from a URL; an answer that is not 2xx is an error. */
export async function wrk(url, { seconds, script, env } = {}) {
  const out = await run('wrk', ['-t1', '-c64', `-d${seconds}s`, ...(script ? ['-s', script] : []), url], { env });
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(out), bad = /Non-2xx.*|Socket errors.*/.exec(out);
  if (bad || !rate)
    throw new Error(`wrk ${url}: ${bad ? bad[0] : out}`);
  return { rate: Number(rate[1]), requests: Number(/(\d+) requests in/.exec(out)[1]) };
}

/** Processor time that a process and its children have had so far, in nanoseconds: unlike the time on the wall, other programs on
 * the core hardly change it. */
export function cpuNs(pid) {
  let sum = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean))
      sum += cpuNs(child);
  }
  return sum;
}

/** A number from the server's Prometheus text. */
export async function metric(url, name) {
  const text = await (await fetch(`${url}/_dew/metrics`)).text();
  const line = new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text);
  if (!line)
    throw new Error(`${url}/_dew/metrics has no ${name}`);
  return Number(line[1]);
}

/** Ends what is still running and removes the data folders. */
export async function cleanUp() {
  for (const child of running) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM'); /* a killed nginx would leave its worker behind */
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }
  for (const folder of folders)
    await rm(folder, { recursive: true, force: true });
  folders.clear();
}
