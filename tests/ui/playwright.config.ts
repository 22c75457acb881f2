import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defineConfig } from '@playwright/test';

import { findChromium } from './chromium';

const port = Number(process.env['OLO_UI_PORT'] ?? 18888);
const token = 'a-token-for-tests';
/** One folder a port: a second run at the same time has its own. */
export const folder = join(tmpdir(), `olo-ui-${port}`);
const python = process.env['OLO_PYTHON'] ?? join(__dirname, '..', '..', '.venv', 'bin', 'python');

export default defineConfig({
  testDir: __dirname,
  // tests/services runs these, and starts what they need.
  testIgnore: Object.entries({
    OLO_TEST_MLFLOW: 'experiments',
    OLO_TEST_GITEA: 'promotion',
    OLO_TEST_TRINO: 'governed'
  })
    .filter(([service]) => !process.env[service])
    .map(([, name]) => `${name}.spec.ts`),
  // A folder a port, as above: each run empties its own.
  outputDir: join(__dirname, '..', '..', 'test-results', String(port)),
  workers: 1,
  reporter: 'list',
  // What passes only at a second go is named as flaky in the report.
  retries: 2,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  metadata: { folder, python, token },
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: findChromium(),
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
    }
  },
  webServer: {
    command: `"${python}" -m tests.ui.serve "${folder}" ${port} ${token}`,
    cwd: join(__dirname, '..', '..'),
    url: `http://127.0.0.1:${port}/api`,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 }
  }
});
