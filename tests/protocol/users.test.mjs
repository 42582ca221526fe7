// The showcase's /users/:id: a profile from a second server, in time and late.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startShowcase } from '../browser/lib/showcase.mjs';

let server;
before(async () => { server = await startShowcase(); });
after(() => server.stop());

const get = async (path) => {
  const answer = await fetch(server.url + path);
  return { status: answer.status, text: await answer.text() };
};
const canFetch = async () => !(await get('/users/1')).text.includes('built without libcurl');

test('a profile that comes in time is shown, with what it took and where it is from', async (t) => {
  if (!await canFetch()) return t.skip('the showcase was built without libcurl');
  const { status, text } = await get('/users/2?delay=1');
  assert.equal(status, 200);
  assert.match(text, /<h1>Grace Hopper<\/h1>/);
  assert.match(text, /<strong>\d+ ms<\/strong> of 250/);
  assert.match(text, /http:\/\/127\.0\.0\.1:\d+\/profiles\/2\?delay=1</);
  assert.match(text, /<a href="\/users\/2\?delay=400">400 ms<\/a>/);
});

test('one that does not is a 504 that says so, and the other server sees the question dropped', async (t) => {
  if (!await canFetch()) return t.skip('the showcase was built without libcurl');
  const { status, text } = await get('/users/1?delay=60000');
  assert.equal(status, 504);
  assert.match(text, /The other server had 250 ms, and was asked to take 60000/);
  assert.match(text, /<a href="\/users\/1\?delay=50">50 ms<\/a>/);
  for (let dropped = 0, delay = 0; dropped === 0; delay = (delay + 1) % 50)
    dropped = Number((await get(`/users/1?delay=${delay}`)).text.match(/questions?, (\d+) dropped/)?.[1] ?? 0);
});

test('what is not there, and what is no delay', async (t) => {
  if (!await canFetch()) return t.skip('the showcase was built without libcurl');
  assert.equal((await get('/users/4')).status, 404);
  assert.equal((await get('/users/ada')).status, 404);
  assert.equal((await get('/users/1?delay=soon')).status, 400);
  assert.equal((await get('/users/1?delay=-1')).status, 400);
});
