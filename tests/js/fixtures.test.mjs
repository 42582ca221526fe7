// The messages under tests/fixtures/protocol, as docs/protocol.md has them, against the browser's half: what the server says is
// understood, and what the client says has the same shape. tests/unit/app/protocol_mt_test.c does the server's.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createCalls } from '../../client/calls.js';
import { hashOf } from '../../client/hash.js';
import { createQueries, patchList } from '../../client/queries.js';

const folder = new URL('../fixtures/protocol/', import.meta.url);
const fixtures = Object.fromEntries(readdirSync(folder).map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(new URL(file, folder), 'utf8'))]));
const message = (name) => fixtures[name].message;
const hash = (value) => hashOf(JSON.stringify(value));

test('every fixture says whose it is and what it is about', () => {
  assert.ok(Object.keys(fixtures).length >= 40);
  for (const [name, { side, about, message: body }] of Object.entries(fixtures)) {
    assert.ok(name.startsWith(`${side}.`), name);
    assert.ok(about.length > 0 && typeof body === 'object', name);
  }
});

test('every message of the page has a fixture', () => {
  const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  const named = new Set([...page.matchAll(/"type":"(\w+)"/g)].map((match) => match[1]));
  const there = new Set(Object.values(fixtures).map(({ message: body }) => body.type));
  assert.deepEqual([...named].filter((type) => !there.has(type)), []);
});

test('hashes are those of the values', () => {
  for (const name of ['server.subscribed_value', 'server.subscribed_channel']) assert.equal(hash(message(name).value), message(name).hash, name);
  for (const token of message('server.state').queries) assert.equal(hash(token.value), token.hash);
  const [change] = message('server.frame_value').changes;
  assert.equal(hash(change.value), change.hash);
  const { value } = message('server.subscribed_value');
  for (const name of ['server.frame_ops', 'server.frame_missed']) {
    const [step] = message(name).changes;
    assert.equal(hash(patchList(value, 'id', step.ops)), step.hash, name);
  }
});

function page() {
  const sent = [];
  const queries = createQueries({ send: (said) => sent.push(JSON.parse(JSON.stringify(said))), changed() {}, tell() {}, forgotten() {}, clock: { now: () => 0, set() {}, clear() {} } });
  const titles = () => {
    queries.beginPass();
    const { value } = queries.use('items', '{}', 'id');
    queries.endPass();
    return value?.map((item) => item.title);
  };
  return { sent, queries, titles };
}

/** A server's message about the subscription that the client calls 1. */
const about = (name) => ({ ...message(name), id: 1 });

test('a page goes on from its state, through a step, to the next connection', () => {
  const { sent, queries, titles } = page();
  queries.load(message('server.state'));
  assert.deepEqual(titles(), ['Water <the> tomatoes']);
  queries.opened();
  queries.received(message('server.connected'));
  const [subscribe] = sent.splice(0);
  assert.deepEqual(Object.keys(subscribe).filter((key) => !(key in message('client.subscribe_have')) && key !== 'schema'), []);
  assert.deepEqual(subscribe.have.at, message('client.subscribe_have').have.at);
  assert.equal(subscribe.have.hash, message('client.subscribe_have').have.hash);
  queries.received(about('server.subscribed_current'));
  queries.received(message('server.frame_ops'));
  assert.deepEqual(titles(), ['Water <the> tomatoes', 'Sow "peas"']);
  queries.received(message('server.frame_owed'));
  assert.deepEqual(titles(), ['Water <the> tomatoes', 'Sow "peas"']);
  assert.deepEqual(sent, []);
});

test('a page that was away takes what it missed', () => {
  const { sent, queries, titles } = page();
  queries.load(message('server.state'));
  titles();
  queries.opened();
  queries.received(message('server.connected'));
  queries.received(about('server.subscribed_changes'));
  queries.received(message('server.frame_missed'));
  assert.deepEqual(titles(), ['Water <the> tomatoes', 'Sow "peas"']);
  assert.equal(sent.filter((said) => said.type === 'unsubscribe').length, 0, 'nothing had to be repaired');
});

