// One schedule: a room of its own on a running server, some browsers, and a seed that decides who moves next. Threads of the
// server stand at points where the seed wants them to, while everybody else goes on. Nothing waits for time to pass: either for
// the next thing to happen, because something must, or for nothing.
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { Browser } from './browser.mjs';
import { Random } from './random.mjs';
import { SLOTS } from './server.mjs';
import { QUERIES, Truth } from './truth.mjs';

const STEPS = 60;
const GIVE_UP_MS = 30_000; // no schedule takes a tenth of it: one that does hangs
const SHOWS = ['im', 'i-m', 'imjtoc', 'mi', 'j', 'ic', 'o', 'm-o-i', 'tm', 'c', 'it-j', 'oc', 'm-j-c'];

export class World {
  published = 0; // what the counter was at when last published by the program
  poked = 0; // actions of visitors that have published it, too
  pokes = 0; // times that it may have risen
  orphans = []; // mutations of pages that are gone
  #writing = 0;
  #expectations = [];
  #trace = [];
  #failure = null;

  /** @param {import('./server.mjs').Server} server @param {number} room @param {string[]} points @param {number} before items of all rooms */
  constructor(server, seed, room, points, before) {
    this.server = server;
    this.room = String(room);
    this.points = points;
    this.random = new Random(seed);
    this.fraction = this.random.fraction;
    this.truth = new Truth(before);
    this.browsers = Array.from({ length: 1 + this.random.below(4) }, (_, i) => new Browser(this, `b${i}`, i % 2 ? 'odd' : 'even'));
    this.#kept = new Agent({ keepAlive: true, maxSockets: 1 });
  }

  #kept;

  /** Some pages come over a connection that is there, others over a new one, which the next worker in turn gets. */
  agent() {
    return this.random.below(3) ? false : this.#kept;
  }

  /** What the counter has come to, and everybody has been told of. */
  get floor() {
    return Math.max(this.published, this.poked);
  }

  trace(text) {
    this.#trace.push(text);
  }

  /** Of what goes wrong in a handler the schedule hears. */
  guard(run) {
    try {
      run();
    } catch (error) {
      this.#failure ??= error;
      this.server.happened();
    }
  }

  fail(text) {
    this.guard(() => assert.fail(text));
  }

  /** A value was shown as of a commit: compared once all writes are known. `earlier`: what was seen before must be in it. */
  expect(note, letter, who, value, commit, earlier) {
    this.#expectations.push({ note, letter, who, value, commit, earlier, line: this.#trace.length });
  }

  /** Runs the schedule; throws what was wrong, with what led to it. */
  async run() {
    const late = setTimeout(() => this.fail(`hangs: ${this.#standing()}`), GIVE_UP_MS);
    try {
      for (let step = 0; step < STEPS; step++) {
        await this.#act();
        await this.#progress();
      }
      await this.#settle();
      this.#verify();
    } catch (error) {
      error.trace = this.#trace;
      throw error;
    } finally {
      clearTimeout(late);
      for (let slot = 0; slot < SLOTS; slot++) this.server.free(slot);
      for (const browser of this.browsers) {
        if (browser.state === 'live') browser.leave(this.random.below(2) === 0);
        browser.layGhosts();
      }
      this.#kept.destroy();
    }
    return this.truth.before + this.truth.items.length;
  }

  #check() {
    if (this.#failure) throw this.#failure;
  }

