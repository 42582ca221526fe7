// Writes and publishes at every point between render, subscribe, disconnect and reconnect: no update is missed, shown twice or
// shown out of order, of the database or of a channel. The server is the real one, and so are the modules of the browser; only
// their time, their network's faults and the order of things are the schedule's.
//
// SCHEDULES schedules (1,000), LANES side by side, each lane with a server of its own. SCHEDULE_SEED=n runs that one alone,
// SCHEDULE_REPEAT times (1): threads race all the same. SCHEDULE_TRACE=1 says all of what led to a failure.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Server, WRITER } from './lib/server.mjs';
import { World } from './lib/world.mjs';

const SCHEDULES = Number(process.env.SCHEDULES ?? 1000);
const LANES = Number(process.env.LANES ?? 3);
const REPEAT = Number(process.env.SCHEDULE_REPEAT ?? 1);
const SEED = process.env.SCHEDULE_SEED;
const ALL = 500; // so many schedules write and publish at every point
const TRACE_SHOWN = 60;

const source = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The points of the server, as its sources have them. */
function points() {
  const named = (path, list, prefix) => {
    const [, body] = source(path).match(new RegExp(`#define ${list}\\(X\\)((?:.*\\\\\\n)+.*)`));
    return [...body.matchAll(/X\((\w+)\)/g)].map((match) => prefix + match[1]);
  };
  const own = [...source('tests/apps/schedule/schedule.server.c').matchAll(/stops_at\("(.*?)"\)/g)].map((match) => match[1]);
  return [...named('src/app/hook.h', 'APP_POINTS', 'app.'), ...named('src/live/live.h', 'DEW_LIVE_POINTS', 'live.'), ...own];
}

/** Runs seeds one after the other on a server. */
async function lane(next, counts) {
  const server = await Server.start();
  let room = 0, items = 0;
  try {
    for (let seed = next(); seed; seed = next()) {
      try {
        items = await new World(server, seed, ++room, points(), items).run();
      } catch (error) {
        const trace = process.env.SCHEDULE_TRACE ? error.trace : error.trace?.slice(-TRACE_SHOWN);
        console.error(`# SCHEDULE_SEED=${seed} fails: ${error.message}\n${(trace ?? []).map((line) => `#   ${line}`).join('\n')}`);
        throw error;
      }
    }
  } finally {
    const how = await server.stop();
    assert.equal(how, 0, 'how the server ended');
  }
  for (const [point, { stood, write, publish }] of Object.entries(server.counts)) {
    const all = (counts[point] ??= { stood: 0, write: 0, publish: 0 });
    all.stood += stood;
    all.write += write;
    all.publish += publish;
  }
}

test(SEED ? `schedule ${SEED}` : `${SCHEDULES} random schedules`, async () => {
  const seeds = SEED ? Array(REPEAT).fill(Number(SEED)) : Array.from({ length: SCHEDULES }, (_, i) => i + 1);
  const counts = {};
  const next = () => seeds.shift();
  const lanes = Array.from({ length: SEED ? 1 : LANES }, () => lane(next, counts));
  await Promise.all(lanes.map((one) => one.catch((error) => {
    seeds.length = 0; // the others end, too
    throw error;
  })));
  console.log(`# stood at, writes and publishes meanwhile: ${Object.entries(counts).map(([point, { stood, write, publish }]) => `${point} ${stood} ${write} ${publish}`).join(', ')}`);
  if (SEED || SCHEDULES < ALL) return;
  for (const point of points()) {
    assert.ok(counts[point]?.publish, `nobody published at ${point}`);
    assert.ok(counts[point].write || WRITER.includes(point), `nobody wrote at ${point}`);
  }
});
