// A process that is told to stop (tests/apps/drain): what is under way finishes, up to a limit; who is connected is told when to
// come back. The program says on standard output what happens in it: nothing here waits for a time to pass.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { start } from '../browser/lib/showcase.mjs';
import { openSocket } from './socket.mjs';

const DRAINING = 4; // dew_end
let folder, count = 0;
before(async () => { folder = await mkdtemp(join(tmpdir(), 'dew-drain-')); });
const children = [];
after(() => {
  for (const child of children) child.kill('SIGKILL'); // of tests that failed
  return rm(folder, { recursive: true, force: true });
});

/** Starts the program; `says` resolves once it has said that line. */
async function run(...args) {
  const server = await start('drain', ['--port', '0', '--workers', '1', '--data', join(folder, String(count++)), ...args]);
  children.push(server.child);
  const said = [];
  let waiting = [];
  createInterface({ input: server.child.stdout }).on('line', (line) => {
    said.push(line.trim());
    waiting = waiting.filter(({ wanted, done }) => !said.includes(wanted) || done());
  });
  const says = (wanted) => new Promise((done) => {
    if (said.includes(wanted)) return done();
    waiting.push({ wanted, done });
    server.child.stdout.ref();
  });
  return { ...server, said, says };
}

/** Sends one request; resolves to its status, headers and body. */
const ask = (server, path, body) => new Promise((done, reject) => {
  const asked = request(`${server.url}${path}`, { method: body ? 'POST' : 'GET', headers: body ? { 'content-type': 'application/json' } : {} });
  asked.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
    response.on('end', () => done({ status: response.statusCode, headers: response.headers, text }));
    response.on('error', reject);
  });
  asked.on('error', reject);
  asked.end(body && JSON.stringify(body));
});

const refused = (port) => new Promise((done) => {
  connect(port, '127.0.0.1').on('error', ({ code }) => done(code)).on('connect', () => done('connected'));
});

/** A socket that has said who it is. */
async function hello(server, client) {
  const socket = await openSocket(server.port);
  socket.send({ type: 'connect', protocol: 1, client, tab: 't' });
  assert.equal((await socket.next()).type, 'connected');
  return socket;
}

