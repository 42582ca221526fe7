// What Chromium transfers until a page is live: its subscription answered.
import { absolute, note } from '../lib/figures.mjs';
import { launch } from '../lib/browser.mjs';
import { startDew } from '../lib/programs.mjs';

const kind = (url) => {
  const { pathname } = new URL(url);
  return pathname.endsWith('.wasm') ? 'wasm' : pathname.endsWith('.js') ? 'host' : pathname.endsWith('.css') ? 'style' : 'page';
};

/** Bytes on the wire by kind, heads included, on a first visit with an empty cache; `rest` is what it asks for once it is live. */
async function visit(browser, address, encoding) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const requests = new Map();
  devtools.on('Network.requestWillBeSent', ({ requestId, request, timestamp }) => requests.set(requestId, { url: request.url, at: timestamp, bytes: 0 }));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    requests.get(requestId).bytes = encodedDataLength;
  });
  const live = new Promise((done) => {
    devtools.on('Network.webSocketFrameReceived', ({ response, timestamp }) => response.payloadData.includes('"subscribed"') && done(timestamp));
  });
  await devtools.send('Network.enable');
  await devtools.send('Network.setExtraHTTPHeaders', { headers: { 'Accept-Encoding': encoding } });
  await page.goto(address);
  const liveAt = await live;
  await page.waitForLoadState('networkidle');
  await context.close();
  const bytes = { page: 0, wasm: 0, host: 0, style: 0, rest: 0 };
  for (const request of requests.values()) bytes[request.at < liveAt ? kind(request.url) : 'rest'] += request.bytes;
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
    note('fetched after that: navigation and what else later.js does, gzip', alone.rest, 'bytes'),
    note('the showcase (ten pages): wasm and host', sum(whole), 'bytes'),
    note('each further page of the showcase', (sum(whole) - sum(alone)) / 9, 'bytes'),
  ];
}
