// Waits until a page is live, and until the part of the host that is fetched then (client/later.js) has taken the links over.

/** @param {import('playwright-core').Page} page */
export async function live(page) {
  await page.waitForFunction(() => document.documentElement.dew === 'live', null, { polling: 10, timeout: 10_000 });
  await page.evaluate(async () => {
    const host = document.querySelector('script[type=module][src$=".js"][async]').src;
    await import(host.replace(/js$/, 'later.js')); // the same module: its first import is done with before this one
  });
}
