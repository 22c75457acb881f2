// A person's browser: signs in at the Hub through Keycloak, opens JupyterLab with the panel, and leaves both open until
// stdin ends. `node page.mjs HUB USER SCREENSHOT`, with the password in PASSWORD and Chromium in CHROMIUM_PATH.
import { chromium } from 'playwright-core';

const [hub, user, screenshot] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'],
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.setDefaultTimeout(120_000);
const requests = [];
page.on('request', request => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
await page.goto(`${hub}/hub/oauth_login`);
await page.locator('#username').fill(user);
await page.locator('#password').fill(process.env['PASSWORD']);
await page.locator('#kc-login').click();
await page.waitForURL(/\/user\/[^/]+\/lab/);
await page.goto(`${hub}/user/${user}/lab?reset`); // what was left open there
await page.locator('.jp-Launcher').waitFor();
const cards = await page.locator('.jp-LauncherCard-label').allInnerTexts();
await page.getByTitle('OLO: catalog, jobs, lineage').first().click();
await page.locator('.olo-Panel').waitFor();
await page.screenshot({ path: screenshot });
const seen = { cards, storage: JSON.stringify(await page.context().storageState()) };
console.log(JSON.stringify(seen));
requests.length = 0;
process.stdin.resume();
process.stdin.on('end', async () => {
  console.log(JSON.stringify({ requests: requests.length, kinds: [...new Set(requests)] }));
  await browser.close();
  process.exit(0);
});
