// Makes the README's picture: the board in two windows, one of them just changed. node tests/browser/picture.mjs docs/board.png
import { launch, startShowcase } from './lib/showcase.mjs';

const browser = await launch(), server = await startShowcase();
const view = { viewport: { width: 620, height: 590 }, deviceScaleFactor: 2 };
const [one, two] = await Promise.all([browser.newContext(view), browser.newContext({ ...view, colorScheme: 'dark' })]);
const [left, right] = [await one.newPage(), await two.newPage()];
await Promise.all([left, right].map((page) => page.goto(`${server.url}/board/b1`)));
await left.waitForFunction(() => document.documentElement.dew === 'live');
await left.fill('#title', 'Tie up the peas');
await left.click('.add button');
for (const page of [left, right]) await page.waitForSelector('li[data-id="4"]');
await left.evaluate(() => document.activeElement.blur());
const shots = [await left.screenshot(), await right.screenshot()].map((png) => `data:image/png;base64,${png.toString('base64')}`);
const frame = await browser.newPage({ viewport: { width: 1320, height: 678 } });
await frame.setContent(`<style>body{margin:0;padding:20px;display:flex;gap:20px;background:#dfe9e3;font:13px system-ui}
figure{margin:0;border-radius:10px;overflow:hidden;box-shadow:0 6px 24px #0003;background:#fff}figure.dark{background:#121815}
figcaption{padding:9px 14px;background:#eef3f0;color:#456}.dark figcaption{background:#26312c;color:#9fb0a7}img{display:block;width:630px}</style>
${shots.map((src, i) => `<figure class="${i ? 'dark' : ''}"><figcaption>localhost:8080/board/b1</figcaption><img src="${src}"></figure>`).join('')}`);
await frame.screenshot({ path: process.argv[2] ?? 'board.png' });
await browser.close();
await server.stop();
