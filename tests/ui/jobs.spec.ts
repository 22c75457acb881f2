import { expect, Page, test } from '@playwright/test';

import { goTo, openLab, picture, section, serious } from './lab';

/** One page for all tests of this file, in their order: loading JupyterLab is most of the time they take. */
let lab: Page;

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info, '?olo=job/carrier_report');
  await expect(lab.getByRole('heading', { name: 'carrier_report' })).toBeVisible({ timeout: 90_000 });
});

test.afterAll(() => lab.context().close());

test('a failed run shows its graph, and the log of what failed', async () => {
  const graph = lab.getByRole('application', { name: 'Tasks' });
  await expect(graph.getByRole('group', { name: 'delays, dbt, failed' })).toBeVisible();
  await expect(graph.getByRole('group', { name: 'publish, http, skipped' })).toBeVisible();
  // The buttons to zoom lie over none of its tasks.
  const buttons = await lab.locator('.react-flow__controls:visible').boundingBox();
  for (const task of await graph.getByRole('group').all()) {
    const box = await task.boundingBox();
    expect(box && buttons && (box.x > buttons.x + buttons.width || box.y + box.height < buttons.y)).toBe(true);
  }
  await expect(lab.getByRole('region', { name: 'Log of delays' })).toContainText('not_null_delays_carrier failed');
  expect(await serious(lab, '.olo-JobView')).toEqual([]);
  await picture(lab, 'job-graph');
});

test('a long log is searched, and shows its end at once', async () => {
  await lab
    .getByRole('navigation', { name: 'Runs of carrier_report' })
    .getByRole('listitem')
    .nth(1)
    .getByRole('button')
    .click();
  await lab.getByRole('tab', { name: 'Gantt' }).click();
  await expect(lab.getByRole('list', { name: 'Tasks by time' }).getByRole('listitem')).toHaveCount(5);
  await lab.getByRole('combobox', { name: 'Task' }).selectOption('delays');
  const log = lab.getByRole('region', { name: 'Log of delays' });
  await expect(log).toContainText('step 999999 of 1000000');
  await lab.getByRole('textbox', { name: 'Search the log' }).fill('step 12345 of');
  await expect(log).toContainText('step 12345 of 1000000');
  await expect(lab.getByText('1 of 1', { exact: true })).toBeVisible();
  expect(await serious(lab, '.olo-JobView')).toEqual([]);
  await picture(lab, 'job-gantt');
});

test('binary in a log and names with HTML are shown as they are', async () => {
  const runs = lab.getByRole('navigation', { name: 'Runs of carrier_report' }).getByRole('listitem');
  await runs.nth(2).getByRole('button').click();
  await lab.getByRole('combobox', { name: 'Task' }).selectOption('delays');
  await expect(lab.getByRole('region', { name: 'Log of delays' })).toContainText('binary');
  await runs.last().getByRole('button').click();
  await expect(lab.locator('.olo-RunHead')).toContainText('<b>é</b> & 🙂');
  await expect(lab.locator('.olo-RunHead b')).toHaveCount(0);
  // However long a task's message is, what it is told of stays readable.
  const task = await lab.getByRole('combobox', { name: 'Task' }).boundingBox();
  expect(task!.width).toBeGreaterThan(60);
});

test('a run by its link: its whole graph is in sight, and its tab says which run it is', async ({}, info) => {
  await goTo(lab, info, '?olo=run/report-2');
  await expect(lab.getByRole('tab', { name: /^carrier_report, .*\d/ })).toBeVisible({ timeout: 60_000 });
  const graph = lab.getByRole('application', { name: 'Tasks' });
  for (const name of ['ingest, python, success', 'publish, http, success']) {
    await expect(graph.getByRole('group', { name })).toBeInViewport({ ratio: 0.99 });
  }
  await expect(graph.locator('[aria-label="From delays to publish"]')).toBeAttached();
});

test('a job whose file is broken says where, and offers nothing that can not be', async ({}, info) => {
  await goTo(lab, info, '?olo=job/broken');
  await expect(lab.getByRole('alert')).toHaveText(
    "jobs/broken.yml:4:56 task 'one' depends on 'nothing', which is no task of this job (Known: one.)"
  );
  await expect(lab.getByRole('button', { name: 'Run…', exact: true }).first()).toBeDisabled();
  await expect(lab.getByText('It has not run yet.')).toBeVisible();
  await expect(lab.getByRole('application', { name: 'Tasks' })).toHaveCount(0);
});

