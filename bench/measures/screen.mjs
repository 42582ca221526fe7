// Write to screen: a button is clicked in one visible window; when has the other window's DOM changed?
import { absolute, note, share } from '../lib/figures.mjs';
import { launch } from '../lib/browser.mjs';
import { startDew } from '../lib/programs.mjs';

const perSecond = 20;

/** In the window that writes: when each call was handed to the socket. */
function watchSends() {
  window.sent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (message) {
    if (typeof message === 'string' && message.includes('"type":"call"'))
      window.sent.push(performance.timeOrigin + performance.now());
    return send.call(this, message);
  };
}

/** In the window that looks on: when the list changed. */
function watchList() {
  window.changed = [];
  new MutationObserver(() => window.changed.push(performance.timeOrigin + performance.now()))
    .observe(document.querySelector('ul.cards'), { subtree: true, childList: true, attributes: true, characterData: true });
}

/** Clicks the first task to and fro. */
function writeAtPace({ count, everyMs }) {
  return new Promise((resolve) => {
    let left = count;
    const timer = setInterval(() => {
      document.querySelector('ul.cards .move').click();
      if (--left === 0) {
        clearInterval(timer);
        resolve(undefined);
      }
    }, everyMs);
  });
}

async function oneRound(browser, url, count) {
  const context = await browser.newContext();
  const open = async () => {
    const page = await context.newPage();
    await page.addInitScript(watchSends);
    const subscribed = page.waitForEvent('websocket').then((socket) =>
      socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('"subscribed"')));
    await page.goto(`${url}/board/b1`);
    await subscribed;
    return page;
  };
  const writer = await open(), onlooker = await open();
  await onlooker.evaluate(watchList);
  const visible = await Promise.all([writer, onlooker].map((page) => page.evaluate(() => document.visibilityState)));
  await writer.evaluate(writeAtPace, { count: 10, everyMs: 1000 / perSecond }); /* warms up */
  await onlooker.waitForFunction(() => window.changed.length >= 10);
  await writer.evaluate(() => { window.sent.length = 0; });
  await onlooker.evaluate(() => { window.changed.length = 0; });
  await writer.evaluate(writeAtPace, { count, everyMs: 1000 / perSecond });
  await onlooker.waitForFunction((n) => window.changed.length >= n, count, { timeout: 10_000 });
  const sent = await writer.evaluate(() => window.sent), changed = await onlooker.evaluate(() => window.changed);
  await context.close();
  if (sent.length !== count || changed.length !== count || visible.some((state) => state !== 'visible'))
    throw new Error(`${sent.length} writes and ${changed.length} changes instead of ${count}, windows ${visible}`);
  return sent.map((at, i) => changed[i] - at);
}

export async function measure({ rounds, seconds }) {
  const dew = await startDew('bench_board');
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
