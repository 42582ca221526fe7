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
