// A client written from docs/protocol.md alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startShowcase } from '../browser/lib/showcase.mjs';
import { openSocket, valueHash } from './socket.mjs';

let server;
before(async () => { server = await startShowcase(); });
after(() => server?.stop());

const rpc = async (body, headers = {}) => {
  const response = await fetch(`${server.url}/_dew/rpc`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
};

async function stateOf(path) {
  const response = await fetch(server.url + path, { headers: { accept: 'application/vnd.dew.state+json' } });
  assert.equal(response.headers.get('vary'), 'Accept');
  return response.json();
}

async function connected(state, client = `c${Math.random().toString(16).slice(2)}`) {
  const socket = await openSocket(server.port);
  socket.send({ type: 'connect', protocol: 1, build: state.build, client, tab: 't1' });
  const hello = await socket.next();
  assert.equal(hello.type, 'connected');
  return { ...socket, hello, client };
}

/** Applies one change the way §3 and §5 say; returns the new entry. */
function apply(entry, change) {
  if (change.error) return entry;
  const has = entry.at.map(BigInt), from = change.from.map(BigInt), to = change.to.map(BigInt);
  const isOld = (a, b) => a[0] <= b[0] && a[1] <= b[1];
  if (!isOld(from, has) || isOld(to, has)) return entry;
  let value = change.value;
  if (value === undefined) value = patch(entry.value, change.ops);
  assert.equal(valueHash(value), change.hash, 'the hash of the value at `to`');
  return { value, at: change.to };
}

function patch(list, ops) {
  const keyOf = (item) => String(item.id);
  const rows = list.filter((item) => !(ops.del ?? []).map(String).includes(keyOf(item)));
  for (const [index, item] of ops.put ?? []) {
    const at = rows.findIndex((row) => keyOf(row) === keyOf(item));
    if (at >= 0) rows[at] = item;
    else rows.splice(index, 0, item);
  }
  return rows;
}

test('health', async () => {
  const response = await fetch(`${server.url}/health`);
  assert.equal(response.status, 200);
  assert.equal((await response.json()).status, 'ok');
});

test('the state of a page hashes to what it says', async () => {
  const state = await stateOf('/board/b1');
  assert.equal(state.dew, 1);
  const [token] = state.queries;
  assert.equal(token.fn, 'board_tasks');
  assert.deepEqual(token.args, { board_id: 'b1' });
  assert.equal(token.hash, valueHash(token.value));
});

test('subscribe from a page, write, follow', async () => {
  const state = await stateOf('/board/stranger');
  const [token] = state.queries;
  const socket = await connected(state);
  socket.send({ type: 'subscribe', id: 1, fn: token.fn, schema: token.schema, args: token.args,
    have: { at: token.at, epoch: state.epoch, hash: token.hash } });
  const subscribed = await socket.next();
  assert.equal(subscribed.status, 'current');
  let entry = { value: token.value, at: subscribed.at };
  for (const title of ['one', 'two', 'three "quoted" é😀']) {
    const answer = await rpc({ fn: 'add_task', args: { board_id: 'stranger', title } });
    assert.equal(answer.status, 200);
    const frame = await socket.next();
    assert.equal(frame.type, 'frame');
    assert.ok(BigInt(frame.to) >= BigInt(answer.body.commit));
    for (const change of frame.changes) if (change.query === subscribed.query) entry = apply(entry, change);
    assert.equal(entry.value.at(-1).title, title);
  }
  // a call over the socket: the answer, and a frame that reaches its commit
  socket.send({ type: 'call', id: 9, fn: 'move_task', args: { task_id: entry.value[0].id, to: 'done' }, seq: '1' });
  let commit, reached = 0n;
  while (commit === undefined || reached < commit) {
    const message = await socket.next();
    if (message.type === 'answer') { assert.equal(message.id, 9); commit = BigInt(message.commit); }
    else { reached = BigInt(message.to); for (const change of message.changes ?? []) entry = apply(entry, change); }
  }
  assert.equal(entry.value[0].column, 'done');
  socket.end();
});

test('a resend of a mutation gets the stored answer and changes nothing', async () => {
  const call = { fn: 'add_task', args: { board_id: 'resend', title: 'once' }, client: 'resend-client', seq: '1' };
  const first = await rpc(call), second = await rpc(call);
  assert.deepEqual(second, first);
  const { body } = await rpc({ fn: 'board_tasks', args: { board_id: 'resend' } });
  assert.equal(body.value.length, 1);
});

test('a mutation that changes nothing shown still brings a frame to its commit', async () => {
  const state = await stateOf('/board/owed');
  const socket = await connected(state);
  const [token] = state.queries;
  socket.send({ type: 'subscribe', id: 1, fn: token.fn, schema: token.schema, args: token.args, have: { at: token.at, epoch: state.epoch, hash: token.hash } });
  assert.equal((await socket.next()).status, 'current');
  socket.send({ type: 'call', id: 2, fn: 'add_task', args: { board_id: 'elsewhere', title: 'x' }, seq: '1' });
  const got = [await socket.next(), await socket.next()];
  const answer = got.find((m) => m.type === 'answer'), frame = got.find((m) => m.type === 'frame');
  assert.ok(BigInt(frame.to) >= BigInt(answer.commit));
  assert.equal(frame.changes, undefined);
  socket.end();
});

test('topics: a counter in memory', async () => {
  const state = await stateOf('/counter');
  const [token] = state.queries;
  const socket = await connected(state);
  socket.send({ type: 'subscribe', id: 1, fn: token.fn, schema: token.schema, args: token.args, have: { at: token.at, epoch: state.epoch, hash: token.hash } });
  const subscribed = await socket.next();
  assert.equal(subscribed.status, 'current');
  assert.equal((await rpc({ fn: 'increment' })).status, 200);
  const frame = await socket.next();
  assert.equal(frame.changes[0].query, subscribed.query);
  assert.equal(frame.changes[0].value.number, String(Number(token.value.number) + 1));
  socket.end();
});

test('bad input is told what, where and the code, and changes nothing', async () => {
  const cases = [
    ['{"fn" "board_tasks"}', 400, 'INVALID', /byte/],
    [{ fn: 'no_such', args: {} }, 404, 'NOT_FOUND', /no_such/],
    [{ fn: 'add_task', args: { board_id: 'bad', title: 7 } }, 400, 'TYPE', /title/],
    [{ fn: 'add_task', args: { board_id: 'bad' } }, 400, 'TYPE', /title/],
    [{ fn: 'add_task', args: { board_id: 'bad', title: 'x', more: 1 } }, 400, 'TYPE', /more/],
    [{ fn: 'move_task', args: { task_id: '99999999999999999999', to: 'done' } }, 400, 'RANGE', /task_id/],
    [{ fn: 'move_task', args: { task_id: '1', to: 'nowhere' } }, 422, 'UNPROCESSABLE', /to/],
    [{ fn: 'add_task', args: { board_id: 'bad', title: 'x' }, seq: '1' }, 400, 'INVALID', /client/],
    [{ fn: 'board_tasks', args: { board_id: 'b1' }, shard: 'secret' }, 403, 'DENIED', /shard/],
    [{ fn: 'items', args: { rows: -1 } }, 400, 'RANGE', /rows/],
    [{ fn: 'board_tasks', args: { board_id: 'x'.repeat(70_000) } }, 413, 'LIMIT', /args/],
    [[], 400, 'INVALID', /./],
  ];
  for (const [body, status, code, message] of cases) {
    const answer = await rpc(body);
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.equal(answer.body.error.code, code, JSON.stringify(body));
    assert.match(answer.body.error.message, message, JSON.stringify(body));
  }
  assert.equal((await rpc({ fn: 'board_tasks', args: { board_id: 'bad' } })).body.value.length, 0);
  const wrongType = await fetch(`${server.url}/_dew/rpc`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' });
  assert.equal(wrongType.status, 415);
  const get = await fetch(`${server.url}/_dew/rpc`);
  assert.equal(get.status, 405);
  const foreign = await rpc({ fn: 'increment' }, { origin: 'https://elsewhere.example' });
  assert.equal(foreign.status, 403);
  const crossSite = await rpc({ fn: 'increment' }, { 'sec-fetch-site': 'cross-site' });
  assert.equal(crossSite.status, 403);
});

test('a batch answers each slot', async () => {
  const { status, body } = await rpc([{ fn: 'board_tasks', args: { board_id: 'b1' } }, { fn: 'no_such' }, { fn: 'current_count' }]);
  assert.equal(status, 200);
  assert.equal(body.length, 3);
  assert.ok(Array.isArray(body[0].value));
  assert.equal(body[1].error.code, 'NOT_FOUND');
  assert.match(body[2].value.number, /^\d+$/);
});

test('messages that are not understood close the socket with a code of their own', async () => {
  const state = await stateOf('/counter');
  for (const [message, code] of [[{ type: 'nonsense' }, 4400], [{ type: 'subscribe', id: 'seven' }, 4400], [[1], 4400]]) {
    const socket = await connected(state);
    socket.send(message);
    const error = await socket.next();
    assert.equal(error.type, 'error');
    assert.equal((await socket.closed).code, code, JSON.stringify(message));
  }
  const early = await openSocket(server.port);
  early.send({ type: 'subscribe', id: 1, fn: 'current_count' });
  assert.equal((await early.closed).code, 4408);
  const old = await openSocket(server.port);
  old.send({ type: 'connect', protocol: 1, build: 'another', client: 'c1', tab: 't' });
  assert.equal((await old.next()).code, 'SCHEMA');
  assert.equal((await old.closed).code, 4409);
  await assert.rejects(openSocket(server.port, '/_dew/ws', { Origin: 'https://elsewhere.example' }), /403/);
});

test('one subscription that fails leaves the others alone', async () => {
  const state = await stateOf('/counter');
  const socket = await connected(state);
  socket.send({ type: 'subscribe', id: 1, fn: 'no_such', args: {} });
  const refused = await socket.next();
  assert.equal(refused.error.code, 'NOT_FOUND');
  socket.send({ type: 'subscribe', id: 5 });
  assert.match((await socket.next()).error.message, /fn/);
  socket.send({ type: 'subscribe', id: 2, fn: 'items', args: { rows: 'many' } });
  assert.match((await socket.next()).error.message, /rows/);
  socket.send({ type: 'subscribe', id: 3, fn: 'items', args: { rows: 2 }, shard: 'secret' });
  assert.equal((await socket.next()).error.code, 'DENIED');
  socket.send({ type: 'call', id: 6, fn: 'items', args: { rows: 2 }, shard: 'secret' });
  const denied = await socket.next();
  assert.deepEqual([denied.type, denied.id, denied.error?.code], ['answer', 6, 'DENIED']);
  assert.match(denied.error.message, /shard/);
  socket.send({ type: 'call', id: 7, fn: 'items', args: { rows: 2 }, shard: 'default' });
  assert.equal((await socket.next()).value.length, 2);
  const have = { at: ['1', '0'], epoch: state.epoch, hash: '0123456789abcdef' };
  for (const [field, wrong] of [['at', { at: ['1'] }], ['at', { at: ['-1', '0'] }], ['at', { at: ['1', '0', '0'] }], ['hash', { hash: 'zz' }]]) {
    socket.send({ type: 'subscribe', id: 8, fn: 'items', args: { rows: 2 }, have: { ...have, ...wrong } });
    const told = await socket.next();
    assert.deepEqual([told.id, told.error?.code], [8, 'INVALID'], JSON.stringify(wrong));
    assert.ok(told.error.message.startsWith(`have.${field}:`), told.error.message);
  }
  socket.send({ type: 'subscribe', id: 4, fn: 'items', args: { rows: 2 } });
  const whole = await socket.next();
  assert.equal(whole.status, 'value');
  assert.equal(whole.hash, valueHash(whole.value));
  socket.send({ type: 'ping' });
  assert.deepEqual(await socket.next(), { type: 'pong' });
  socket.end();
});

test('long answers asked for in one burst all arrive', async () => {
  const state = await stateOf('/counter');
  const socket = await connected(state);
  for (const id of [1, 2, 3, 4]) socket.send({ type: 'subscribe', id, fn: 'items', args: { rows: 3000 } });
  for (const id of [5, 6, 7]) socket.send({ type: 'call', id, fn: 'items', args: { rows: 3000 } });
  const arrived = new Map();
  while (arrived.size < 7) {
    const message = await socket.next();
    if (message.id !== undefined) arrived.set(message.id, message);
  }
  for (const message of arrived.values()) assert.equal(message.value.length, 3000);
  socket.end();
});

test('a client that reads late gets all of it, and what has become of it meanwhile', async () => {
  const state = await stateOf('/board/late');
  const [token] = state.queries;
  const socket = await connected(state);
  socket.send({ type: 'subscribe', id: 0, fn: token.fn, schema: token.schema, args: token.args, have: { at: token.at, epoch: state.epoch, hash: token.hash } });
  const subscribed = await socket.next();
  let entry = { value: token.value, at: subscribed.at };
  socket.pause();
  // more than the kernel's buffers at both ends hold
  const wanted = new Set(Array.from({ length: 40 }, (_, i) => i + 1));
  for (const id of wanted) socket.send({ type: 'subscribe', id, fn: 'items', args: { rows: 10000 } });
  for (let i = 0; i < 5; i++) assert.equal((await rpc({ fn: 'add_task', args: { board_id: 'late', title: `t${i}` } })).status, 200);
  socket.send({ type: 'call', id: 99, fn: 'items', args: { rows: 10000 } });
  socket.send({ type: 'call', id: 100, fn: 'add_task', args: { board_id: 'late', title: 't5' }, seq: '1' });
  await rpc({ fn: 'increment' });
  socket.resume();
  let commit, has99 = false, reached = 0n;
  while (wanted.size || !has99 || commit === undefined || reached < commit || entry.value.length < 6) {
    const message = await socket.next();
    if (message.type === 'subscribed') {
      assert.equal(message.value.length, 10000);
      wanted.delete(message.id);
    } else if (message.id === 99) has99 = message.value.length === 10000;
    else if (message.id === 100) commit = BigInt(message.commit);
    else if (message.type === 'frame') {
      reached = BigInt(message.to);
      for (const change of message.changes ?? []) if (change.query === subscribed.query) entry = apply(entry, change);
    }
  }
  assert.deepEqual(entry.value.map((task) => task.title), ['t0', 't1', 't2', 't3', 't4', 't5']);
  socket.end();
});
