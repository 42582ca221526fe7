// examples/foreign: libmicrohttpd serves what Dew renders; a client that hangs up ends the loader that worked for it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { bin, start } from '../browser/lib/showcase.mjs';

const skip = existsSync(resolve(bin, 'foreign')) ? false : 'examples/foreign was not built: libmicrohttpd is not there';
/** The program, and what it says, line by line. */
const begin = async () => {
  const program = await start('foreign', ['--port', '0']);
  program.child.stdout.ref(); // what it says is waited for
  const lines = createInterface({ input: program.child.stdout })[Symbol.asyncIterator]();
  return { ...program, said: async () => (await lines.next()).value };
};
let server, said;
before(async () => {
  if (skip) return;
  server = await begin();
  said = server.said;
});
after(() => server?.end());

/** A request that hangs. Answers are thrown away. */
const ask = (path) => {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return socket;
};

test('a page comes through, with its status and what the address asks for', { skip }, async () => {
  const home = await fetch(server.url);
  assert.equal(home.status, 200);
  assert.equal(home.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(await home.text(), /<h1>Dew under another server<\/h1>/);
  assert.match(await (await fetch(`${server.url}/wait?ms=1`)).text(), /That took 1 ms/);
  assert.equal(await said(), 'a page waits 1 ms');
  assert.equal(await said(), 'a page has waited');
  assert.equal((await fetch(`${server.url}/nowhere`)).status, 404);
  assert.equal((await fetch(`${server.url}/wait?ms=-1`)).status, 400);
  assert.equal((await fetch(server.url, { method: 'POST', body: 'x' })).status, 405);
});

for (const [how, hangUp] of [
  ['closes', (socket) => socket.destroy()],
  ['resets', (socket) => socket.resetAndDestroy()],
  ['has said all', (socket) => socket.end()],
])
  test(`a client that ${how} while its page is made ends the loader`, { skip }, async () => {
    const socket = ask('/wait?ms=60000');
    assert.equal(await said(), 'a page waits 60000 ms');
    hangUp(socket);
    assert.equal(await said(), 'a page no longer waits: the client has gone');
    socket.destroy();
  });

test('many clients that hang up leave nothing behind', { skip }, async () => {
  const sockets = Array.from({ length: 100 }, (_, i) => ask(`/wait?ms=${50000 + i}`));
  for (let i = 0; i < 100; i++) assert.match(await said(), /^a page waits 500/);
  for (const socket of sockets) socket.destroy();
  for (let i = 0; i < 100; i++) assert.equal(await said(), 'a page no longer waits: the client has gone');
  assert.equal((await fetch(server.url)).status, 200);
});

test('a page that is waited for is answered when the program ends', { skip }, async () => {
  const other = await begin();
  const page = fetch(`${other.url}/wait?ms=60000`);
  assert.equal(await other.said(), 'a page waits 60000 ms');
  await other.end();
  assert.equal((await page).status, 503);
});
