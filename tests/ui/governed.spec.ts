import { expect, Locator, Page, test } from '@playwright/test';

import { goTo, looks, openLab, section, VIEW } from './lab';

/** A real Trino with access rules is behind this: tests/services/test_governed_panel.py starts and fills it. */
let lab: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
});

test.afterAll(() => lab.context().close());

function view(): Locator {
  return lab.locator('.olo-View:visible');
}

test('a table that Trino governs is found; one that Ana may not see is not', async () => {
  const left = await section(lab, 'catalog', 'Catalog');
  await expect(left.getByRole('treeitem', { name: /guarded/ })).toBeVisible();
  await left.getByRole('textbox', { name: 'Find tables' }).fill('guarded p');
  const tree = left.getByRole('tree', { name: 'Tables found' });
  await expect(tree.getByRole('treeitem')).toHaveText([/people/], { timeout: 60_000 });
  await tree.getByRole('treeitem').first().hover();
  await tree.getByRole('button', { name: 'Open' }).click();
  await expect(view().getByRole('heading', { name: /people/ })).toBeVisible();
});

test('its columns have Trino’s estimates, its rows what Ana may see', async () => {
  await expect(view().getByRole('row', { name: /name/ })).toContainText('varchar', { timeout: 60_000 });
  await expect(view()).toContainText('Estimated by Trino', { timeout: 60_000 });
  await expect(view().getByRole('row', { name: /salary/ })).toContainText('100 %');
  await looks(lab, 'governed-columns', VIEW);
  await view().getByRole('tab', { name: 'Rows' }).click();
  const rows = view().getByRole('table', { name: 'Rows of people' });
  await expect(rows.locator('tbody tr')).toHaveText([/Ana.*north.*NULL/], { timeout: 60_000 });
});

test('what Trino hides says so', async () => {
  await view().getByRole('tab', { name: 'History' }).click();
  await expect(view().getByText('Its size and place are hidden from you')).toBeVisible();
  await expect(view()).toContainText(/Cannot select from table .*people/, { timeout: 60_000 });
  await looks(lab, 'governed-history', VIEW);
});

test('a link to a table that is hidden says so', async ({}, info) => {
  await goTo(lab, info, '?olo=table/guarded/guarded/parts');
  await expect(view()).toContainText(/Cannot|Access Denied|permission|There is no table/i, { timeout: 90_000 });
});
