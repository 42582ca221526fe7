// The code that both sides share makes the same bytes in WebAssembly as natively (design rule 13).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WASM = ['--target=wasm32', '-ffreestanding', '-nostdlibinc', '-isystem', 'src/base/freestanding/include', '-Oz', '-mbulk-memory',
  '-msign-ext', '-mnontrapping-fptoint', '-mmutable-globals', '-ffunction-sections', '-nostdlib', '-Wl,--no-entry',
  '-Wl,--gc-sections', '-Wl,-z,stack-size=262144'];

/** @param {string[]} names the first of these programs that is there */
function program(...names) {
  for (const name of names) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch { /* the next */ }
  }
  return undefined;
}

/** @param {string} folder @returns {string[]} its C files */
function sources(folder) {
  return readdirSync(join(ROOT, folder)).filter((name) => /^[a-z0-9_]+\.c$/.test(name)).map((name) => `${folder}/${name}`);
}

test('numbers, formatting, JSON, changes and hashes are the same bytes on both sides', async (t) => {
  const cc = program(process.env.CC ?? 'cc', 'gcc', 'clang');
  const clang = program('clang', 'clang-14');
  if (cc === undefined || clang === undefined) {
    t.skip('needs a C compiler and clang');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'dew-two-sides-'));
  try {
    const common = ['-std=gnu17', '-Iinclude', '-Isrc', '-Itests', 'tests/wasm/two_sides.c', ...sources('src/base'), ...sources('src/type')];
    const run = (/** @type {string} */ file, /** @type {string[]} */ args) => execFileSync(file, args, { cwd: ROOT, maxBuffer: 1 << 28 });
    const flags = process.env.DEW_TEST_CFLAGS?.split(' ') ?? [];
    run(cc, ['-O2', ...flags, ...common, '-o', join(folder, 'native')]);
    run(clang, [...WASM, ...common, 'src/base/freestanding/runtime.c', '-o', join(folder, 'side.wasm')]);

    const native = run(join(folder, 'native'), []);
    const { instance } = await WebAssembly.instantiate(readFileSync(join(folder, 'side.wasm')));
    const { memory, text, len } = /** @type {any} */ (instance.exports);
    const at = text();
    const wasm = Buffer.from(memory.buffer, at, len());

    assert.ok(native.length > 1_000_000, 'there is something to compare');
    if (!native.equals(wasm)) {
      const [a, b] = [native.toString().split('\n'), wasm.toString().split('\n')];
      const line = a.findIndex((_, i) => a[i] !== b[i]);
      assert.equal(b[line], a[line], `line ${line + 1} differs`);
    }
    assert.ok(!/ NOT |^NOT /m.test(native.toString()), 'everything is read back');

    // and JavaScript writes the same text for the same numbers and values
    let values = 0;
    for (const line of native.toString().split('\n')) {
      if (line.startsWith('{"flag"') && !line.includes('\\u00e9')) { // raw JSON stays as it was made, escapes and all
        assert.equal(JSON.stringify(JSON.parse(line)), line);
        values++;
      }
      const number = /^(-?[0-9.e+-]+) -?[0-9]/.exec(line);
      if (number) assert.equal(String(Number(number[1])), number[1]);
    }
    assert.ok(values > 50);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
