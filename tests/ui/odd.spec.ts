import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, Page, test } from '@playwright/test';

import { cutOff, execute, openLab, picture, place, section } from './lab';

/** Names with HTML, script, emoji and 500 characters (tests/ui/odd.py) in every section and view: text, and nothing else. */
let lab: Page;

const SCRIPT = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script> 🛫é';
const NAME = `${SCRIPT} ${'long '.repeat(100)}`.slice(0, 500).trimEnd();

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }, info) => {
  const { folder, python } = place(info);
  // What ran is in the history, as it was written.
  execFileSync(python, ['-m', 'olo_jupyter.cli', 'sql', `SELECT '${NAME}' AS x`], {
    cwd: join(folder, 'flights'),
    env: { ...process.env, OLO_USER: 'ana', OLO_STATE: join(folder, 'state') }
  });
  lab = await openLab(browser, info);
});

test.afterAll(() => lab.context().close());

/** Nothing of a name became an element, ran, or broke out of its place. */
async function harmless(part: string): Promise<void> {
  expect(await lab.evaluate(() => (window as { hacked?: boolean }).hacked)).toBeUndefined();
  await expect(lab.locator('img[src="x"]')).toHaveCount(0);
  const { scrollWidth, clientWidth } = await lab
    .locator(part)
    .first()
    .evaluate(({ scrollWidth, clientWidth }) => ({
      scrollWidth,
      clientWidth
    }));
  expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
  expect(await cutOff(lab, part)).toEqual([]);
}

test('in the catalog', async () => {
  const panel = await section(lab, 'catalog', 'Catalog');
  await panel.getByRole('textbox', { name: 'Find tables' }).fill('onerror');
  const found = panel.getByRole('tree', { name: 'Tables found' }).getByRole('treeitem');
  await expect(found).toHaveCount(1);
  await expect(found).toContainText(SCRIPT);
  await picture(lab, 'odd-catalog');
  await harmless('.olo-Panel');
  await found.hover();
  await found.getByRole('button', { name: 'Open' }).click();
  const view = lab.locator('.olo-View:visible');
  await expect(view.getByRole('heading', { level: 2 })).toContainText(SCRIPT);
  await expect(view.getByRole('row').filter({ hasText: SCRIPT }).first()).toContainText('varchar');
  await picture(lab, 'odd-table');
  await harmless('.olo-View:visible');
  for (const tab of ['Rows', 'History', 'Partitions', 'Files', 'Details']) {
    await view.getByRole('tab', { name: tab }).click();
    await expect(view.getByRole('tabpanel').locator('table, [role=list], dl, .olo-StateBox').first()).toBeVisible();
    await harmless('.olo-View:visible');
  }
  await panel.getByRole('textbox', { name: 'Find tables' }).press('Escape');
});

test('of jobs and in lineage', async () => {
  const jobs = await section(lab, 'jobs', 'Jobs');
  await jobs.getByRole('textbox', { name: /Filter jobs/ }).fill('odd_names');
  await expect(jobs.getByRole('list', { name: 'Jobs' }).getByRole('listitem')).toHaveCount(1);
  await harmless('.olo-Panel');
  await execute(lab, 'olo:open-view', { kind: 'job', id: 'odd_names' });
  const view = lab.locator('.olo-View:visible');
  await expect(view).toContainText(SCRIPT);
  await picture(lab, 'odd-job');
  await harmless('.olo-View:visible');
  await jobs.getByRole('textbox', { name: /Filter jobs/ }).press('Escape');

  const lineage = await section(lab, 'lineage', 'Lineage');
  await lineage.getByRole('textbox', { name: 'Find a table or a job' }).fill('onerror');
  const found = lineage.getByRole('list', { name: 'Tables and jobs' }).getByRole('listitem');
  await expect(found.first()).toContainText(SCRIPT);
  await harmless('.olo-Panel');
  await found.first().getByRole('button').first().click();
  await expect(
    lab
      .getByRole('application', { name: /Lineage/ })
      .getByRole('group')
      .first()
  ).toBeVisible();
  await picture(lab, 'odd-lineage');
  await harmless('.olo-View:visible');
});

test('in queries, the overview and runs', async () => {
  const queries = await section(lab, 'queries', 'Queries');
  await queries.getByRole('textbox', { name: 'Search queries' }).fill('onerror');
  await queries.getByRole('tab', { name: 'History' }).click();
  await expect(queries).toContainText(SCRIPT.slice(0, 40));
  await harmless('.olo-Panel');
  await queries.getByRole('tab', { name: 'Saved' }).click();
  await queries.getByRole('button', { name: /odd_names/ }).click();
  await expect(queries).toContainText(SCRIPT);
  await picture(lab, 'odd-queries');
  await harmless('.olo-Panel');
  for (const [id, title] of [
    ['home', 'Overview'],
    ['runs', 'Runs'],
    ['workspaces', 'Workspaces']
  ] as const) {
    await section(lab, id, title);
    await harmless('.olo-Panel');
  }
});
