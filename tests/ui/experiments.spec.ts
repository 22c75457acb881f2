import { join } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { expect, Page, test } from '@playwright/test';

/** A real MLflow is behind this: tests/services/test_experiments_panel.py starts and fills it. */
let lab: Page;

test.beforeAll(async ({ browser }, info) => {
  lab = await (await browser.newContext()).newPage();
  const { token } = info.config.metadata as Record<'token', string>;
  await lab.goto(`/lab?reset&token=${token}`);
  await lab.getByTitle('OLO: catalog, jobs, lineage').first().click();
  await lab.getByRole('heading', { name: 'Experiments Section' }).click();
});

test.afterAll(() => lab.context().close());

async function picture(name: string): Promise<void> {
  if (process.env['OLO_SCREENSHOTS']) {
    await lab.screenshot({ path: join(process.env['OLO_SCREENSHOTS'], `${name}.png`) });
  }
}

async function accessible(part: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: lab }).include(part).exclude('jp-button').analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test('an experiment is found by its name, its runs are sorted, filtered and compared', async () => {
  const section = lab.locator('.olo-Panel');
  await section.getByRole('textbox', { name: 'Filter experiments and models' }).fill('delays');
  const found = section.getByRole('list', { name: 'Experiments' });
  await expect(found.getByRole('listitem')).toHaveCount(1);
  await expect(found).toContainText('delays / <b>März</b> 🛫');
  await found.getByRole('button').click();

  const view = lab.locator('.olo-View:visible');
  await expect(view.locator('strong')).toContainText('delays / <b>März</b>');
  const runs = view.getByRole('region', { name: 'Runs' });
  await expect(runs.locator('tbody tr')).toHaveCount(8, { timeout: 60_000 });
  await runs.getByRole('button', { name: 'rmse' }).click();
  await expect(runs.locator('tbody tr').first()).toContainText('run 6');
  await expect(runs.getByRole('columnheader', { name: 'rmse' })).toHaveAttribute('aria-sort', 'descending');

  await view.getByRole('textbox', { name: /Filter, in MLflow/ }).fill("params.kind = 'even' and metrics.rmse > 1");
  await view.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect(runs.locator('tbody tr')).toHaveCount(3);
  await runs.getByRole('checkbox', { name: 'Compare run 6' }).check();
  await runs.getByRole('checkbox', { name: 'Compare run 4' }).check();
  const chart = view.getByRole('region', { name: 'Compare runs' });
  // Only what these runs have logged is offered; logged once, it is a bar each.
  await expect(chart.getByRole('combobox', { name: 'Metric' }).getByRole('option')).toHaveText(['rmse']);
  await expect(chart.getByRole('list', { name: 'rmse of the runs' }).getByRole('listitem')).toHaveText([
    /run 6\s*9/,
    /run 4\s*6/
  ]);
  await picture('experiment');
  await accessible('.olo-View:not(.lm-mod-hidden)');
});

test('a filter that MLflow does not take says so, and is mended', async () => {
  const view = lab.locator('.olo-View:visible');
  await view.getByRole('textbox', { name: /Filter, in MLflow/ }).fill('metrics.rmse <');
  await view.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect(view.getByRole('alert')).toContainText(/filter/i);
  await view.getByRole('textbox', { name: /Filter, in MLflow/ }).fill('');
  await view.getByRole('button', { name: 'Filter', exact: true }).click();
  await expect(view.getByRole('alert')).toHaveCount(0);
  await expect(view.getByRole('region', { name: 'Runs' }).locator('tbody tr')).toHaveCount(8);
});

test('a run shows what it belongs to, its values and its artefacts', async () => {
  const view = lab.locator('.olo-View:visible');
  await view.getByRole('checkbox', { name: 'Compare from a job' }).check();
  const chart = view.getByRole('region', { name: 'Compare runs' });
  await chart.getByRole('combobox', { name: 'Metric' }).selectOption('loss');
  await expect(chart.getByRole('img', { name: /loss by step/ })).toBeVisible();
  await view.getByRole('button', { name: 'from a job' }).click();
  const run = view.getByRole('complementary', { name: 'Run from a job' });
  await expect(run).toContainText('Run of job');
  await expect(run).toContainText('Promotion daily_delays');
  await expect(run).toContainText('note.txt');
  await run.getByRole('button', { name: 'deep' }).click();
  await run.getByRole('button', { name: 'er', exact: true }).click();
  await expect(run.getByText('note.txt')).toHaveCount(2);
  const link = run.getByRole('link', { name: 'Open in MLflow' });
  await expect(link).toHaveAttribute('href', /^https:\/\/mlflow\.example\.org\//);
  await picture('experiment-run');
  await accessible('.olo-NodePanel');
});

test('a registered model shows its versions and aliases', async () => {
  const section = lab.locator('.olo-Panel');
  await section.getByRole('textbox', { name: 'Filter experiments and models' }).fill('model');
  await section.getByRole('tab', { name: 'Models' }).click();
  await section.getByRole('list', { name: 'Models' }).getByRole('button').first().click();
  const versions = lab.getByRole('region', { name: 'Versions' });
  await expect(versions.locator('tbody tr')).toHaveCount(3);
  await expect(versions.getByRole('row', { name: /@champion/ })).toContainText('2');
  await picture('model');
});
