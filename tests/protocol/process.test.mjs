// The showcase as a process: the signals that end it, and standard files that are closed.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { bin, start } from '../browser/lib/showcase.mjs';

let folder;
before(async () => { folder = await mkdtemp(join(tmpdir(), 'dew-process-')); });
after(() => rm(folder, { recursive: true, force: true }));

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
  test(`${signal} drains, and the code is 0`, async () => {
    const server = await start('showcase', ['--port', '0', '--data', join(folder, signal)]);
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
    assert.deepEqual(await server.end(signal), { code: 0, signal: null });
  });

/** Starts the showcase by a shell, which does something to the process first. */
const byShell = (name, first, redirections = '') => start('/bin/sh', ['-c',
  `${first} exec '${resolve(bin, 'showcase')}' --port 0 --data '${join(folder, name)}' ${redirections}`]);

test('under nohup SIGHUP is passed over', async () => {
  const server = await byShell('nohup', "trap '' HUP;");
  server.child.kill('SIGHUP');
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
  assert.deepEqual(await server.end('SIGTERM'), { code: 0, signal: null });
});

test('standard input and error may be closed', async () => {
  const server = await byShell('closed', '', '<&- 2>&-');
  assert.equal((await fetch(`${server.url}/board/b1`)).status, 200);
  assert.deepEqual(await server.end('SIGTERM'), { code: 0, signal: null });
});
