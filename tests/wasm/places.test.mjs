// What components keep from one render to the next (src/view/place.h), in WebAssembly, without a browser: passes are said step by
// step; a thing is called what who met it first called it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, beforeEach, test } from 'node:test';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FLAGS = ['--target=wasm32', '-std=gnu17', '-ffreestanding', '-nostdlibinc', '-isystem', 'src/base/freestanding/include', '-O1',
  '-fsanitize=undefined', '-fsanitize-trap=undefined', '-fno-sanitize=pointer-overflow', '-mbulk-memory', '-msign-ext', '-mnontrapping-fptoint', '-mmutable-globals',
  '-ffunction-sections', '-nostdlib', '-Wl,--no-entry', '-Wl,--gc-sections', '-Iinclude', '-Isrc'];

let folder, module;
/** @type {any} */
let wasm;
/** @type {string[]} */
let heard;
/** @type {(name: number) => void} */
let onAct;

const sources = (/** @type {string} */ name) =>
  readdirSync(join(ROOT, name)).filter((file) => /\.c$/.test(file) && !/\.server\.c$/.test(file)).map((file) => `${name}/${file}`);

before(async () => {
  const clang = ['clang', 'clang-14'].find((name) => {
    try { return execFileSync(name, ['--version']); } catch { return false; }
  });
  folder = mkdtempSync(join(tmpdir(), 'dew-places-'));
  const all = ['src/base', 'src/base/freestanding', 'src/type', 'src/view'].flatMap(sources);
  execFileSync(/** @type {string} */ (clang), [...FLAGS, 'tests/wasm/places.c', ...all, '-o', join(folder, 'places.wasm')], { cwd: ROOT });
  module = await WebAssembly.compile(readFileSync(join(folder, 'places.wasm')));
});

after(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  heard = [];
  onAct = () => {};
  const named = (/** @type {string} */ what) => (/** @type {number} */ name) => void heard.push(`${what} ${name}`);
  const imports = {
    test: {
      disposed: named('disposed'),
      settled: named('settled'),
      acted: (/** @type {number} */ name) => { named('acted')(name); onAct(name); },
      handled: () => void heard.push('handled'),
    },
    dew: new Proxy({}, { get: () => () => 0 }), // the host: nobody looks at the DOM
  };
  wasm = (await WebAssembly.instantiate(module, imports)).exports;
});

/** A completed pass. @param {() => void} render @returns {string[]} what it came to */
function pass(render) {
  heard.length = 0;
  wasm.begin();
  render();
  wasm.end();
  return heard.filter((what) => !/settled|acted/.test(what));
}

/** @param {number} key @param {() => void} content @param {number} [isItem] */
function el(key, content, isItem = 1) {
  wasm.open(isItem, key);
  content();
  wasm.close();
}

/** The name of what stands here. */
const at = (/** @type {number} */ site, /** @type {number} */ name, key = -1) => wasm.name_of(wasm.meet(site, key, name));

test('what is met again is what was there, and what is not met goes', () => {
  const seen = [];
  pass(() => seen.push(at(0, 1), at(1, 2)));
  pass(() => seen.push(at(0, 3), at(1, 4)));
  assert.deepEqual(seen, [1, 2, 1, 2]);
  assert.deepEqual(pass(() => at(1, 5)), ['disposed 1']);
  assert.deepEqual(pass(() => assert.equal(at(0, 6), 6)), ['disposed 2']);
});

test('a component that runs per item keeps one for each, under its key', () => {
  const list = (/** @type {number[]} */ keys, /** @type {number} */ from) => {
    /** @type {number[]} */
    const names = [];
    const gone = pass(() => el(-1, () => keys.forEach((key, i) => el(key, () => names.push(at(0, from + i)))), 0));
    return { names, gone };
  };
  assert.deepEqual(list([7, 8, 9], 1), { names: [1, 2, 3], gone: [] });
  assert.deepEqual(list([9, 7, 8], 10), { names: [3, 1, 2], gone: [] });
  assert.deepEqual(list([8, 100, 101], 20), { names: [2, 21, 22], gone: ['disposed 3', 'disposed 1'] });
  assert.deepEqual(list([101, 8, 100], 30), { names: [22, 2, 21], gone: [] });
});

test('without keys the order among equal siblings counts, not what else stands between', () => {
  const names = (/** @type {boolean} */ between, /** @type {number} */ from) => {
    /** @type {number[]} */
    const all = [];
    pass(() => el(-1, () => {
      el(-1, () => all.push(at(0, from)));
      if (between) el(-1, () => {}, 0);
      if (between) el(5, () => {});
      el(-1, () => all.push(at(0, from + 1)));
    }, 0));
    return all;
  };
  assert.deepEqual(names(false, 1), [1, 2]);
  assert.deepEqual(names(true, 10), [1, 2]);
});

test('equal calls are told apart by their order; a key given tells them apart by itself', () => {
  let names = [];
  pass(() => names.push(at(0, 1), at(0, 2), at(0, 3)));
  assert.deepEqual(pass(() => names.push(at(0, 4), at(0, 5))), ['disposed 3']);
  assert.deepEqual(names, [1, 2, 3, 1, 2]);
  names = [];
  pass(() => names.push(at(1, 1, 50), at(1, 2, 60)));
  pass(() => names.push(at(1, 3, 60), at(1, 4, 50)));
  assert.deepEqual(names, [1, 2, 2, 1]);
});

