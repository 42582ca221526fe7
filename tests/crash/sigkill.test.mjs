// kill -9 at any instant: every acknowledged mutation is there afterwards, and none twice, resends included.
//
// DEW_ROUNDS rounds (200): clients write as fast as they are answered, the server is killed after a random number of
// answers, started again on the same data; each client sends again what it has no answer for, with the same number, and goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startShowcase } from '../browser/lib/showcase.mjs';

const ROUNDS = Number(process.env.DEW_ROUNDS ?? 200);
const CLIENTS = 8;
const SEED = Number(process.env.DEW_SEED ?? (Date.now() & 0x7fffffff));

function generator(seed) { // mulberry32
  let a = seed;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

async function add(server, client) {
  const response = await fetch(`${server.url}/_dew/rpc`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fn: 'add_task', args: { board_id: client.name, title: String(client.seq) }, client: client.name, seq: String(client.seq) }),
  });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
}

test(`${ROUNDS} rounds of SIGKILL, seed ${SEED}`, async () => {
  const random = generator(SEED);
  const server = await startShowcase();
  const clients = Array.from({ length: CLIENTS }, (_, i) => ({ name: `client-${SEED}-${i}`, seq: 1, acknowledged: 0 }));
  let resent = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let left = 1 + random(60), killed;
    await Promise.all(clients.map(async (client) => {
      for (;;) {
        try {
          client.flying = true;
          await add(server, client);
          client.flying = false;
        } catch (error) {
          if (error.code === 'ERR_ASSERTION') throw error;
          return; // the server has gone: this number has no answer, and is sent again in the next round
        }
        client.acknowledged = client.seq++;
        if (--left === 0) killed = server.kill();
        if (killed) return;
      }
    }));
    await killed;
    await server.restart();
    resent += clients.filter((client) => client.flying).length;
  }
  await Promise.all(clients.map((client) => add(server, client)));
  for (const client of clients) {
    const response = await fetch(`${server.url}/_dew/rpc`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fn: 'board_tasks', args: { board_id: client.name } }),
    });
    const titles = (await response.json()).value.map((task) => task.title);
    assert.deepEqual(titles, Array.from({ length: client.seq }, (_, i) => String(i + 1)), client.name);
  }
  assert.ok(resent > 0, 'no mutation was cut off on its way: the test shows nothing');
  await server.stop();
});
