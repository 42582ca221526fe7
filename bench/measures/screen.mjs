// Write to screen: a button is clicked in one visible window; when has the other window's DOM changed?
//
// The clicks go round a board of 20 tasks, so that each changes something even if the last one is still on its way; a change is told
// from another by its task.
import { absolute, note, share } from '../lib/figures.mjs';
import { launch } from '../lib/browser.mjs';
import { startDew } from '../lib/programs.mjs';

const perSecond = 20, tasks = 20;

/** In the window that writes: when each call was handed to the socket, and for which task. */
function watchSends() {
  window.sent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (message) {
    const task = typeof message === 'string' ? /"fn":"move_task".*"task_id":"(\d+)"/.exec(message) : null;
    if (task)
      window.sent.push([task[1], performance.timeOrigin + performance.now()]);
    return send.call(this, message);
  };
}

/** In the window that looks on: when each task's row became another. */
function watchList() {
  window.changed = [];
  new MutationObserver((records) => {
    const at = performance.timeOrigin + performance.now();
    for (const { target } of records)
      if (target instanceof HTMLLIElement)
        window.changed.push([target.dataset.id, at]);
  }).observe(document.querySelector('ul.cards'), { subtree: true, attributes: true, attributeFilter: ['class'] });
}

/** Clicks one task after the other. */
function writeAtPace({ count, everyMs }) {
  return new Promise((resolve) => {
    let at = 0;
    const buttons = document.querySelectorAll('ul.cards .move');
    const timer = setInterval(() => {
      buttons[at++ % buttons.length].click();
      if (at === count) {
        clearInterval(timer);
        resolve(undefined);
      }
    }, everyMs);
  });
}

async function addTasks(url) {
  for (let i = 0; i < tasks; i++) {
    const answer = await fetch(`${url}/_dew/rpc`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ fn: 'add_task', args: { board_id: 'bench', title: `Task ${i}` } }),
    });
    if (!answer.ok)
      throw new Error(`add_task: ${answer.status} ${await answer.text()}`);
  }
}

/** Milliseconds from sending to the change, for each write. */
function delays(sent, changed) {
  const waiting = new Map();
  for (const [task, at] of changed)
    waiting.set(task, [...(waiting.get(task) ?? []), at]);
  return sent.map(([task, at]) => waiting.get(task).shift() - at);
}

async function oneRound(browser, url, count) {
  const context = await browser.newContext();
  const open = async () => {
    const page = await context.newPage();
    await page.addInitScript(watchSends);
    const subscribed = page.waitForEvent('websocket').then((socket) =>
      socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('"subscribed"')));
    await page.goto(`${url}/board/bench`);
    await subscribed;
    return page;
  };
  const writer = await open(), onlooker = await open();
  await onlooker.evaluate(watchList);
  const visible = await Promise.all([writer, onlooker].map((page) => page.evaluate(() => document.visibilityState)));
  const pace = async (n) => {
    await writer.evaluate(writeAtPace, { count: n, everyMs: 1000 / perSecond });
    await onlooker.waitForFunction((all) => window.changed.length >= all, n, { timeout: 10_000 });
  };
  await pace(tasks); /* warms up */
  await writer.evaluate(() => { window.sent.length = 0; });
  await onlooker.evaluate(() => { window.changed.length = 0; });
  await pace(count);
  const sent = await writer.evaluate(() => window.sent), changed = await onlooker.evaluate(() => window.changed);
  await context.close();
  if (sent.length !== count || changed.length !== count || visible.some((state) => state !== 'visible'))
    throw new Error(`${sent.length} writes and ${changed.length} changes instead of ${count}, windows ${visible}`);
  return delays(sent, changed);
}

export async function measure({ rounds, seconds }) {
  const dew = await startDew('bench_board');
  await addTasks(dew.url);
  const browser = await launch();
  const each = [];
  for (let round = 0; round < rounds; round++)
    each.push(await oneRound(browser, dew.url, perSecond * seconds * 2));
  await browser.close();
  await dew.stop();
  const all = each.flat();
  return [
    absolute('write to screen, from sending in one window to the DOM of another, p99', share(all, 0.99), 10, 'ms', false,
      { writes: all.length, median: share(all, 0.5), max: Math.max(...all), p99PerRound: each.map((one) => share(one, 0.99)) }),
    note('the same, median', share(all, 0.5), 'ms'),
  ];
}
