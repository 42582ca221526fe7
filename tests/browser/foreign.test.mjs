// A write by the sqlite3 shell shows in open pages and in what is asked for then. That it does within the bound which docs/sql.md states
// (design rule 8) is tested with a clock of the test's (tests/unit/sql/db_mt_test.c).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, startShowcase } from './lib/showcase.mjs';

const WRITES = 7;

const missing = spawnSync('sqlite3', ['--version']).error ? 'there is no sqlite3 shell here' : false;
let browser, server;
before(async () => { if (!missing) [browser, server] = await Promise.all([launch(), startShowcase()]); });
after(async () => { await browser?.close(); await server?.stop(); });

const shell = (sql) => execFileSync('sqlite3', ['-cmd', '.timeout 5000', join(server.data, 'dew.db'), sql], { stdio: ['ignore', 'pipe', 'inherit'] });
const insert = (title) => shell(`INSERT INTO task (board_id, title, col) VALUES ('b1', '${title}', 'todo')`);

test('in an open page, then in whatever is asked for, and never half', { skip: missing }, async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/board/b1`);
  await page.waitForFunction(() => document.documentElement.dew === 'live');
  for (let i = 0; i < WRITES; i++) {
    insert(`shell ${i}`);
    await page.waitForFunction((title) => document.querySelector('ul.cards').innerText.includes(title), `shell ${i}`);
    shell(`UPDATE task SET title = 'renamed ${i}' WHERE id = 1`);
    await page.waitForFunction((title) => document.querySelector('ul.cards').innerText.includes(title), `renamed ${i}`);
    const html = await (await fetch(`${server.url}/board/b1`)).text();
    assert.deepEqual([...new Set(html.match(/renamed \d+/g))], [`renamed ${i}`], 'the page and its state are of one cut');
    assert.ok(html.includes(`shell ${i}`));
  }
  await page.close();
});

test('a mutation goes on while another process writes', { skip: missing }, async () => {
  const rpc = (body) => fetch(`${server.url}/_dew/rpc`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  }).then((response) => response.json());
  for (let i = 0; i < 5; i++) {
    const [answer] = await Promise.all([rpc({ fn: 'add_task', args: { board_id: 'both', title: `ours ${i}` } }), insert(`theirs ${i}`)]);
    assert.ok(answer.commit, JSON.stringify(answer));
  }
  const { value } = await rpc({ fn: 'board_tasks', args: { board_id: 'both' } });
  assert.equal(value.length, 5);
});
