import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { expect, Locator, Page, test, TestInfo } from '@playwright/test';

/** One page for all tests of this file, in their order: loading JupyterLab is most of the time they take. */
let lab: Page;

test.beforeAll(async ({ browser }, info) => {
  // axe opens a page beside it, which only a context of one's own allows.
  const context = await browser.newContext();
  lab = await context.newPage();
  await lab.goto(`/lab/tree/explore.ipynb?reset&token=${place(info).token}`);
  await expect(lab.locator('.jp-Notebook')).toBeVisible({ timeout: 90_000 });
  await expect(
    lab.getByText('Python 3 (ipykernel) | Idle').or(lab.locator('[data-status="idle"]')).first()
  ).toBeVisible({
    timeout: 60_000
  });
});

test.afterAll(() => lab.context().close());

function place(info: TestInfo): Record<'folder' | 'python' | 'token', string> {
  return info.config.metadata as Record<'folder' | 'python' | 'token', string>;
}

function cell(index: number): Locator {
  // By its place in the notebook: while a notebook loads, cells are attached one after the other.
  return lab.locator(`.jp-Notebook .jp-CodeCell[data-windowed-list-index="${index}"]`);
}

/** Make this cell the active one. Outputs and toolbars that are drawn meanwhile may move it away under a click. */
async function activate(index: number): Promise<void> {
  await expect(async () => {
    await cell(index).locator('.cm-content').click({ timeout: 5_000 });
    await expect(cell(index)).toHaveClass(/jp-mod-active/, { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
}

/** Run this cell, and don't wait for its end. */
async function start(index: number): Promise<void> {
  await activate(index);
  await lab.keyboard.press('Control+Enter');
}

/** Run this cell to its end: what it showed before is gone. */
async function run(index: number): Promise<void> {
  const prompt = cell(index).locator('.jp-InputArea-prompt');
  const before = await prompt.textContent();
  // While the notebook loads, a key may come to nothing.
  await expect(async () => {
    await start(index);
    await expect(prompt).not.toHaveText(before ?? '', { timeout: 10_000 });
  }).toPass({ timeout: 90_000 });
  await expect(prompt).toHaveText(/\[\d+\]/, { timeout: 90_000 });
}

async function serious(part: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: lab }).include(part).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`);
}

/** For the documentation, and for whoever wants to look: OLO_SCREENSHOTS names a folder. */
async function picture(name: string): Promise<void> {
  const folder = process.env['OLO_SCREENSHOTS'];
  if (folder) {
    await lab.screenshot({ path: join(folder, `${name}.png`) });
  }
}

/** What a notebook's file holds of the promotion of one of its cells. */
function promotionIn(path: string): unknown {
  const { cells } = JSON.parse(readFileSync(path, 'utf8')) as {
    cells: { metadata: { olo?: { promotion?: unknown } } }[];
  };
  return cells.map(({ metadata }) => metadata.olo?.promotion).find(Boolean) ?? {};
}

async function theme(name: string): Promise<void> {
  await lab.getByRole('menuitem', { name: 'Settings', exact: true }).click();
  // The items of JupyterLab's open menus have no accessible name to look for.
  await lab.locator('.lm-Menu-itemLabel').getByText('Theme', { exact: true }).hover();
  await lab.locator('.lm-Menu-itemLabel').getByText(name, { exact: true }).click();
  await expect(lab.locator(`body[data-jp-theme-name="${name}"]`)).toBeAttached();
}

test('a result is sorted, filtered, summed up and downloaded, and says what it is of', async () => {
  await run(0);
  await run(1);
  const result = cell(1).locator('.olo-Result');
  await expect(result.locator('.olo-Result-caption')).toContainText('5,000 rows', { timeout: 60_000 });
  await expect(result.locator('.olo-Result-caption')).toContainText(/[KM]B read/);
  await expect(result.locator('.olo-Result-omission')).toContainText('The first 1,000 of 5,000 rows');

  await result.getByRole('button', { name: /^Columns/ }).click();
  const columns = result.getByRole('region', { name: 'Columns of the result' });
  await expect(columns).toContainText('Of the first 1,000 of 5,000 rows');
  await expect(columns.locator('li').filter({ hasText: 'carrier' })).toContainText('5 distinct');
  await expect(columns.locator('li').filter({ hasText: 'dep_delay' })).toContainText(/NULL \(\d+ %\)/);
  await picture('result');

  await columns.getByRole('textbox', { name: 'Filter carrier' }).fill('= UA');
  await expect(result.locator('.olo-Result-found')).toHaveText('200 of 1,000');
  await columns.getByRole('textbox', { name: 'Filter dep_delay' }).fill('> ten');
  await expect(columns.getByRole('alert')).toHaveText('ten is not a number');
  await columns.getByRole('textbox', { name: 'Filter dep_delay' }).fill('>= 60');
  await columns.getByRole('button', { name: 'Sort by dep_delay' }).click();
  const [download] = await Promise.all([
    lab.waitForEvent('download'),
    result.getByRole('button', { name: /^Download/ }).click()
  ]);
  expect(download.suggestedFilename()).toMatch(/^result-\d+-of-5000-rows\.csv$/);
  const [head, ...rows] = readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\n');
  expect(head).toBe('flight,carrier,dep_delay,sched_dep');
  const delays = rows.map(row => Number(row.split(',')[2]));
  expect(rows.every(row => row.split(',')[1] === 'UA')).toBe(true);
  expect(delays.length).toBeGreaterThan(3);
  expect(delays).toEqual([...delays].sort((a, b) => a - b));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(60);

  await result.locator('.olo-ResultGrid').click({ position: { x: 90, y: 90 } });
  await expect(result.locator('.olo-Result-cell')).toContainText(/row \d+/);
  expect(await serious('.olo-Result')).toEqual([]);
});

test('SQL is laid out by one key, and an error is underlined at its place', async () => {
  await run(0);
  await activate(2);
  await lab.keyboard.press('Alt+Shift+F');
  await expect(cell(2).locator('.cm-content')).toContainText('count(*) as Flights');
  await expect(cell(2).locator('.cm-line').nth(3)).toContainText('where dep_dely > 0');
  await lab.keyboard.press('Control+Enter');
  const problem = cell(2).locator('.olo-Problem');
  await expect(problem).toHaveText('dep_dely', { timeout: 30_000 });
  await expect(problem).toHaveAttribute('title', /dep_dely/);
  await picture('sql-cell');
  expect(await serious('.olo-Strip')).toEqual([]);
});

test('names of tables and columns are completed, with their types', async () => {
  await run(0);
  await activate(3);
  await lab.keyboard.press('Control+End');
  await lab.keyboard.type('dep');
  await lab.keyboard.press('Tab');
  const completer = lab.locator('.jp-Completer');
  await expect(completer).toContainText('dep_delay', { timeout: 30_000 });
  await expect(completer).toContainText('column integer');
  await picture('completion');
  await lab.keyboard.press('Escape');
});

test('a cell is pinned to a tag, and reads it', async () => {
  await run(0);
  await activate(4);
  await cell(4).getByRole('button', { name: 'at present' }).click();
  const dialog = lab.getByRole('dialog');
  await expect(dialog).toContainText('Only dev.silver.flights', { timeout: 30_000 });
  await expect(dialog.getByRole('radio', { name: /append/ })).toHaveCount(2);
  await dialog.getByRole('radio', { name: /q1-close/ }).check();
  await picture('pin');
  expect(await serious('.olo-PinPicker')).toEqual([]);
  await dialog.getByRole('button', { name: 'Pin' }).click();
  await expect(cell(4).locator('.cm-content')).toContainText("FOR VERSION AS OF 'q1-close'");
  await lab.keyboard.press('Control+Enter');
  await expect(cell(4).locator('.olo-Result-caption')).toContainText('1 row', { timeout: 30_000 });
});

test('a cell is promoted: plan, files, options, proof, branch, and then marked', async () => {
  await run(0);
  await run(5);
  await expect(cell(5).locator('.olo-Result-caption')).toContainText('5 rows', { timeout: 30_000 });
  await cell(5).getByRole('button', { name: 'Promote…' }).click();
  const view = lab.locator('.olo-Promotion');
  await expect(view).toContainText('Planned: nothing is written yet', { timeout: 60_000 });
  await expect(view.getByRole('button', { name: /delays_by_carrier\.sql/ })).toBeVisible();
  await view.getByRole('button', { name: /delays_by_carrier\.sql/ }).click();
  await expect(view.getByRole('textbox', { name: 'After the promotion' })).toContainText('group by', {
    timeout: 30_000
  });
  await view.getByRole('button', { name: /sources\.yml/ }).click();
  await expect(view.locator('.cm-merge-b')).toContainText('flights', { timeout: 30_000 });
  await picture('promote');
  expect(await serious('.olo-Promotion')).toEqual([]);

  await view.getByRole('tab', { name: 'Options' }).click();
  await view.getByLabel('owner', { exact: true }).fill('ana');
  await view.getByLabel(/open the pull request/).uncheck();
  await expect(view.locator('.olo-SchemaForm').getByText('Unsupported')).toHaveCount(0);
  await picture('promote-options');
  await view.getByRole('button', { name: 'Verify and publish' }).click();
  await expect(view).toContainText('Verified: it gives what the notebook gave', { timeout: 120_000 });
  await expect(view).toContainText('olo/ana/delays_by_carrier');
  await view.getByRole('button', { name: /delays_by_carrier\.sql/ }).click();
  const editor = view.getByRole('link', { name: /Open in (code-server|VS Code)/ });
  await expect(editor).toHaveAttribute('href', /branches%2Fdelays_by_carrier|branches\/delays_by_carrier/);
  await expect(editor).toHaveAttribute('href', /delays_by_carrier\.sql/);
  await picture('promote-verified');

  await lab.getByRole('tab', { name: 'explore.ipynb' }).click();
  await expect(cell(5).getByRole('button', { name: /gold\.delays_by_carrier · pushed/ })).toBeVisible({
    timeout: 30_000
  });
  // The notebook alone tells it, too.
  await lab.keyboard.press('Control+s');
  const { folder } = place(test.info());
  await expect
    .poll(() => promotionIn(join(folder, 'flights', 'explore.ipynb')), { timeout: 30_000 })
    .toMatchObject({ name: 'delays_by_carrier', branch: 'olo/ana/delays_by_carrier', state: 'pushed', last_run: null });
});

test('what the repository and the notebook both changed is shown by file and hunk', async () => {
  const { folder } = place(test.info());
  const clone = join(folder, `colleague-${test.info().retry}`);
  const git = (...words: string[]): Buffer => execFileSync('git', ['-C', clone, '-c', 'user.name=Bo', ...words]);
  execFileSync('git', ['clone', '-q', '-b', 'olo/ana/delays_by_carrier', join(folder, 'origin.git'), clone]);
  const model = join(clone, 'models', 'gold', 'delays_by_carrier.sql');
  const theirs = readFileSync(model, 'utf8').replace('dep_delay > 0', 'dep_delay > 5');
  writeFileSync(model, theirs);
  git('-c', 'user.email=bo@example.org', 'commit', '-q', '-a', '-m', 'fix: late is more than five minutes');
  git('push', '-q');
  execFileSync('git', ['-C', join(folder, 'flights'), 'fetch', '-q', 'origin']);

  const editor = cell(5).locator('.cm-content');
  const source = (await editor.locator('.cm-line').allTextContents()).join('\n');
  expect(source).toContain('dep_delay > 0');
  await run(0);
  await activate(5);
  await editor.fill(source.replace('dep_delay > 0', 'dep_delay > 3'));
  await run(5);
  await cell(5).getByRole('button', { name: 'Promote…' }).click();
  const view = lab.locator('.olo-Promotion');
  await view.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(view).toContainText(/models\/gold\/delays_by_carrier\.sql, conflict at line \d+/, { timeout: 60_000 });
  await view.getByRole('button', { name: /delays_by_carrier\.sql/ }).click();
  const conflict = view.getByRole('region', { name: 'Conflict 1 of 1' });
  await expect(conflict).toContainText(/line \d+/, { timeout: 30_000 });
  await expect(conflict.locator('pre').first()).toContainText('dep_delay > 5');
  await expect(conflict.locator('pre').last()).toContainText('dep_delay > 3');
  await picture('promote-conflict');
  expect(await serious('.olo-Promotion')).toEqual([]);

  // Nothing was written over; one side brought to the other is no conflict any more.
  git('pull', '-q');
  expect(readFileSync(model, 'utf8')).toBe(theirs);
  await lab.getByRole('tab', { name: 'explore.ipynb' }).click();
  await activate(5);
  await editor.fill(source);
  await run(5);
  await cell(5).getByRole('button', { name: 'Promote…' }).click();
  await view.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(view).toContainText('Planned: nothing is written yet', { timeout: 60_000 });
  await lab.getByRole('tab', { name: 'explore.ipynb' }).click();
});

test('a long statement shows its progress, and its button ends it', async () => {
  await run(0);
  await start(8);
  const cancel = cell(8).getByRole('button', { name: 'Cancel' });
  await expect(cancel).toBeVisible({ timeout: 30_000 });
  await picture('progress');
  await cancel.click();
  await expect(cell(8).locator('.jp-OutputArea')).toContainText(/cancel/i, { timeout: 20_000 });
  await expect(cell(8).locator('.jp-OutputArea')).toContainText('user-canceled');
  await expect(cancel).toHaveCount(0);
});

test('a chart and a diff are drawn', async () => {
  await run(0);
  await run(5);
  await run(6);
  await expect(cell(6).locator('.jp-OutputArea').locator('svg, canvas, img').first()).toBeVisible({ timeout: 60_000 });
  await cell(6).scrollIntoViewIfNeeded();
  await picture('chart');
  await run(7);
  await expect(cell(7).locator('.jp-OutputArea')).toContainText('2,500', { timeout: 60_000 });
  await cell(7).scrollIntoViewIfNeeded();
  await picture('diff');
});

test('the whole result comes from the kernel', async () => {
  await run(0);
  await run(1);
  const result = cell(1).locator('.olo-Result');
  await result.getByRole('button', { name: 'Load from the kernel' }).click();
  await expect(result.locator('.olo-Result-omission')).toHaveCount(0, { timeout: 30_000 });
  await result.getByRole('searchbox', { name: 'Find in rows' }).fill('4999');
  await expect(result.locator('.olo-Result-found')).toHaveText('1 of 5,000');
});

test('light and dark', async () => {
  await theme('JupyterLab Dark');
  await run(0);
  await run(1);
  await expect(cell(1).locator('.olo-ResultGrid')).toBeVisible({ timeout: 60_000 });
  await picture('result-dark');
  expect(await serious('.olo-Result')).toEqual([]);
  await run(5);
  await cell(5).getByRole('button', { name: 'Promote…' }).click();
  await expect(lab.locator('.olo-Promotion')).toContainText('gold.delays_by_carrier as dbt', { timeout: 60_000 });
  await picture('promote-dark');
  expect(await serious('.olo-Promotion')).toEqual([]);
  await theme('JupyterLab Light');
});