test('a filter with a mistyped key or state says so, and shows nothing else', async ({}, info) => {
  await goTo(lab, info, '');
  const panel = await section(lab, 'jobs', 'Jobs');
  for (const typed of ['onwer:ana', 'state:faild']) {
    await panel.getByRole('textbox', { name: /Filter jobs/ }).fill(typed);
    await expect(panel).toContainText(`“${typed}” was looked for as text: there are owner:, tag: and state:.`);
  }
  await panel.locator('.olo-StateBox').getByRole('button', { name: 'Clear the filter' }).click();
  await expect(panel.getByRole('list', { name: 'Jobs' })).toContainText('carrier_report');
  await goTo(lab, info, '?olo=job/carrier_report');
});

test('a run is started by a form, followed without asking, and run again from what failed', async () => {
  await lab.getByRole('button', { name: 'Run…', exact: true }).first().click();
  const form = lab.getByRole('dialog');
  await form.getByLabel('mode', { exact: true }).selectOption({ label: 'quick' });
  await form.getByLabel('threshold', { exact: true }).fill('-1');
  await expect(form.getByRole('button', { name: 'Run', exact: true })).toBeDisabled();
  await form.getByLabel('threshold', { exact: true }).fill('20');
  await picture(lab, 'job-form');
  expect(await serious(lab, '.jp-Dialog')).toEqual([]);
  await lab.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click();
  const head = lab.locator('.olo-RunHead');
  await expect(head).toContainText(/running|failed/);
  await expect(head).toContainText('failed', { timeout: 60_000 });
  await expect(lab.getByRole('region', { name: 'Log of delays' })).toContainText('quick is not built yet');
  await expect(head).not.toContainText('run again by');
  await head.getByRole('button', { name: 'Rerun from failed' }).click();
  await expect(head).toContainText(/run again by \w+/, { timeout: 60_000 });
  await expect(head).toContainText('failed', { timeout: 60_000 });
});

test('a backfill shows its runs before it starts', async () => {
  await lab.getByRole('button', { name: 'Backfill…' }).click();
  const form = lab.getByRole('dialog');
  await form.getByLabel('First day').fill('2026-01-01');
  await form.getByLabel('Last day').fill('2026-01-09');
  await expect(form.getByRole('status')).toContainText('7 runs to make');
  await form.getByLabel('Last day').fill('2025-12-01');
  await expect(form.getByRole('alert')).toContainText('before the first');
  await form.getByRole('button', { name: 'Cancel' }).click();
});

test('lineage is expanded, walked by keyboard, traced by column, and read as a table', async ({}, info) => {
  await goTo(lab, info, '?olo=lineage/dataset:dev:gold.delays');
  const graph = lab.getByRole('application', { name: /Lineage/ });
  await expect(graph.getByRole('group', { name: /gold\.delays/ })).toBeVisible({ timeout: 90_000 });
  await lab
    .getByRole('complementary', { name: /^About/ })
    .getByRole('button', { name: 'mean_delay' })
    .click();
  await expect(lab.getByRole('complementary', { name: /^About/ })).toContainText(
    'silver.flights.dep_delay → mean_delay'
  );
  await graph.getByRole('group', { name: /gold\.delays/ }).focus();
  await lab.keyboard.press('ArrowLeft');
  await expect(lab.getByRole('complementary', { name: 'About carrier_report.delays' })).toBeVisible();
  await lab
    .getByRole('complementary', { name: /^About/ })
    .getByRole('button', { name: 'Upstream (2)' })
    .click();
  await expect(graph.getByRole('group', { name: /silver\.flights/ })).toBeVisible();
  expect(await serious(lab, '.olo-Lineage')).toEqual([]);
  await picture(lab, 'lineage');
  await lab.getByRole('button', { name: 'As a table' }).click();
  await expect(lab.getByRole('row', { name: /silver\.airlines dataset/ })).toBeVisible();
  expect(await serious(lab, '.olo-Lineage')).toEqual([]);
});
