import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { chromium } from '@playwright/test';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable'
];

/**
 * The Chromium to test with: CHROMIUM_PATH, Playwright's own, the system's; on Debian and Ubuntu, as root, it is
 * installed where there is none.
 *
 * @throws Error that says how to get one. The test is never skipped for want of a browser.
 */
export function findChromium(): string {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (!existsSync(named)) {
      throw new Error(`CHROMIUM_PATH names ${named}, where there is no file.`);
    }
    return named;
  }
  const installed = [chromium.executablePath(), ...PLACES].find(existsSync);
  if (installed) {
    return installed;
  }
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { env: environment, stdio: 'inherit' as const };
    execFileSync('apt-get', ['update', '-q'], options);
    execFileSync(
      'apt-get',
      ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
      options
    );
    const now = PLACES.find(existsSync);
    if (now) {
      return now;
    }
  }
  throw new Error(
    'No Chromium found. Set CHROMIUM_PATH, or install one: `npx playwright install chromium`, or `apt-get install chromium` as root.'
  );
}
