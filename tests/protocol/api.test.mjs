// The showcase's endpoints, as a program uses them that knows nothing of Dew: what it writes, pages and sockets show.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startShowcase } from '../browser/lib/showcase.mjs';
import { openSocket } from './socket.mjs';

let server;
before(async () => { server = await startShowcase(); });
after(() => server?.stop());

const tasks = () => `${server.url}/api/boards/api/tasks`;
const post = (body, query = '') => fetch(tasks() + query, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test('what is posted is there at once, for programs, pages and sockets', async () => {
  assert.deepEqual(await (await fetch(tasks())).json(), []);
  const socket = await openSocket(server.port);
  socket.send({ type: 'connect', protocol: 1, client: 'c', tab: 't' });
  assert.equal((await socket.next()).type, 'connected');
  socket.send({ type: 'subscribe', id: 1, fn: 'board_tasks', args: { board_id: 'api' } });
  assert.deepEqual((await socket.next()).value, []);
  const answer = await post({ title: 'Water' });
  assert.deepEqual([answer.status, await answer.text()], [204, '']);
  const [task] = await (await fetch(tasks())).json();
  assert.deepEqual([task.title, task.column], ['Water', 'todo']);
  assert.match(await (await fetch(`${server.url}/board/api`)).text(), /Water/);
  assert.equal((await socket.next()).type, 'frame');
  socket.end();
});

test('what is refused says why', async () => {
  const long = await post({ title: '' });
  assert.deepEqual([long.status, await long.json()], [422, { error: { code: 'UNPROCESSABLE', message: 'title: give 1 to 200 characters' } }]);
  const twice = await post({ title: 'x' }, '?title=y');
  assert.deepEqual([twice.status, (await twice.json()).error.message], [400, 'title: given twice, in the query string and in the body']);
  const other = await fetch(tasks(), { method: 'DELETE' });
  assert.deepEqual([other.status, other.headers.get('allow')], [405, 'GET, HEAD, POST']);
});
