// One browser's tab: a page loaded over HTTP, and from then on the modules of client/ as client/main.js joins them, over a
// connection that can fail. Where the wasm program would render, what shows is noted and judged.
//
//   none ──load──→ loading ──page──→ live ──leave──→ none
//
// Time is the schedule's: nothing goes off until pass() says so.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { createCalls } from '../../../client/calls.js';
import { openConnection } from '../../../client/connection.js';
import { createQueries } from '../../../client/queries.js';
import { createScreen } from '../../../client/screen.js';
import { createSession } from '../../../client/session.js';
import { Transport } from './transport.mjs';
import { argsOf, QUERIES } from './truth.mjs';

const STATE = 'application/vnd.dew.state+json';
const PASSING = ['TIMEOUT', 'BUSY']; // a run that a pause held up for too long

const isAtMost = (a, b) => BigInt(a[0]) <= BigInt(b[0]) && BigInt(a[1]) <= BigInt(b[1]);

/** What the HTML shows, as the page's own queries would have it (schedule.c). */
function textOf(letter, value) {
  switch (letter) {
    case 'i': return value.map((item) => `${item.id}.${item.version}`).join();
    case 'j': return `${value.number} ${value.writes}`;
    case 'o': return `${value.writes} ${value.who}`;
    case 'c': return value.number;
    default: return value.writes;
  }
}

function textIn(html, fn) {
  const [, inner] = html.match(new RegExp(`id="${fn}">(.*?)</(?:ul|p)>`)) ?? [];
  return fn === 'items' ? [...(inner ?? '').matchAll(/<li>(.*?)<\/li>/g)].map((item) => item[1]).join() : inner;
}

export class Browser {
  state = 'none';
  #timers = new Map();
  #now = 1000;
  #lastTimer = 0;
  #life = 0; // counts pages
  #seen = {}; // letter → { at, number } last shown
  #ghosts = [];
  #mutations = new Set(); // ids of calls that a frame is owed for
  #isResuming = false; // connected, and not all answered: what shows is held back
  #seq = 0; // of the page's last mutation
  #unanswered = new Map(); // seq → arguments of a write

  /** @param {import('./world.mjs').World} world @param {string} name */
  constructor(world, name, who) {
    this.world = world;
    this.name = name;
    this.who = who;
    this.clock = {
      now: () => this.#now,
      set: (run, ms) => {
        this.#timers.set(++this.#lastTimer, { run, at: this.#now + ms });
        return this.#lastTimer;
      },
      clear: (timer) => this.#timers.delete(timer),
    };
  }

