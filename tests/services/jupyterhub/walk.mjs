// A person's browser walks through the Hub: signs in through Keycloak, reads the panel, opens a job and tries to run it.
// Tells what was on the screen and every page's text as one line of JSON. `node walk.mjs HUB USER JOB SCREENSHOTS`, with
// the password in PASSWORD and Chromium in CHROMIUM_PATH.
import { chromium } from 'playwright-core';

const [hub, user, job, screenshots] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'],
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu']
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.setDefaultTimeout(120_000);
const pages = [];
const keep = async () => pages.push(await page.content());
await page.goto(`${hub}/hub/oauth_login`);
await keep();
await page.locator('#username').fill(user);
await page.locator('#password').fill(process.env['PASSWORD']);
await page.locator('#kc-login').click();
await page.waitForURL(/\/user\/[^/]+\/lab/);
await page.locator('.jp-Launcher').waitFor();
const panel = page.locator('.olo-Panel');
// An earlier page of this person may have left the panel open, and the layout is restored: a click would close it.
await page.waitForTimeout(3_000);
if (!(await panel.isVisible())) {
  await page.getByTitle('OLO: catalog, jobs, lineage').first().click();
}
await panel.getByRole('tree', { name: 'Catalog' }).getByRole('treeitem').first().waitFor();
await panel.getByRole('list', { name: 'Jobs', exact: true }).waitFor();
await panel.getByRole('list', { name: 'Jobs', exact: true }).getByText(job).first().waitFor();
const shown = await panel.innerText();
await keep();
await page.screenshot({ path: `${screenshots}/panel-${user}.png` });
await page.goto(`${hub}/user/${user}/lab?olo=job/${job}&olo.target=dev`);
const run = page.locator('.olo-View:visible').getByRole('button', { name: 'Run…', exact: true });
await run.waitFor();
await run.click();
const dialog = page.getByRole('dialog');
await dialog.getByRole('button', { name: 'Run', exact: true }).click();
await page.waitForTimeout(8_000);
const tried = await page.locator('body').innerText();
await keep();
await page.screenshot({ path: `${screenshots}/run-${user}.png` });
for (const path of ['hub/home', 'hub/token', 'hub/admin', 'hub/spawn', 'hub/user/olo-root/', 'hub/no-such-page']) {
  await page.goto(`${hub}/${path}`);
  await keep();
}
console.log(JSON.stringify({ shown, tried, pages }));
await browser.close();