test('a page of another database says what it knows, and takes the whole', () => {
  const { sent, queries, titles } = page();
  queries.load(message('server.state'));
  titles();
  assert.deepEqual(Object.keys(queries.cut).filter((key) => !(key in message('client.connect_elsewhere'))), []);
  queries.opened();
  queries.received(message('server.connected_replaced'));
  const [subscribe] = sent.splice(0);
  assert.deepEqual(Object.keys(subscribe).filter((key) => key !== 'schema'), Object.keys(message('client.subscribe_elsewhere')));
  queries.received(about('server.subscribed_value'));
  assert.deepEqual(titles(), ['Water <the> tomatoes']);
  assert.deepEqual(queries.cut, { commit: message('server.connected_replaced').commit, epoch: '*' });
});

test('calls wait for connected, and are over when the database was replaced', () => {
  const sent = [], ended = [];
  const calls = createCalls({ send: (said) => sent.push(JSON.parse(JSON.stringify(said))), ended: (from, { error }) => ended.push(error?.code) });
  const { fn, args, fields } = { ...message('client.call_mutation'), ...message('client.call_fields') };
  calls.add(fn, true, message('client.call_mutation').args, 0);
  calls.received(message('server.connected'));
  calls.received(message('server.answer'));
  calls.add(fn, true, args, 0, fields);
  assert.deepEqual(sent.map(({ id, seq, ...rest }) => rest), [message('client.call_mutation'), message('client.call_fields')].map(({ id, seq, ...rest }) => rest));
  calls.closed();
  calls.received(message('server.connected_replaced'));
  assert.deepEqual(ended, [undefined, 'CONFLICT']);
});

test('a call that is taken back', () => {
  const sent = [], ended = [], abort = new AbortController();
  const calls = createCalls({ send: (said) => sent.push(JSON.parse(JSON.stringify(said))), ended: (from, { error }) => ended.push(error) });
  calls.received(message('server.connected'));
  for (let id = 1; id <= 10; id++) calls.add(message('client.call_lasts').fn, false, message('client.call_lasts').args, id, undefined, id === 10 ? abort.signal : undefined);
  abort.abort();
  assert.deepEqual(sent.slice(-2), [message('client.call_lasts'), message('client.cancel')]);
  calls.received(message('server.answer_cancelled'));
  assert.deepEqual(ended, [message('server.answer_cancelled').error]);
});

test('who has nothing takes the whole', () => {
  const { sent, queries, titles } = page();
  queries.opened();
  queries.received(message('server.connected'));
  assert.equal(titles(), undefined);
  const [subscribe] = sent.splice(0);
  assert.deepEqual(Object.keys(subscribe), Object.keys(message('client.subscribe')));
  queries.received(about('server.subscribed_value'));
  assert.deepEqual(titles(), ['Water <the> tomatoes']);
});

test('redirects are followed wherever they are said', () => {
  const followed = [];
  const queries = createQueries({ send() {}, changed() {}, tell: assert.fail, follow: (to) => followed.push(to), clock: { now: () => 0, set: assert.fail, clear() {} } });
  queries.beginPass();
  queries.use('moves', '{}', '');
  queries.endPass();
  queries.opened();
  queries.received({ ...about('server.subscribed_moves'), query: '41' });
  const { changes: [change], ...frame } = message('server.frame_redirect');
  queries.received({ ...frame, changes: [{ ...change, query: '41' }] });
  queries.received(about('server.subscribed_redirect'));
  assert.deepEqual(followed, ['/items', '/items']);
  assert.equal([...queries.entries.values()][0].value.number, '0');
  const answers = [];
  const calls = createCalls({ send() {}, ended: (from, { error }) => answers.push(error.location) });
  calls.received(message('server.connected'));
  calls.add('go', true, { title: '/items?new=1' }, null);
  calls.received({ ...message('server.answer_redirect'), id: 1 });
  assert.deepEqual(answers, ['/items?new=1']);
  assert.deepEqual(Object.keys(message('server.state_redirect')), ['redirect', 'status']);
});
