// A database that is put back from an older copy, or made anew, while the server stands still: who comes with positions of the
// one that is gone is told so and gets the whole; whose positions both share goes on.
import assert from 'node:assert/strict';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startShowcase } from '../browser/lib/showcase.mjs';
import { openSocket } from './socket.mjs';

let server;
before(async () => { server = await startShowcase(); });
after(async () => {
  rmSync(`${server.data}-copy`, { recursive: true, force: true });
  await server?.stop();
});

const add = async (title) => {
  const response = await fetch(`${server.url}/_dew/rpc`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fn: 'add_task', args: { board_id: 'x', title } }),
  });
  assert.equal(response.status, 200);
};

/** What a page of now knows. */
const stateNow = async () => (await fetch(`${server.url}/board/x`, { headers: { accept: 'application/vnd.dew.state+json' } })).json();

/** Comes back with what that page knew; what the server says to connect, and to its subscription. */
async function comeBack({ build, epoch, commit, queries: [{ fn, args, at, hash }] }) {
  const socket = await openSocket(server.port);
  socket.send({ type: 'connect', protocol: 1, build, client: 'again', tab: 't', epoch, commit });
  socket.send({ type: 'subscribe', id: 1, fn, args, have: { at, epoch, hash } });
  const said = [await socket.next(), await socket.next()];
  socket.end();
  return said;
}

const empty = (folder) => readdirSync(folder).forEach((name) => rmSync(join(folder, name), { recursive: true }));

test('what both databases share goes on; what only the lost one had is nothing', async () => {
  await add('shared');
  const shared = await stateNow();
  await server.kill();
  cpSync(server.data, `${server.data}-copy`, { recursive: true });
  await server.restart();
  const [after_restart, same] = await comeBack(shared);
  assert.equal(after_restart.replaced, undefined);
  assert.notEqual(after_restart.epoch, shared.epoch);
  assert.equal(same.status, 'current');
  for (let i = 0; i < 5; i++) await add(`lost ${i}`);
  const lost = await stateNow();

  await server.kill();
  empty(server.data);
  cpSync(`${server.data}-copy`, server.data, { recursive: true });
  await server.restart();
  for (let i = 0; i < 10; i++) await add(`new ${i}`); // past the numbers that were given before
  const now = await stateNow();
  assert.ok(BigInt(now.commit) > BigInt(lost.commit));
  const [connected, whole] = await comeBack(lost);
  assert.equal(connected.replaced, true);
  assert.equal(whole.status, 'value');
  assert.deepEqual(whole.value.map((task) => task.title), ['shared', ...Array.from({ length: 10 }, (_, i) => `new ${i}`)]);
  const [known] = await comeBack(shared);
  assert.equal(known.replaced, undefined);
});

test('a value that is the same by chance is sent all the same; a database made anew knows nobody', async () => {
  await add('one');
  const { queries: [{ value }], ...rest } = await stateNow();
  await server.kill();
  empty(server.data);
  await server.restart();
  const old = { ...rest, queries: [{ ...(await stateNow()).queries[0], at: [rest.commit, '0'] }] };
  const [connected, whole] = await comeBack(old);
  assert.equal(connected.replaced, true);
  assert.equal(whole.status, 'value');
  assert.notDeepEqual(whole.value, value);
  const [fresh, same] = await comeBack(await stateNow());
  assert.equal(fresh.replaced, undefined);
  assert.equal(same.status, 'current');
});
