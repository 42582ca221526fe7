// Chromium on the clients' core.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { benchDir } from './programs.mjs';

/** @param {string[]} [more] arguments */
export const launch = (more = []) => chromium.launch({
  executablePath: join(benchDir, 'lib/chromium-pinned'),
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--no-first-run', '--disable-default-apps', '--disable-features=LocalNetworkAccessChecks', ...more],
});
