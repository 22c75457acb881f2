import AxeBuilder from '@axe-core/playwright';
import { expect, Page, test, TestInfo } from '@playwright/test';

let lab: Page;

test.describe.configure({ mode: 'serial' });

function token(info: TestInfo): string {
  return (info.config.metadata as { token: string }).token;
}

test.beforeAll(async ({ browser }, info) => {
  // Its own context: axe opens a page beside this one.
  const context = await browser.newContext();
  lab = await context.newPage();
  await lab.goto(`/lab?reset&token=${token(info)}`);
  await expect(lab.getByRole('tab', { name: 'Launcher' })).toBeVisible({ timeout: 90_000 });
});

test.afterAll(() => lab.context().close());

async function openSection(name: string): Promise<void> {
  const panel = lab.locator('.olo-Panel');
  if (!(await panel.isVisible())) {
    await lab.getByTitle('OLO: catalog, jobs, lineage').first().click();
  }
  const head = panel.getByRole('heading', { name: `${name} Section` });
  if ((await head.getAttribute('aria-expanded')) !== 'true') {
    await head.click();
  }
}

test('before the panel is opened, it asks the server for the status bar alone', async ({ browser }, info) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked: string[] = [];
  page.on('request', request => request.url().includes('/olo/api/') && asked.push(new URL(request.url()).pathname));
  await page.goto(`/lab/workspaces/quiet?reset&token=${token(info)}`);
  await expect(page.getByRole('tab', { name: 'Launcher' })).toBeVisible({ timeout: 90_000 });
  await expect(page.locator('.olo-StatusItem, .jp-StatusBar-Widget').first()).toBeVisible();
  await page.waitForTimeout(3000);
  expect(asked).toEqual(['/olo/api/runs']);
  await context.close();
});

test('queries: what ran is searched and run again in a new cell', async () => {
  await openSection('Queries');
  const panel = lab.locator('.olo-Panel');
  await expect(panel.getByRole('tab', { name: 'History' })).toBeVisible();
  await panel.getByRole('tab', { name: 'Saved' }).click();
  await expect(panel.getByRole('list', { name: 'Saved queries' })).toContainText('late_flights');
  await panel.getByRole('textbox', { name: 'Search queries' }).fill('nothing like it');
  await expect(panel).toContainText('No saved query has these words');
  await panel.getByRole('textbox', { name: 'Search queries' }).press('Escape');
  await panel.getByRole('button', { name: /late_flights/ }).click();
  await expect(panel).toContainText(':threshold = 15');
  const { violations } = await new AxeBuilder({ page: lab }).include('.olo-Panel').exclude('jp-button').analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual(
    []
  );
});

test('an expired login asks once, whatever many parts fail by it', async () => {
  await lab.route('**/olo/api/**', route => route.fulfill({ status: 403, json: { message: 'Forbidden' } }));
  await lab.route('**/api/me**', route => route.fulfill({ status: 403, json: { message: 'Forbidden' } }));
  await lab.evaluate(() => window.dispatchEvent(new Event('online')));
  const dialog = lab.getByRole('dialog');
  await expect(dialog).toHaveCount(1);
  await expect(dialog).toContainText('Your login has expired');
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await lab.evaluate(() => window.dispatchEvent(new Event('online')));
  await lab.waitForTimeout(1000);
  await expect(dialog).toHaveCount(0);
  await lab.unroute('**/olo/api/**');
  await lab.unroute('**/api/me**');
  await lab.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(lab.locator('.olo-Panel').getByText('Not up to date')).toHaveCount(0);
});

test('an open panel asks nothing while nothing happens, and at zoom 200 % nothing is cut off', async () => {
  // OLO_FULL watches as long as the issue says; a sign of life every few seconds shows in a shorter time, too.
  const seconds = process.env['OLO_FULL'] ? 300 : 20;
  test.setTimeout(120_000 + seconds * 1000);
  const asked: string[] = [];
  lab.on('request', request => request.url().includes('/olo/api/') && asked.push(request.url()));
  // JupyterLab's own polls are left out where activity is told (tests/services/test_hub.py: an idle server ends).
  await lab.waitForTimeout(seconds * 1000);
  expect(asked).toEqual([]);
  await lab.setViewportSize({ width: 640, height: 400 });
  const panel = lab.locator('.olo-Panel');
  await expect(panel).toBeVisible();
  const { scrollWidth, clientWidth } = await panel.evaluate(({ scrollWidth, clientWidth }) => ({
    scrollWidth,
    clientWidth
  }));
  expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
  await lab.setViewportSize({ width: 1280, height: 800 });
});

test('a link to something that is not there says so', async ({}, info) => {
  await lab.goto(`/lab?reset&token=${token(info)}&olo=unicorn/7`);
  // The test's JupyterLab doesn't disturb by toasts: what it has to say stands in the notification center.
  const bell = lab.locator('.jp-Notification-Status');
  await expect(bell).toContainText('1', { timeout: 60_000 });
  await bell.click();
  await expect(lab.getByText('This JupyterLab has nothing that opens unicorn/7.')).toBeVisible();
});
