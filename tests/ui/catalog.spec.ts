import { expect, Locator, Page, test } from '@playwright/test';

import { execute, goTo, looks, openLab, place, section, serious, VIEW } from './lab';

/** One page for all tests of this file, in their order. */
let lab: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info, '/tree/delays.ipynb');
  await expect(lab.locator('.jp-Notebook')).toBeVisible({ timeout: 90_000 });
});

test.afterAll(() => lab.context().close());

function view(): Locator {
  return lab.locator('.olo-View:visible');
}

test('a table is found by the filter, on the server, and opened', async () => {
  const left = await section(lab, 'catalog', 'Catalog');
  await left.getByRole('textbox', { name: 'Find tables' }).fill('SILVER flig');
  const tree = left.getByRole('tree', { name: 'Tables found' });
  await expect(tree.getByRole('treeitem')).toHaveCount(1);
  await tree.getByRole('treeitem').first().hover();
  await tree.getByRole('button', { name: 'Open' }).click();
  await expect(view().getByRole('heading', { name: /flights/ })).toBeVisible();
  await expect(view().getByRole('row', { name: /carrier/ })).toContainText('varchar');
  await expect(view().getByRole('row', { name: /dep_delay/ })).toContainText('5.9 %');
  await left.getByRole('textbox', { name: 'Find tables' }).press('Escape');
  await expect(left.getByRole('tree', { name: 'Catalog' })).toBeVisible();
  expect(await serious(lab, '.olo-View')).toEqual([]);
  expect(await serious(lab, '.olo-Panel')).toEqual([]);
});

test('rows, partitions, files and details are read when they are looked at', async () => {
  const asked: string[] = [];
  lab.on('request', request => request.url().includes('/olo/api/') && asked.push(request.url()));
  await view().getByRole('tab', { name: 'Rows' }).click();
  await expect(view().getByRole('table', { name: 'Rows of flights' })).toBeVisible();
  await expect(view().getByRole('row')).not.toHaveCount(0);
  expect(await serious(lab, '.olo-View')).toEqual([]);
  await view().getByRole('tab', { name: 'Files' }).click();
  await expect(view().getByRole('table', { name: 'Files' })).toContainText('PARQUET');
  await view().getByRole('tab', { name: 'Partitions' }).click();
  await expect(view().getByRole('table', { name: 'Partitions' })).toContainText('5000');
  await view().getByRole('tab', { name: 'Details' }).click();
  await expect(view()).toContainText('Snapshots are kept for 5 days');
  expect(await serious(lab, '.olo-View')).toEqual([]);
  expect(asked.map(url => new URL(url).pathname.split('/').pop())).toEqual(['rows', 'files', 'partitions']);
});

test('two snapshots are compared; the link to the comparison opens it again after a reload', async ({}, info) => {
  await view().getByRole('tab', { name: 'History' }).click();
  const history = view().getByRole('list', { name: /Snapshots of/ });
  await expect(history.getByRole('listitem')).toHaveCount(2);
  await expect(history.getByRole('listitem').first()).toContainText('current');
  await expect(history.getByRole('listitem').last()).toContainText('q1-close');
  expect(await serious(lab, '.olo-View')).toEqual([]);
  for (const box of await history.getByRole('checkbox').all()) {
    await box.check();
  }
  await view().getByRole('button', { name: 'Compare' }).click();
  await expect(view().getByRole('heading', { name: 'Changes of flights' })).toBeVisible();
  await expect(view()).toContainText('+2,500 added');
  await expect(view().getByRole('table', { name: 'Rows that differ' })).toContainText('added');
  await looks(lab, 'table-diff', VIEW);

  await lab
    .locator('.olo-View:visible')
    .locator('..')
    .getByRole('button', { name: 'Copy the link to this view' })
    .click();
  const link = await lab.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain('?olo=table-diff/dev/silver/flights&olo.first=');
  expect(link).not.toContain(place(info).token);
  await lab.goto(`${link}&reset`);
  await expect(view().getByRole('heading', { name: 'Changes of flights' })).toBeVisible({ timeout: 60_000 });
  await expect(view()).toContainText('+2,500 added');
  expect(lab.url()).not.toContain('olo=');
  await lab.waitForTimeout(2000);
  await lab.reload();
  await expect(view().getByRole('heading', { name: 'Changes of flights' })).toBeVisible({ timeout: 60_000 });
});

test('a snapshot is tagged, the cell and the notebook are pinned to it', async ({}, info) => {
  await goTo(lab, info, '?olo=table/dev/silver/flights&olo.tab=history');
  const history = view().getByRole('list', { name: /Snapshots of/ });
  await expect(history.getByRole('listitem')).toHaveCount(2, { timeout: 60_000 });
  await execute(lab, 'docmanager:open', { path: 'delays.ipynb', options: { mode: 'split-left' } });
  const notebook = lab.locator('.jp-Notebook');
  const query = notebook.locator('.jp-CodeCell').filter({ hasText: '%%olo sql delays' });
  await query.locator('.cm-content').click();
  await expect(query).toHaveClass(/jp-mod-active/);
  const oldest = history.getByRole('listitem').last();
  await act(oldest, 'Pin the Cell to This Snapshot');
  await expect(query).toContainText(/%%olo sql delays << --snapshot \d{15,}/);
  await act(oldest, 'Pin the Notebook to This Moment');
  await expect(notebook.locator('.jp-CodeCell').filter({ hasText: /%olo as-of \d{4}-\d\d-\d\d .* UTC/ })).toBeVisible();

  await act(history.getByRole('listitem').first(), 'Tag…');
  await lab.getByRole('dialog').getByRole('textbox').fill('half-year');
  await lab.getByRole('dialog').getByRole('button', { name: 'Tag' }).click();
  await expect(history.getByRole('listitem').first()).toContainText('half-year');
});

test('a table is rolled back', async ({}, info) => {
  // A table of its own: the other files' tests read the flights.
  await goTo(lab, info, '?olo=table/dev/bronze/departures&olo.tab=history');
  const history = view().getByRole('list', { name: /Snapshots of/ });
  await expect(history.getByRole('listitem')).toHaveCount(2, { timeout: 60_000 });
  await act(history.getByRole('listitem').last(), 'Roll Back to This Snapshot…');
  const dialog = lab.getByRole('dialog');
  await expect(dialog).toContainText('2,500 rows');
  await dialog.getByRole('button', { name: 'Roll back' }).click();
  await expect(history.getByRole('listitem').last()).toContainText('current');
  await expect(history.getByRole('listitem').first()).toContainText('not on main');
});

async function act(change: Locator, name: string): Promise<void> {
  await change.getByRole('button', { name: /Actions for the snapshot/ }).click();
  await lab.getByRole('menuitem', { name }).click();
}
