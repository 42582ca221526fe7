// Requests a second by wrk, 64 connections kept alive: pages of 50 rows against Hono, a plain page against nginx. All servers
// stand ready, and are asked in turn, round after round.
import { join } from 'node:path';
import { median, note, ratio } from '../lib/figures.mjs';
import { benchDir, metric, startDew, startHono, startNginx, wrk } from '../lib/programs.mjs';

export async function measure({ rounds, seconds }) {
  const dew = await startDew('bench');
  const hono = await startHono();
  const plain = await (await fetch(`${dew.url}/plain`)).text();
  const nginx = await startNginx(plain);
  const rates = { fresh: [], valid: [], hono: [], plain: [], nginx: [] }, perRequest = { fresh: [], valid: [] };
  const script = join(benchDir, 'peers/fresh.lua');
  let start = 0;

  const counted = async (name, ask) => {
    const before = await metric(dew.url, 'dew_sql_statements_total');
    const { rate, requests } = await ask();
    rates[name].push(rate);
    perRequest[name].push((await metric(dew.url, 'dew_sql_statements_total') - before) / requests);
  };
  for (let round = 0; round < rounds; round++) {
    await counted('fresh', () => wrk(dew.url, { seconds, script, env: { START: String(start += 10_000_000) } }));
    rates.hono.push((await wrk(`${hono.url}/table?rows=50`, { seconds })).rate);
    await counted('valid', () => wrk(`${dew.url}/table?rows=50`, { seconds }));
    rates.plain.push((await wrk(`${dew.url}/plain`, { seconds })).rate);
    rates.nginx.push((await wrk(`${nginx.url}/plain`, { seconds })).rate);
  }
  await Promise.all([dew.stop(), hono.stop(), nginx.stop()]);
  if (median(perRequest.fresh) < 0.99)
    throw new Error(`only ${median(perRequest.fresh)} statements were run per request: this does not measure SQL`);
  return [
    ratio('page of 50 rows, its SQL run for each request, against Hono (rows in memory)', 4, 'requests/s', rates.fresh, rates.hono,
      { statementsPerRequest: perRequest.fresh }),
    ratio('the same, the result still valid, page rendered for each request', 10, 'requests/s', rates.valid, rates.hono,
      { statementsPerRequest: perRequest.valid }),
    ratio('plain page of 5 KB through router and scope, against nginx (static file)', 1.2, 'requests/s', rates.plain, rates.nginx,
      { bytes: Buffer.byteLength(plain) }),
    note('SQL statements per request, in the first of these', median(perRequest.fresh), ''),
  ];
}