test('a request under way finishes, its mutation too; its connection closes', async () => {
  const server = await run();
  const answer = ask(server, '/_dew/rpc', { fn: 'finish' });
  await server.says('begun finish');
  const ended = server.end('SIGTERM');
  const { status, headers, text } = await answer;
  assert.equal(status, 200, text);
  assert.deepEqual(JSON.parse(text).value, { said: 'finished' });
  assert.equal(headers.connection, 'close');
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test('one that outlives the limit is told to end, and gets 503', async () => {
  const server = await run('--drain', '0');
  const answers = [ask(server, '/_dew/rpc', { fn: 'hold' }), ask(server, '/held')];
  await server.says('begun hold');
  await server.says('begun held');
  const ended = server.end('SIGTERM');
  for (const { status, headers, text } of await Promise.all(answers)) {
    assert.equal(status, 503, text);
    assert.equal(headers.connection, 'close');
  }
  assert.match((await answers[0]).text, /the server is going down/);
  await server.says(`ended hold ${DRAINING}`);
  await server.says(`ended held ${DRAINING}`);
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test('new connections are refused, idle ones closed, while a request is under way; a second signal ends the waiting', async () => {
  const server = await run('--drain', '3600');
  const idle = connect(server.port, '127.0.0.1');
  const idleClosed = new Promise((done) => idle.on('close', done));
  idle.resume().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((done) => idle.once('data', done));
  const answer = ask(server, '/_dew/rpc', { fn: 'hold' });
  await server.says('begun hold');
  server.child.kill('SIGTERM');
  await server.says('draining');
  await idleClosed;
  assert.equal(await refused(server.port), 'ECONNREFUSED');
  const ended = server.end('SIGTERM');
  assert.equal((await answer).status, 503);
  await server.says(`ended hold ${DRAINING}`);
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test('/health says that it drains, on a connection that is still open', async () => {
  const server = await run();
  const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
  let heard = '';
  socket.on('data', (text) => { heard += text; });
  const closed = new Promise((done) => socket.on('close', done));
  // the head that is half there came with the first request: the connection is not idle
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n');
  while (!heard.includes('{"status":"ok"}')) await new Promise((done) => socket.once('data', done));
  const ended = server.end('SIGTERM');
  await server.says('draining');
  heard = '';
  socket.write('\r\n');
  await closed;
  assert.match(heard, /^HTTP\/1\.1 503 [^]*Connection: close\r\n[^]*\{"status":"draining"\}$/);
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test('open pages are told to come back, evenly spread', async () => {
  const server = await run();
  const sockets = [];
  for (let i = 0; i < 20; i++) sockets.push(await hello(server, `c${i}`));
  const ended = server.end('SIGTERM');
  const times = [];
  for (const socket of sockets) {
    const bye = await socket.next();
    assert.equal(bye.type, 'bye');
    times.push(bye.retry_ms);
    assert.equal((await socket.closed).code, 1001);
  }
  assert.deepEqual(times.sort((a, b) => a - b), times.map((_, i) => i * 200));
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test('the times of several workers together leave no gap', async () => {
  const server = await run('--workers', '3');
  const sockets = await Promise.all(Array.from({ length: 30 }, (_, i) => hello(server, `c${i}`)));
  const ended = server.end('SIGTERM');
  const times = (await Promise.all(sockets.map((socket) => socket.next()))).map(({ retry_ms }) => retry_ms).sort((a, b) => a - b);
  // one of them has ten or more: 400 ms lie between two of its own at most
  assert.ok(times.concat(4000).every((time, i) => time <= 4000 && time - (times[i - 1] ?? 0) <= 400), times.join(' '));
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test('a call under way over a socket is answered before the good-bye', async () => {
  const server = await run();
  const socket = await hello(server, 'c');
  socket.send({ type: 'call', id: 1, fn: 'finish' });
  await server.says('begun finish');
  const ended = server.end('SIGTERM');
  const answer = await socket.next();
  assert.deepEqual([answer.type, answer.id, answer.value], ['answer', 1, { said: 'finished' }]);
  assert.equal((await socket.next()).type, 'bye');
  assert.equal((await socket.closed).code, 1001);
  assert.deepEqual(await ended, { code: 0, signal: null });
});

test('a call over a socket that outlives the limit is answered, too', async () => {
  const server = await run('--drain', '0');
  const socket = await hello(server, 'c');
  socket.send({ type: 'call', id: 1, fn: 'hold' });
  await server.says('begun hold');
  const ended = server.end('SIGTERM');
  assert.deepEqual((await socket.next()).error, { code: 'CANCELLED', message: 'the server is going down' });
  assert.equal((await socket.next()).type, 'bye');
  await server.says(`ended hold ${DRAINING}`);
  assert.deepEqual(await ended, { code: 0, signal: null });
});

/** A handler that never returns: its caller is answered all the same, and the process ends without it. */
async function leavesDeafOnes(server, end) {
  const answer = ask(server, '/_dew/rpc', { fn: 'deaf' });
  await server.says('begun deaf');
  const ended = end();
  const { status, text } = await answer;
  assert.equal(status, 503, text);
  assert.deepEqual(await ended, { code: 0, signal: null });
}

test('a handler that never returns is waited for to a limit', async () => {
  const server = await run('--drain', '0');
  await leavesDeafOnes(server, () => server.end('SIGTERM'));
});

test('a third signal ends that waiting, too', async () => {
  const server = await run('--drain', '3600');
  await leavesDeafOnes(server, () => {
    const ended = server.end('SIGTERM');
    const again = setInterval(() => server.child.kill('SIGTERM'), 20); // signals that come together are one
    return ended.finally(() => clearInterval(again));
  });
});

for (const args of [['--drain'], ['--drain', '-1'], ['--drain', 'soon']])
  test(`${args.join(' ')} is refused`, async () => {
    await assert.rejects(start('drain', args, { quiet: true }), /ended with 2/);
  });
