// A person's browser on a job that Airflow runs: tells each state of the newest run with the moment at which it was on the
// screen, as lines of JSON, until stdin ends. `node airflow_page.mjs BASE TOKEN JOB TARGET`, Chromium in CHROMIUM_PATH.
import { chromium } from '@playwright/test';

const [base, token, job, target] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'],
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.setDefaultTimeout(120_000);
await page.exposeFunction('tell', said => console.log(JSON.stringify(said)));
await page.goto(`${base}/lab?reset&token=${token}&olo=job/${job}&olo.target=${target}`);
await page.locator('.olo-JobView-runs').waitFor();
await page.waitForTimeout(3000);
await page.evaluate(() => {
  let last = '';
  const look = () => {
    const row = document.querySelector('.olo-JobView-runs [role="listitem"]');
    const run = row?.querySelector('button')?.title.match(/run (.+)$/)?.[1] ?? '';
    const state = row?.querySelector('[role="img"]')?.getAttribute('aria-label') ?? '';
    if (run && `${run} ${state}` !== last) {
      last = `${run} ${state}`;
      window.tell({ run, state, at: Date.now() / 1000 });
    }
    requestAnimationFrame(look);
  };
  look();
});
console.log(JSON.stringify({ ready: true }));
process.stdin.resume();
process.stdin.on('end', async () => {
  if (process.env['SCREENSHOT']) {
    await page.screenshot({ path: process.env['SCREENSHOT'] });
  }
  await browser.close();
  process.exit(0);
});
