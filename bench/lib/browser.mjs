// Chromium on the clients' core.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { benchDir } from './programs.mjs';

/** @param {string[]} [more] arguments */
export const launch = (more = [], { pinned = true } = {}) => chromium.launch({
  executablePath: pinned ? join(benchDir, 'lib/chromium-pinned') : process.env.DEW_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--no-first-run', '--disable-default-apps', '--disable-features=LocalNetworkAccessChecks', ...more],
});
