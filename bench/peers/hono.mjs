// The page /table?rows=50 of bench/app, by Hono and preact-render-to-string, its rows in memory. Prints its address.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { makeItems } from './items.mjs';

const items = makeItems(1000);

/** @param {{ item: import('./items.mjs').Item }} props */
const Row = ({ item }) =>
  h('tr', null,
    h('td', { class: 'number' }, item.id),
    h('td', null, item.title),
    h('td', { class: 'number' }, item.price),
    h('td', { class: item.stock === 0 ? 'number out' : 'number' }, item.stock));

/** @param {{ rows: number }} props */
const Page = ({ rows }) =>
  h('html', { lang: 'en' },
    h('head', null, h('meta', { charset: 'utf-8' }), h('title', null, 'Catalogue')),
    h('body', null,
      h('h1', null, 'Catalogue'),
      h('table', { class: 'table' },
        h('thead', null, h('tr', null, ['No.', 'Item', 'Price', 'In stock'].map((name) => h('th', { key: name }, name)))),
        h('tbody', null, items.slice(0, rows).map((item) => h(Row, { key: item.id, item }))))));

const app = new Hono();
app.get('/table', (c) => c.html(`<!doctype html>${renderToString(h(Page, { rows: Number(c.req.query('rows') ?? 50) }))}`));
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(`http://127.0.0.1:${port}`));
