// client/site.js: what pages say of navigations to them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPage, readSite } from '../../client/site.js';
import { siteOf } from './lib/site.mjs';

test('a literal goes before a parameter; a static page is left to the browser, and hides what else would fit', () => {
  const pages = readSite(siteOf([['/:any', 5], ['/ideas', 6], ['/about', 0, false, true]]));
  assert.equal(findPage(pages, '/ideas').onNavigate, 6);
  assert.equal(findPage(pages, '/else').onNavigate, 5);
  assert.equal(findPage(pages, '/about'), undefined);
  assert.equal(findPage(pages, '/a/b'), undefined);
  assert.equal(findPage(pages, '/%zz'), undefined);
});

/* dew/duration.h */
const LEFT_OUT = 0n;
const FOREVER = -1n;
const ms = (count) => (1n << 62n) + BigInt(count);

/* What a page says itself, its layouts from the inner one outwards, and the application; what comes of it. */
const inherited = [
  ['onNavigate', [0, 0, 0, 0], 7],
  ['onHover', [0, 0, 0, 0], 1],
  ...['onNavigate', 'onHover'].flatMap((option) => [
    [option, [2, 3, 4, 5], 2],
    [option, [0, 3, 4, 5], 3],
    [option, [0, 0, 4, 5], 4],
    [option, [0, 0, 0, 5], 5],
  ]),
  ...[['hoverDelay', 30], ['stale', 10_000]].flatMap(([option, fallback]) => [
    [option, [LEFT_OUT, LEFT_OUT, LEFT_OUT, LEFT_OUT], fallback],
    [option, [ms(2), ms(3), ms(4), ms(5)], 2],
    [option, [LEFT_OUT, ms(3), ms(4), ms(5)], 3],
    [option, [LEFT_OUT, LEFT_OUT, ms(4), ms(5)], 4],
    [option, [LEFT_OUT, LEFT_OUT, LEFT_OUT, ms(5)], 5],
    [option, [ms(0), ms(3), LEFT_OUT, FOREVER], 0],
    [option, [LEFT_OUT, ms(0), FOREVER, ms(5)], 0],
    [option, [LEFT_OUT, LEFT_OUT, LEFT_OUT, ms(0)], 0],
    [option, [FOREVER, ms(0), ms(4), ms(5)], Infinity],
    [option, [LEFT_OUT, LEFT_OUT, FOREVER, ms(0)], Infinity],
    [option, [LEFT_OUT, LEFT_OUT, LEFT_OUT, FOREVER], Infinity],
  ]),
];

test('each option of the first that says it: the page, its layouts outwards, the application', () => {
  for (const [option, [page, inner, outer, application], expected] of inherited) {
    const of = (value) => ({ [option]: value });
    const [told] = readSite(siteOf([['/', 0, true, false, of(page)]], of(application), of(outer), of(inner)));
    assert.equal(told[option], expected, `${option}: ${[page, inner, outer, application]}`);
  }
});

test('where the browser renders all pages, all are as one that says so itself', () => {
  const [silent, asks] = readSite(siteOf([['/', 0], ['/asks', 4]]), true);
  assert.deepEqual([silent.isOff, silent.onNavigate], [true, 5]);
  assert.deepEqual([asks.isOff, asks.onNavigate], [true, 4]);
});

test('options are inherited one by one', () => {
  const [told] = readSite(siteOf([['/', 0, true, false, { onHover: 6 }]], { onNavigate: 2, onHover: 2 }, { stale: ms(7) }, { hoverDelay: ms(0) }));
  const { onNavigate, onHover, hoverDelay, stale } = told;
  assert.deepEqual({ onNavigate, onHover, hoverDelay, stale }, { onNavigate: 2, onHover: 6, hoverDelay: 0, stale: 7 });
});