  #standing() {
    return JSON.stringify({
      slots: [...this.server.slots], writing: this.#writing, published: this.published, acknowledged: this.truth.acknowledged,
      browsers: this.browsers.map((browser) => ({ name: browser.name, state: browser.state, loading: browser.isLoading,
        connection: browser.connection?.state, reached: browser.reached, owed: browser.owed, calls: browser.calls?.count,
        unanswered: browser.queries?.unanswered, entries: [...(browser.queries?.entries.values() ?? [])] })),
    });
  }

  // ---- moves ----

  async #act() {
    const { random } = this;
    const browser = random.of(this.browsers);
    const weights = this.server.isPaused ? { arm: 3, free: 5, write: 6, publish: 4, browser: 10 } : { arm: 8, free: 1, write: 4, publish: 2, browser: 14 };
    switch (random.weighed(weights)) {
      case 'arm': return this.#arm();
      case 'free': return this.#free();
      case 'write': return this.#write();
      case 'publish': return this.#publish();
      default: return this.#move(browser);
    }
  }

  async #arm() {
    const slot = this.random.below(SLOTS), point = this.random.of(this.points), nth = 1 + this.random.below(2) * this.random.below(3);
    this.trace(`stop ${slot} at ${point}, ${nth}`);
    await this.server.arm(slot, point, nth);
    this.#check();
  }

  #free() {
    const slots = [...this.server.slots].filter(([, { isPaused }]) => isPaused || !this.server.isPaused);
    if (!slots.length) return;
    const [slot, { point }] = this.random.of(slots);
    this.trace(`go on ${slot} ${point}`);
    this.server.free(slot);
  }

  #change() {
    const { items } = this.truth;
    const kind = this.random.weighed({ add: 5, bump: items.length && 4, drop: items.length && 2, nothing: 1 });
    return { kind, id: kind === 'bump' || kind === 'drop' ? this.random.of(items).id : '0' };
  }

  /** By the program: it commits whoever stands, but for the writer's own thread. */
  async #write() {
    const { kind, id } = this.#change();
    let isDone = false;
    this.trace(`writes ${kind} ${id}`);
    this.#writing += 1;
    this.server.write(this.room, kind, id).then((answer) => {
      this.trace(`wrote ${kind} ${answer.id} at ${answer.commit}`);
      this.truth.add(kind, answer);
      this.server.moved('write');
      this.#writing -= 1;
      isDone = true;
      this.server.happened();
    }, (error) => this.fail(error.message));
    while (!isDone && !this.server.isWriterPaused) await this.#event();
  }

  async #publish() {
    this.pokes += 1;
    this.published = await this.server.publish(this.room);
    this.server.moved('publish');
    this.trace(`published ${this.published}`);
  }

  #move(browser) {
    const { random } = this;
    if (browser.state === 'none') return browser.load(random.of(SHOWS));
    if (browser.isLoading && random.below(10) === 0) return browser.stop();
    if (browser.state === 'loading') return undefined;
    switch (random.weighed({ write: 5, poke: 2, lose: 4, time: 3, sleep: 2, go: 4, leave: 1, resume: 2, ghosts: 1 })) {
      case 'write': {
        const { kind, id } = this.#change();
        return browser.write(kind, id);
      }
      case 'poke': return browser.poke();
      case 'lose': return browser.connection.state === 'waiting' ? browser.pass() : browser.lose(random.of(['cut', 'cut', 'ghost', 'pause']));
      case 'time': return browser.connection.state === 'waiting' ? browser.pass() : undefined;
      case 'sleep': return browser.pass(random.of([500, 1000, 10_000, 11_000]));
      case 'go': return browser.isLoading ? undefined : browser.load(random.of(SHOWS), true);
      case 'leave': return browser.leave(random.below(2) === 0);
      case 'resume': return browser.socket.resume();
      default: return browser.layGhosts();
    }
  }

  // ---- waiting ----

  async #event() {
    this.#check();
    await this.server.event();
    this.#check();
  }

  get #isExpecting() {
    return this.#writing > 0 || this.browsers.some((browser) => browser.isExpecting || browser.isBehind);
  }

  /** Lets the world move on, by a little or until somebody stands. */
  async #progress() {
    const { random } = this;
    for (let left = random.below(4); left > 0; left--) {
      if (!this.server.isPaused && this.#isExpecting) await this.#event();
      else await new Promise((resolve) => { setImmediate(resolve); });
      this.#check();
    }
    if (random.below(3)) return;
    while (!this.server.isPaused && this.#isExpecting) await this.#event();
  }

  // ---- the end ----

  /** All go on, all come back, all is answered; then a last write and publish, which everybody has to show. */
  async #settle() {
    this.trace('settles');
    for (let slot = 0; slot < SLOTS; slot++) this.server.free(slot);
    for (const browser of this.browsers) {
      browser.layGhosts();
      if (browser.state === 'none') browser.load(this.random.of(SHOWS));
    }
    while (this.#writing > 0) await this.#event();
    for (const orphan of this.orphans.splice(0)) await this.#adopt(orphan);
    await this.#until(() => this.browsers.every((browser) => browser.isLive && browser.calls.count === 0));
    await this.#write();
    await this.#publish();
    const { acknowledged } = this.truth;
    await this.#until(() => this.browsers.every((browser) => browser.isAt(acknowledged, this.published)));
    for (const browser of this.browsers) browser.show();
    const last = new Browser(this, 'last', 'even');
    last.load('imjtoc');
    while (last.isLoading) await this.#event();
    last.leave(true);
    this.#check();
  }

  /** Time passes where it has to. */
  async #until(isSo) {
    while (!isSo()) {
      for (const browser of this.browsers) browser.nudge();
      await this.#event();
    }
  }

  /** A mutation that nobody waits for any more: sent again it is answered, and done once. */
  async #adopt(orphan) {
    const response = await fetch(`${this.server.url}/_dew/rpc`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(orphan),
    });
    const answer = await response.json();
    assert.equal(response.status, 200, JSON.stringify(answer));
    this.trace(`finds out ${JSON.stringify(orphan)}: ${JSON.stringify(answer)}`);
    this.truth.add(orphan.args.kind, { commit: answer.commit, id: answer.value.id });
  }

  #verify() {
    for (const expectation of this.#expectations) {
      try {
        this.#compare(expectation);
      } catch (error) {
        this.#trace.length = expectation.line; // what followed has nothing to do with it
        throw error;
      }
    }
  }

  #compare({ note, letter, who, value, commit, earlier }) {
    const { truth } = this;
    const at = (number) => QUERIES[letter].is(truth.at(number), { before: truth.before, who });
    assert.deepEqual(value, at(commit), `${note} as of ${commit}`);
    for (const number of earlier) if (number > commit) assert.deepEqual(value, at(number), `${note} as of ${commit} goes back behind ${number}`);
  }
}
