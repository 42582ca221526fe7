// What Chromium transfers until a page is live: its subscription answered.
import { absolute, note } from '../lib/figures.mjs';
import { launch } from '../lib/browser.mjs';
import { startDew } from '../lib/programs.mjs';

const kind = (url) => {
  const { pathname } = new URL(url);
  return pathname.endsWith('.wasm') ? 'wasm' : pathname.endsWith('.js') ? 'host' : pathname.endsWith('.css') ? 'style' : 'page';
};

/** Bytes on the wire by kind, heads included, on a first visit with an empty cache. */
async function visit(browser, address, encoding) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const urls = new Map(), bytes = { page: 0, wasm: 0, host: 0, style: 0 };
  devtools.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes[kind(urls.get(requestId))] += encodedDataLength;
  });
  await devtools.send('Network.enable');
  await devtools.send('Network.setExtraHTTPHeaders', { headers: { 'Accept-Encoding': encoding } });
  const live = page.waitForEvent('websocket').then((socket) =>
    socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('"subscribed"')));
  await page.goto(address);
  await live;
  await context.close();
  return bytes;
}

export async function measure() {
  const board = await startDew('bench_board'), showcase = await startDew('showcase');
  const browser = await launch();
  const alone = await visit(browser, `${board.url}/board/b1`, 'gzip'), whole = await visit(browser, `${showcase.url}/board/b1`, 'gzip');
  const brotli = await visit(browser, `${board.url}/board/b1`, 'br');
  await browser.close();
  await Promise.all([board.stop(), showcase.stop()]);
  const sum = ({ wasm, host }) => wasm + host;
  return [
    absolute('transferred until /board alone is live: wasm and host, gzip', sum(alone), 20 * 1024, 'bytes', false, { alone, whole, brotli }),
    note('of which wasm', alone.wasm, 'bytes'),
    note('the same with brotli, which Chromium asks for on https and localhost', sum(brotli), 'bytes'),
    note('the showcase (four pages): wasm and host', sum(whole), 'bytes'),
    note('each further page of the showcase', (sum(whole) - sum(alone)) / 3, 'bytes'),
  ];
}
