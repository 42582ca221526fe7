// The program under test (tests/apps/schedule): started, told what to do, and heard. Every word of it wakes who waits for
// anything to happen.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const bin = process.env.DEW_BIN ?? new URL('../../../build/release/bin/', import.meta.url).pathname;
export const SLOTS = 3;
export const WRITER = ['app.STAMPED', 'app.VISIBLE', 'app.TOLD'];

export class Server {
  /** @type {Map<number, { point: string, isPaused: boolean }>} */
  slots = new Map();
  /** Of all schedules: how often somebody stood at a point, and what was done meanwhile.
   * @type {Record<string, { stood: number, write: number, publish: number }>} */
  counts = {};
  ended = null;
  #waiting = new Map();
  #n = 0;
  #wake = () => {};

  static async start() {
    const server = new Server();
    server.data = await mkdtemp(join(tmpdir(), 'dew-'));
    server.child = spawn(join(bin, 'schedule'), [server.data], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: server.child.stdout });
    server.url = await new Promise((resolve, reject) => {
      lines.once('line', resolve);
      server.child.once('error', reject);
      server.child.once('exit', (code, signal) => reject(new Error(`schedule ended with ${code ?? signal}`)));
    });
    server.exit = new Promise((resolve) => server.child.once('exit', (code, signal) => {
      server.ended = code ?? signal;
      server.happened();
      resolve(server.ended);
    }));
    server.child.stdin.on('error', () => {});
    lines.on('line', (line) => server.#heard(line));
    return server;
  }

  /** Ends it by its input; resolves to its exit code. */
  async stop() {
    this.child.stdin.end();
    const how = await this.exit;
    await rm(this.data, { recursive: true, force: true });
    return how;
  }

  #count(point) {
    return (this.counts[point] ??= { stood: 0, write: 0, publish: 0 });
  }

  /** A write was acknowledged, or a publish was made. @param {'write' | 'publish'} what */
  moved(what) {
    for (const { point, isPaused } of this.slots.values()) if (isPaused) this.#count(point)[what] += 1;
  }

  /** Something happened, here or on a connection. */
  happened() {
    this.#wake();
  }

  /** Resolves with the next thing that happens. */
  event() {
    if (this.ended !== null) throw new Error(`the server ended with ${this.ended}`);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  get isPaused() {
    return [...this.slots.values()].some((slot) => slot.isPaused);
  }

  get isWriterPaused() {
    return [...this.slots.values()].some((slot) => slot.isPaused && WRITER.includes(slot.point));
  }

  /** The n-th thread that passes the point from now on stands there. */
  async arm(slot, point, nth) {
    this.slots.set(slot, { point, isPaused: false });
    await this.#say(`armed ${slot}`, `arm ${slot} ${nth} ${point}`);
  }

  free(slot) {
    this.slots.delete(slot);
    this.child.stdin.write(`free ${slot}\n`);
  }

  /** A mutation by the program itself. @returns {Promise<{ commit: number, id: string }>} */
  async write(room, kind, id) {
    const n = ++this.#n;
    const [code, commit, given] = await this.#say(`wrote ${n}`, `write ${n} ${kind} ${id} ${room}`);
    if (code !== '0') throw new Error(`write: ${code}`);
    return { commit: Number(commit), id: given };
  }

  async publish(room) {
    const n = ++this.#n;
    const [code, number] = await this.#say(`published ${n}`, `publish ${n} ${room}`);
    if (code !== '0') throw new Error(`publish: ${code}`);
    return Number(number);
  }

  #say(answer, line) {
    this.child.stdin.write(`${line}\n`);
    return new Promise((resolve) => this.#waiting.set(answer, resolve));
  }

  #heard(line) {
    const [word, n, ...rest] = line.split(' ');
    if (word === 'paused') {
      const slot = this.slots.get(Number(n)), point = rest.join(' ');
      if (slot && slot.point === point) slot.isPaused = true; // else it was freed meanwhile
      this.#count(point).stood += 1;
    } else {
      const answer = `${word} ${n}`;
      const resolve = this.#waiting.get(answer);
      if (!resolve) throw new Error(`the program said: ${line}`);
      this.#waiting.delete(answer);
      resolve(rest);
    }
    this.happened();
  }
}
