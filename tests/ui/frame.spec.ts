import { expect, Page, test } from '@playwright/test';

import { goTo, openLab, section, serious } from './lab';

let lab: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
});

test.afterAll(() => lab.context().close());

test('before the panel is opened, it asks the server for the status bar alone', async ({ browser }, info) => {
  const page = await (await browser.newContext()).newPage();
  const asked: string[] = [];
  page.on('request', request => request.url().includes('/olo/api/') && asked.push(new URL(request.url()).pathname));
  await goTo(page, info, '/workspaces/quiet');
  await expect(page.getByRole('tab', { name: 'Launcher' })).toBeVisible({ timeout: 90_000 });
  await expect(page.locator('.olo-StatusItem, .jp-StatusBar-Widget').first()).toBeVisible();
  await page.waitForTimeout(3000);
  expect(asked).toEqual(['/olo/api/runs']);
  await page.context().close();
});

test('queries: what ran is searched and run again in a new cell', async () => {
  const panel = await section(lab, 'queries', 'Queries');
  await expect(panel.getByRole('tab', { name: 'History' })).toBeVisible();
  await panel.getByRole('tab', { name: 'Saved' }).click();
  await expect(panel.getByRole('list', { name: 'Saved queries' })).toContainText('late_flights');
  await panel.getByRole('textbox', { name: 'Search queries' }).fill('nothing like it');
  await expect(panel).toContainText('No saved query has these words');
  await panel.getByRole('textbox', { name: 'Search queries' }).press('Escape');
  await panel.getByRole('button', { name: /late_flights/ }).click();
  await expect(panel).toContainText(':threshold = 15');
  expect(await serious(lab, '.olo-Panel')).toEqual([]);
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
  // JupyterLab's own polls are left out where activity is told (tests/services/jupyterhub/test_idle.py: an idle server ends).
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
  await goTo(lab, info, '?olo=unicorn/7');
  // The test's JupyterLab doesn't disturb by toasts: what it has to say stands in the notification center.
  const bell = lab.locator('.jp-Notification-Status');
  await expect(bell).toContainText('1', { timeout: 60_000 });
  await bell.click();
  await expect(lab.getByText('This JupyterLab has nothing that opens unicorn/7.')).toBeVisible();
});