  /** Time passes: as long as `ms`, or until the next timer goes off. */
  pass(ms) {
    const next = () => [...this.#timers].sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
    const until = ms === undefined ? next()?.[1].at : this.#now + ms;
    for (let timer = next(); timer && timer[1].at <= until; timer = next()) {
      this.#now = Math.max(this.#now, timer[1].at);
      this.#timers.delete(timer[0]);
      this.trace(`a timer goes off at ${this.#now}`);
      this.#isResuming = false; // it may be the one that ends the holding back
      timer[1].run();
    }
    if (until !== undefined) this.#now = Math.max(this.#now, until);
    this.queries?.sweep();
  }

  trace(text) {
    this.world.trace(`${this.name}: ${text}`);
  }

  // ---- pages ----

  /** Loads a page, or in one that lives goes on to another. What it shows in the end is checked. */
  load(show, isNavigation = false) {
    const life = isNavigation ? this.#life : ++this.#life;
    const { world } = this;
    const url = `${world.server.url}/room/${world.room}/${show}`;
    const before = { commit: world.truth.acknowledged, number: world.floor, seen: structuredClone(this.#seen), moment: this.queries?.moment };
    this.trace(`${isNavigation ? 'goes on to' : 'loads'} ${show}`);
    this.state = isNavigation ? 'live' : 'loading';
    this.isLoading = true;
    const headers = { cookie: `who=${this.who}`, ...(isNavigation ? { accept: STATE } : {}) };
    this.request = get(url, { agent: world.agent(), headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => { body += text; });
      response.on('end', () => world.guard(() => {
        if (life !== this.#life || !this.isLoading) return;
        this.isLoading = false;
        assert.equal(response.statusCode, 200, body);
        this.#arrived(show, body, before, isNavigation);
        world.server.happened();
      }));
    });
    this.request.on('error', () => {});
  }

  /** Stops loading. */
  stop() {
    this.trace('stops loading');
    this.isLoading = false;
    this.request.destroy();
    if (this.state === 'loading') this.state = 'none';
  }

  #arrived(show, body, before, isNavigation) {
    const letters = [...new Set(show.replaceAll('-', ''))];
    const state = JSON.parse(isNavigation ? body : body.match(/id="dew-state">(.*?)<\/script>/)[1]);
    this.trace(`page at ${state.commit}: ${JSON.stringify(state.queries.map(({ fn, at, value }) => [fn, at, value]))}`);
    assert.deepEqual(state.queries.map(({ fn }) => fn).sort(), letters.map((letter) => QUERIES[letter].fn).sort());
    for (const letter of letters) {
      const { at, value } = state.queries.find(({ fn }) => fn === QUERIES[letter].fn);
      if (!isNavigation) assert.equal(textIn(body, QUERIES[letter].fn), textOf(letter, value), `${this.name}: the HTML and its state`);
      if (letter !== 'c') assert.equal(at[0], state.commit, `${this.name}: ${QUERIES[letter].fn} at the page's cut`);
      this.#judge(letter, value, state.commit, 'the page', before);
    }
    this.letters = letters;
    if (isNavigation) {
      this.isMixed = true; // the page's values beside those that came meanwhile
      this.queries.load(state, before.moment);
      this.#render();
    } else {
      this.#start(state);
    }
  }

  #start(state) {
    this.state = 'live';
    const send = (message) => {
      this.#sending(message);
      this.connection.send(JSON.stringify(message));
    };
    const screen = createScreen(() => this.world.guard(() => {
      assert.ok(!this.#isResuming, `${this.name}: renders before all is answered`);
      this.#render();
    }), this.clock);
    this.queries = createQueries({ send, changed: screen.schedule, tell: (text) => this.world.fail(`${this.name} is told: ${text}`), clock: this.clock });
    this.calls = createCalls({ send, ended: (from, answer) => this.world.guard(() => from(answer)) });
    this.isMixed = false;
    this.#mutations.clear();
    this.#seq = 0;
    this.queries.load(state);
    this.#render();
    this.session = `${this.world.room}-${this.name}-${this.#life}`; // the page's name as a client
    const session = createSession({
      hello: { build: state.build, client: this.session, tab: this.name },
      send, queries: this.queries, calls: this.calls, hold: screen.hold, clock: this.clock,
      stands: () => {},
      lost: (how) => (how === 'denied' || how === 'reload') && this.world.fail(`${this.name}: ${how}`),
    });
    const { received, opened, changed } = session;
    const life = this.#life;
    session.opened = () => {
      opened();
      this.#isResuming = this.queries.unanswered > 0;
    };
    session.changed = (state) => {
      this.#isResuming = false;
      changed(state);
    };
    session.received = (text) => this.world.guard(() => {
      const message = JSON.parse(text);
      this.#receiving(message, text);
      received(text);
      if (life === this.#life) this.#received(message);
      this.world.server.happened();
    });
    this.connection = openConnection({
      url: `${this.world.server.url.replace('http', 'ws')}/_dew/ws`,
      session,
      transport: (url) => this.#dial(url),
      clock: this.clock,
      random: this.world.fraction,
    });
  }

  #dial(url) {
    const socket = new Transport(url, `who=${this.who}`);
    this.trace('dials');
    this.socket = socket;
    this.reached = 0; // the cut of this connection
    this.owed = 0;
    // the connection sets its own handlers next
    queueMicrotask(() => {
      const { onopen, onclose } = socket;
      socket.onopen = (event) => { this.trace('open'); onopen(event); this.world.server.happened(); };
      socket.onclose = (event) => {
        this.trace(`closed ${event.code}`);
        if (event.code >= 1002 && ![1006, 1013].includes(event.code)) this.world.fail(`${this.name}: closed with ${event.code}`);
        onclose(event);
        this.world.server.happened();
      };
    });
    return socket;
  }

  /** A mutation by the visitor. */
  write(kind, id) {
    const args = { room: this.world.room, kind, id }, seq = String(++this.#seq);
    this.#unanswered.set(seq, args);
    this.calls.add('write', true, args, (answer) => {
      assert.equal(answer.error, undefined, `${this.name}: write: ${answer.error?.message}`);
      this.#unanswered.delete(seq);
      this.world.truth.add(kind, { commit: answer.commit, id: answer.value.id });
    });
  }

  /** An action by the visitor: the counter rises. */
  poke() {
    this.world.pokes += 1;
    this.calls.add('poke', false, { room: this.world.room }, ({ error }) => {
      assert.ok(!error || error.code === 'CLOSED', `${this.name}: poke: ${error?.message}`);
      if (!error) this.world.poked += 1;
    });
  }

  /** Leaves the page. Of mutations without an answer the world finds out what has become of them. */
  leave(isAbrupt) {
    this.trace(isAbrupt ? 'is killed' : 'leaves');
    for (const [seq, args] of this.#unanswered) this.world.orphans.push({ fn: 'write', args, client: this.session, seq });
    this.#unanswered.clear();
    if (isAbrupt) this.socket?.cut();
    this.connection?.close();
    this.connection = undefined;
    this.state = 'none';
    this.isLoading = false;
    this.request.destroy();
    this.#life += 1;
    this.#timers.clear();
    this.queries = undefined;
  }

  // ---- the connection ----

  /** The network fails in a way of its own. */
  lose(how) {
    this.trace(`loses its connection: ${how}`);
    if (how === 'cut') return this.socket.cut();
    if (how === 'ghost') {
      this.#ghosts.push(this.socket);
      return this.socket.leave();
    }
    this.socket.pause();
  }

  /** Sockets that the server still believes in end. */
  layGhosts() {
    for (const ghost of this.#ghosts.splice(0)) ghost.cut();
  }

  #sending(message) {
    this.trace(`→ ${JSON.stringify(message)}`);
    if (message.seq) this.#mutations.add(message.id);
    if (message.type !== 'subscribe' || message.have) return;
    const entry = [...this.queries.entries.values()].find(({ id }) => id === message.id);
    assert.ok(!entry || entry.value === undefined || !entry.hash, `${this.name}: ${entry?.fn} had to be repaired`);
  }

  /** What a client can tell of the server's message, before it is applied (docs/protocol.md §3). */
  #receiving(message, text) {
    this.trace(`← ${text}`);
    if (message.type === 'error') this.world.fail(`${this.name}: ${text}`);
    if (message.error && !PASSING.includes(message.error.code)) this.world.fail(`${this.name}: ${text}`);
    if (message.type !== 'frame') return;
    assert.ok(Number(message.to) >= this.reached, `${this.name}: a frame to ${message.to} after ${this.reached}`);
    const stands = new Map(); // several steps of a query may come in one frame
    for (const change of message.changes ?? []) {
      if (change.error && !PASSING.includes(change.error.code)) this.world.fail(`${this.name}: ${text}`);
      const entry = [...this.queries.entries.values()].find(({ query, answered }) => query === change.query && answered);
      if (!entry || change.error) continue;
      const at = stands.get(entry) ?? entry.at;
      assert.ok(isAtMost(change.from, at), `${this.name}: ${entry.fn} at ${at} has missed a step to ${change.from}`);
      assert.ok(!isAtMost(change.to, at), `${this.name}: ${entry.fn} at ${at} gets ${change.to} twice`);
      stands.set(entry, change.to);
    }
  }

  #received(message) {
    if (message.type === 'frame') this.reached = Number(message.to);
    this.#isResuming &&= this.queries.unanswered > 0;
    if (this.queries.unanswered) this.isMixed = true; // also when no more answers come, because the connection is lost
    if (message.type === 'answer' && this.#mutations.has(message.id)) this.owed = Math.max(this.owed, Number(message.commit));
  }

  // ---- what shows ----

  #render() {
    if (!this.queries) return;
    const entries = new Map();
    this.queries.beginPass();
    for (const letter of this.letters) entries.set(letter, this.queries.use(QUERIES[letter].fn, argsOf(letter, this.world.room), QUERIES[letter].key));
    this.queries.endPass();
    if (this.isLive) this.isMixed = false; // all is answered: one cut from now on
    const standing = [...entries].filter(([letter, entry]) => letter !== 'c' && !entry.failing && !entry.error);
    const cut = standing.map(([, entry]) => Number(entry.at[0])).reduce((a, b) => Math.max(a, b), 0);
    for (const [letter, entry] of entries) {
      assert.notEqual(entry.value, undefined, `${this.name}: ${entry.fn} has been forgotten`);
      const isOne = !this.isMixed && !this.queries.unanswered && standing.some(([other]) => other === letter);
      this.#judge(letter, entry.value, isOne ? cut : entry.at[0], isOne ? 'what shows' : entry.fn);
    }
  }

  /** Of a value that is shown as of a commit: now what can be told now, the rest once all writes are known. A page is compared
   * with what was so when it was asked for: `before`. */
  #judge(letter, value, commit, what, before) {
    const query = QUERIES[letter], seen = (before?.seen ?? this.#seen)[letter] ?? { commit: 0, number: 0, floor: 0 };
    const { world, who, name } = this;
    const note = what === query.fn ? `${name}: ${what}` : `${name}: ${what}: ${query.fn}`;
    const now = { commit: Number(commit), number: query.number?.(value) ?? 0, floor: world.floor };
    if (query.number) {
      // what was seen between a change and its publish may go once more
      assert.ok(now.number >= Math.min(seen.number, seen.floor), `${note} goes back from ${seen.number} to ${now.number}`);
      assert.ok(now.number >= (before?.number ?? 0), `${note}: ${now.number} lacks what was published before (${before?.number})`);
      assert.ok(now.number <= world.pokes, `${note} counts ${now.number} of ${world.pokes}`);
    }
    if (query.of) world.expect(note, letter, who, query.of(value), now.commit, [seen.commit, before?.commit ?? 0]);
    if (!before) this.#seen[letter] = now; // a page has not been shown yet
  }

  // ---- how it stands ----

  get isLive() {
    return this.state === 'live' && this.connection?.state === 'open' && this.queries.unanswered === 0;
  }

  /** Something of it will happen by itself, if nobody stands in its way. */
  get isExpecting() {
    if (this.isLoading) return true;
    if (this.state !== 'live' || this.socket.isPaused) return false;
    if (this.connection.state === 'connecting') return true;
    return this.connection.state === 'open' && (this.queries.unanswered > 0 || this.calls.count > 0 || this.reached < this.owed);
  }

  /** Something that it shows has changed, and will come. */
  get isBehind() {
    if (!this.isLive || this.socket.isPaused) return false;
    const { acknowledged } = this.world.truth;
    return [...this.queries.entries.values()].some(({ fn, at, value, id }) => id
      && ((['marks', 'joint', 'mine'].includes(fn) && Number(at[0]) < acknowledged)
        || (['counter', 'joint'].includes(fn) && Number(value.number) < this.world.published)));
  }

  /** What waits for time to pass goes on. */
  nudge() {
    if (this.state !== 'live') {
      if (this.state === 'none') this.load('im');
      return;
    }
    if (this.socket.isPaused) this.socket.resume();
    const isRefused = [...this.queries.entries.values()].some(({ id, error }) => error && !id);
    if (this.connection.state === 'waiting' || isRefused) this.pass();
  }

  /** Looks at what shows once more. */
  show() {
    this.#render();
  }

  /** Shows everything up to a commit and a count, and is owed nothing. */
  isAt(commit, number) {
    if (!this.isLive || this.calls.count > 0 || this.reached < this.owed) return false;
    return this.letters.every((letter) => {
      const query = QUERIES[letter], { value, at, failing } = this.queries.use(query.fn, argsOf(letter, this.world.room), query.key);
      return !failing && (letter === 'c' || Number(at[0]) >= commit) && (!query.number || query.number(value) >= number);
    });
  }
}
