// What the tests hold a program to (browser/lib/showcase.mjs): without this a sanitizer's report could pass unseen.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { start } from '../browser/lib/showcase.mjs';

/** A program that is ready at once, and on SIGTERM does what `last` says. */
const program = (last) => start(process.execPath, ['-e', `
  process.once('SIGTERM', () => { ${last} });
  setInterval(() => {}, 1000);
  console.log('http://127.0.0.1:1/');`], { quiet: true });

test('one that ends with 0 in silence is well', async () => {
  assert.deepEqual(await (await program('process.exit(0)')).end(), { code: 0, signal: null });
});

test('another code fails', async () => {
  await assert.rejects((await program('process.exit(23)')).end(), /ended with 23/);
});

for (const report of ['==7==ERROR: AddressSanitizer: heap-use-after-free', '==7==ERROR: LeakSanitizer: detected memory leaks', 'x.c:3:5: runtime error: shift'])
  test(`a report fails, whatever the code: ${report}`, async () => {
    await assert.rejects((await program(`console.error('${report}'); process.exit(0)`)).end(), /ended with 0/);
  });

test('one that ended by itself before it was killed fails', async () => {
  const server = await start(process.execPath, ['-e', 'console.log("http://127.0.0.1:1/")'], { quiet: true });
  server.child.ref();
  if (server.child.exitCode === null) await once(server.child, 'exit');
  await assert.rejects(server.end('SIGKILL'), /ended with 0/);
});
