import { expect, Locator, Page, test } from '@playwright/test';

import { goTo, openLab, section } from './lab';

/** Links to other programs, clicked: each opens its page in a tab of its own, which can't reach back. */
let lab: Page;

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
  const page = '<script>document.title = String(window.opener)</script>';
  await lab
    .context()
    .route('https://*.example.org/**', route => route.fulfill({ contentType: 'text/html', body: page }));
});

test.afterAll(() => lab.context().close());

/** Where a click leads. */
async function opened(link: Locator): Promise<string> {
  const [page] = await Promise.all([lab.context().waitForEvent('page'), link.click()]);
  await page.waitForLoadState();
  await expect(page).toHaveTitle('null');
  const url = page.url();
  await page.close();
  return url;
}

test('Grafana, from the overview', async () => {
  const panel = await section(lab, 'home', 'Overview');
  expect(await opened(panel.getByRole('link', { name: 'Grafana' }))).toBe('https://grafana.example.org/d/olo');
});

test('Superset and the dbt docs, from a table', async ({}, info) => {
  await goTo(lab, info, '?olo=table/dev/silver/flights');
  const view = lab.locator('.olo-View:visible');
  expect(await opened(view.getByRole('link', { name: 'Superset' }))).toBe(
    'https://superset.example.org/tables?schema=silver&table=flights'
  );
  expect(await opened(view.getByRole('link', { name: 'dbt docs' }))).toBe(
    'https://docs.example.org/#!/source/dev.silver.flights'
  );
});
