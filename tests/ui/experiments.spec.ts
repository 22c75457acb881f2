import { expect, Page, test } from '@playwright/test';

import { looks, openLab, picture, section, VIEW } from './lab';
import { everyState } from './states';

/** A real MLflow is behind this: tests/services/test_experiments_panel.py starts and fills it. */
let lab: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
  await section(lab, 'experiments', 'Experiments');
});

test.afterAll(() => lab.context().close());

test('an experiment is found by its name, its runs are sorted, filtered and compared', async () => {
  const panel = lab.locator('.olo-Panel');
  await panel.getByRole('textbox', { name: 'Filter experiments and models' }).fill('delays');
  const found = panel.getByRole('list', { name: 'Experiments' });
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
  await looks(lab, 'section-experiments', '.olo-Panel');
  await looks(lab, 'experiment', VIEW);
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
  await looks(lab, 'experiment-run', '.olo-NodePanel');
});

test('MLflow’s own page of the run opens through the person’s Jupyter server', async () => {
  const failed: [path: string, status: number][] = [];
  const seen: string[] = [];
  lab.context().on('response', answer => {
    const { pathname } = new URL(answer.url());
    if (pathname.startsWith('/proxy/')) {
      seen.push(`${answer.request().resourceType()} ${pathname}`);
      if (answer.status() >= 400) {
        failed.push([pathname.replace(/^\/proxy\/\d+/, ''), answer.status()]);
      }
    }
  });
  const run = lab.locator('.olo-View:visible').getByRole('complementary', { name: 'Run from a job' });
  const link = run.getByRole('link', { name: 'Open in MLflow' });
  const [page] = await Promise.all([lab.context().waitForEvent('page'), link.click()]);
  expect(new URL(page.url()).pathname).toMatch(/^\/proxy\/\d+\/$/);
  await expect(page.getByText('from a job').first()).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText('loss').first()).toBeVisible();
  // Scripts, styles and answers of MLflow all come from below the proxy's path, and none is missing.
  for (const kind of ['script', 'stylesheet', 'fetch|xhr']) {
    expect(seen.filter(one => new RegExp(`^(${kind}) `).test(one)).length, kind).toBeGreaterThan(0);
  }
  // MLflow itself has no users where nobody signs in: that is no fault of the way.
  for (const [path, status] of failed) {
    const direct = await fetch(`${process.env['OLO_TEST_MLFLOW']}${path}`);
    expect(direct.status, path).toBe(status);
  }
  await picture(page, 'mlflow-proxied');
  await page.close();
});

test('a registered model shows its versions and aliases', async () => {
  const panel = lab.locator('.olo-Panel');
  await panel.getByRole('textbox', { name: 'Filter experiments and models' }).fill('model');
  await panel.getByRole('tab', { name: 'Models' }).click();
  await panel.getByRole('list', { name: 'Models' }).getByRole('button').first().click();
  const versions = lab.getByRole('region', { name: 'Versions' });
  await expect(versions.locator('tbody tr')).toHaveCount(3);
  await expect(versions.getByRole('row', { name: /@champion/ })).toContainText('2');
  await looks(lab, 'model', VIEW);
});

test('their states: loading, failed, forbidden', async ({}, info) => {
  await everyState(lab, info, {
    sections: [['experiments', 'Experiments', '[aria-label=Experiments] [role=listitem]']],
    views: [
      ['experiment', '1', {}, '[aria-label=Runs] tbody tr'],
      ['model', 'delay model', {}, 'tbody tr']
    ]
  });
});
