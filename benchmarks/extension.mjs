/**
 * What the extension adds to JupyterLab's start, in Chromium: `node extension.mjs BASE TOKEN CHROMIUM ROUNDS`.
 *
 * With and without it in turn; without means that none of its scripts arrives. Prints JSON: milliseconds to
 * `app.restored` by round, and the sizes (gzip) of what it loaded before any panel was opened.
 */
import { gzipSync } from 'node:zlib';

import { chromium } from '@playwright/test';

const [base, token, executablePath, rounds] = process.argv.slice(2);
const OURS = /\/lab\/extensions\/olo-jupyter\//;

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
});

async function start(extension) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const bodies = [];
  if (!extension) {
    await page.route(OURS, route => route.abort());
  }
  page.on('response', response => OURS.test(response.url()) && bodies.push(response.body().catch(() => Buffer.alloc(0))));
  await page.goto(`${base}/lab/workspaces/bench?reset&token=${token}`);
  await page.waitForFunction(() => window.jupyterapp !== undefined, null, { polling: 5 });
  const milliseconds = await page.evaluate(async () => {
    await window.jupyterapp.restored;
    return performance.now();
  });
  await page.waitForTimeout(1000);
  const gzip = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
  await context.close();
  return { milliseconds, gzip };
}

await start(true);
await start(false);
const ours = [];
const theirs = [];
for (let round = 0; round < Number(rounds); round++) {
  ours.push(await start(true));
  theirs.push(await start(false));
}
await browser.close();
console.log(
  JSON.stringify({
    ours: ours.map(one => one.milliseconds / 1000),
    theirs: theirs.map(one => one.milliseconds / 1000),
    gzip: Math.max(...ours.map(one => one.gzip))
  })
);