test('many equal calls, and many children', () => {
  const all = Array.from({ length: 3000 }, (_, i) => i);
  const names = () => all.map((i) => at(0, i + 1));
  pass(() => names());
  pass(() => assert.deepEqual(names(), all.map((i) => i + 1)));
  assert.equal(pass(() => {}).length, 3000);
});

test('inside a place that is entered the way begins anew; what is skipped keeps what is in it', () => {
  const page = (/** @type {boolean} */ isInside, /** @type {boolean} */ isDeep) => pass(() => {
    if (isDeep) wasm.open(0, -1);
    const memo = wasm.meet(0, 4, 1);
    if (isInside) {
      wasm.enter(memo);
      el(-1, () => assert.equal(at(1, 2), 2));
      wasm.leave(memo);
    }
    at(1, 3);
    if (isDeep) wasm.close();
  });
  assert.deepEqual(page(true, false), []);
  assert.deepEqual(page(false, false), []);
  assert.deepEqual(page(true, false), []);
  assert.deepEqual(page(true, true), ['disposed 3', 'disposed 2', 'disposed 1'], 'it stands elsewhere: all of it is another');
});

test('what goes is told children first, the later before the earlier', () => {
  pass(() => {
    at(0, 1);
    const outer = wasm.meet(1, -1, 2);
    wasm.enter(outer);
    at(0, 3);
    const inner = wasm.meet(1, -1, 4);
    wasm.enter(inner);
    at(0, 5);
    at(1, 6);
    wasm.leave(inner);
    at(2, 7);
    wasm.leave(outer);
    at(3, 8);
  });
  assert.deepEqual(pass(() => {}), [8, 7, 6, 5, 4, 3, 2, 1].map((name) => `disposed ${name}`));
});

test('a pass that is given up changes nothing but what is new, and that goes unless the next meets it', () => {
  pass(() => at(0, 1));
  wasm.begin();
  at(1, 2);
  at(2, 3);
  wasm.cancel();
  assert.deepEqual(heard.filter((what) => what.startsWith('disposed')), []);
  assert.deepEqual(pass(() => {
    assert.equal(at(0, 4), 1);
    assert.equal(at(1, 5), 2);
  }), ['disposed 3']);
});

test('when all have settled, they act, in the order in which they were met', () => {
  pass(() => {
    at(1, 1);
    at(0, 2);
  });
  assert.deepEqual(heard, ['settled 1', 'settled 2', 'acted 1', 'acted 2']);
  pass(() => {
    at(0, 3);
    at(1, 4);
  });
  assert.deepEqual(heard, ['settled 2', 'settled 1', 'acted 2', 'acted 1']);
});

test('a change inside marks all around it for the next pass, until one that renders it is completed', () => {
  let deep, memo, other;
  const page = (/** @type {boolean} */ rendersMemo) => {
    memo = wasm.meet(0, 1, 1);
    const marked = wasm.has_changed(memo);
    if (rendersMemo) {
      wasm.enter(memo);
      deep = wasm.meet(1, -1, 2);
      wasm.leave(memo);
    }
    other = wasm.meet(0, 2, 3);
    return [marked, wasm.has_changed(other)];
  };
  pass(() => page(true));
  assert.equal(wasm.is_new(memo), 0);
  pass(() => assert.deepEqual(page(false), [0, 0]));
  wasm.set(deep, 5);
  wasm.begin();
  assert.deepEqual(page(true), [1, 0]);
  wasm.cancel();
  pass(() => assert.deepEqual(page(true), [1, 0], 'the pass before was given up'));
  pass(() => assert.deepEqual(page(false), [0, 0]));
});

test('what is changed while they act is rendered soon, and found changed', () => {
  let one;
  const page = () => {
    one = wasm.meet(0, -1, 1);
    at(1, 2);
    return wasm.has_changed(one);
  };
  assert.deepEqual(pass(page), []);
  onAct = (name) => name === 2 && wasm.set(one, 5);
  assert.deepEqual(pass(page), ['handled']);
  onAct = () => {};
  assert.deepEqual(pass(() => assert.equal(page(), 1)), []);
  assert.deepEqual(pass(() => assert.equal(page(), 0)), []);
});

test('those who asked for a context are marked, with all around them', () => {
  let marked;
  const page = (/** @type {boolean} */ changes, /** @type {boolean} */ renders) => {
    const provider = wasm.meet(0, -1, 1);
    wasm.enter(provider);
    if (changes) wasm.mark_readers(provider);
    const reader = wasm.meet(1, 1, 2), other = wasm.meet(1, 2, 3);
    marked = [reader, other].map(wasm.has_changed);
    for (const memo of renders ? [reader, other] : []) {
      wasm.enter(memo);
      if (memo === reader) wasm.reads_context();
      wasm.leave(memo);
    }
    wasm.leave(provider);
  };
  pass(() => page(false, true));
  pass(() => page(false, false));
  assert.deepEqual(marked, [0, 0]);
  pass(() => page(true, true));
  assert.deepEqual(marked, [1, 0]);
});
