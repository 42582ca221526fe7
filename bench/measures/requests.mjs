// Requests a second by wrk, 64 connections kept alive: pages of 50 rows against Hono, a plain page against nginx. All servers
// stand ready, and are asked in turn, round after round.
import { join } from 'node:path';
import { median, note, ratio } from '../lib/figures.mjs';
import { benchDir, cpuNs, metric, startDew, startHono, startNginx, wrk } from '../lib/programs.mjs';

const names = { fresh: 'page of 50 rows, SQL run', valid: 'page of 50 rows, result valid', hono: 'Hono, 50 rows', plain: 'plain page', nginx: 'nginx' };

export async function measure({ rounds, seconds }) {
  const dew = await startDew('bench');
  const hono = await startHono();
  const plain = await (await fetch(`${dew.url}/plain`)).text();
  const nginx = await startNginx(plain);
  const rates = { fresh: [], valid: [], hono: [], plain: [], nginx: [] };
  const cpu = { fresh: [], valid: [], hono: [], plain: [], nginx: [] }; /* µs on the servers' core per request */
  const statements = { fresh: [], valid: [] };
  let start = 0;

  const load = async (name, server, path, options = {}) => {
    const before = cpuNs(server.pid);
    const { rate, requests } = await wrk(`${server.url}${path}`, { seconds, ...options });
    rates[name].push(rate);
    cpu[name].push((cpuNs(server.pid) - before) / requests / 1000);
    return requests;
  };
  const counted = async (name, path, options) => {
    const before = await metric(dew.url, 'dew_sql_statements_total');
    const requests = await load(name, dew, path, options);
    statements[name].push((await metric(dew.url, 'dew_sql_statements_total') - before) / requests);
  };
  for (let round = 0; round < rounds; round++) {
    await counted('fresh', '/', { script: join(benchDir, 'peers/fresh.lua'), env: { START: String(start += 10_000_000) } });
    await load('hono', hono, '/table?rows=50');
    await counted('valid', '/table?rows=50');
    await load('plain', dew, '/plain');
    await load('nginx', nginx, '/plain');
  }
  await Promise.all([dew.stop(), hono.stop(), nginx.stop()]);
  if (median(statements.fresh) < 0.99)
    throw new Error(`only ${median(statements.fresh)} statements were run per request: this does not measure SQL`);
  const raw = (a, b) => ({ cpuPerRequest: { dew: cpu[a], peer: cpu[b] }, cpuRatio: median(cpu[b]) / median(cpu[a]) });
  return [
    ratio('page of 50 rows, its SQL run for each request, against Hono (rows in memory)', 4, 'requests/s', rates.fresh, rates.hono,
      { statementsPerRequest: statements.fresh, ...raw('fresh', 'hono') }),
    ratio('the same, the result still valid, page rendered for each request', 10, 'requests/s', rates.valid, rates.hono,
      { statementsPerRequest: statements.valid, ...raw('valid', 'hono') }),
    ratio('plain page of 5 KB through router and scope, against nginx (static file)', 1.2, 'requests/s', rates.plain, rates.nginx,
      { bytes: Buffer.byteLength(plain), ...raw('plain', 'nginx') }),
    note('SQL statements per request, in the first of these', median(statements.fresh), ''),
    ...Object.entries(cpu).map(([name, values]) => note(`processor time per request: ${names[name]}`, median(values), 'µs')),
  ];
}
