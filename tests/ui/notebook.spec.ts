import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, Page, test } from '@playwright/test';

import { Cells } from './cells';
import { goTo, looks, openLab, picture, place, serious } from './lab';

/** One page for all tests of this file, in their order: loading JupyterLab is most of the time they take. */
let lab: Page;

let cells: Cells;

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info, '/tree/explore.ipynb');
  cells = new Cells(lab);
  await cells.ready();
});

test.afterAll(() => lab.context().close());

/** What a notebook's file holds of the promotion of one of its cells. */
function promotionIn(path: string): unknown {
  const { cells } = JSON.parse(readFileSync(path, 'utf8')) as {
    cells: { metadata: { olo?: { promotion?: unknown } } }[];
  };
  return cells.map(({ metadata }) => metadata.olo?.promotion).find(Boolean) ?? {};
}

test('a result is sorted, filtered, summed up and downloaded, and says what it is of', async () => {
  await cells.run(0);
  await cells.run(1);
  const result = cells.at(1).locator('.olo-Result');
  await expect(result.locator('.olo-Result-caption')).toContainText('5,000 rows', { timeout: 60_000 });
  await expect(result.locator('.olo-Result-caption')).toContainText(/[KM]B read/);
  await expect(result.locator('.olo-Result-omission')).toContainText('The first 1,000 of 5,000 rows');

  await result.getByRole('button', { name: /^Columns/ }).click();
  const columns = result.getByRole('region', { name: 'Columns of the result' });
  await expect(columns).toContainText('Of the first 1,000 of 5,000 rows');
  await expect(columns.locator('li').filter({ hasText: 'carrier' })).toContainText('5 distinct');
  await expect(columns.locator('li').filter({ hasText: 'dep_delay' })).toContainText(/NULL \(\d+ %\)/);

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
  expect(await serious(lab, '.olo-Result')).toEqual([]);
});

test('SQL is laid out by one key, and an error is underlined at its place', async () => {
  await cells.run(0);
  await cells.activate(2);
  await lab.keyboard.press('Alt+Shift+F');
  await expect(cells.at(2).locator('.cm-content')).toContainText('count(*) as Flights');
  await expect(cells.at(2).locator('.cm-line').nth(3)).toContainText('where dep_dely > 0');
  await lab.keyboard.press('Control+Enter');
  const problem = cells.at(2).locator('.olo-Problem');
  await expect(problem).toHaveText('dep_dely', { timeout: 30_000 });
  await expect(problem).toHaveAttribute('title', /dep_dely/);
  await picture(lab, 'sql-cell');
  expect(await serious(lab, '.olo-Strip')).toEqual([]);
});

test('names of tables and columns are completed, with their types', async () => {
  await cells.run(0);
  await cells.activate(3);
  await lab.keyboard.press('Control+End');
  await lab.keyboard.type('dep');
  await lab.keyboard.press('Tab');
  const completer = lab.locator('.jp-Completer');
  await expect(completer).toContainText('dep_delay', { timeout: 30_000 });
  await expect(completer).toContainText('column integer');
  await picture(lab, 'completion');
  await lab.keyboard.press('Escape');
});

test('a cell is pinned to a tag, and reads it', async () => {
  await cells.run(0);
  await cells.activate(4);
  await cells.at(4).getByRole('button', { name: 'at present' }).click();
  const dialog = lab.getByRole('dialog');
  await expect(dialog).toContainText('Only dev.silver.flights', { timeout: 30_000 });
  await expect(dialog.getByRole('radio', { name: /append/ })).toHaveCount(2);
  await dialog.getByRole('radio', { name: /q1-close/ }).check();
  await picture(lab, 'pin');
  expect(await serious(lab, '.olo-PinPicker')).toEqual([]);
  await dialog.getByRole('button', { name: 'Pin' }).click();
  await expect(cells.at(4).locator('.cm-content')).toContainText("FOR VERSION AS OF 'q1-close'");
  await lab.keyboard.press('Control+Enter');
  await expect(cells.at(4).locator('.olo-Result-caption')).toContainText('1 row', { timeout: 30_000 });
});

test('a cell is promoted: plan, files, options, proof, branch, and then marked', async () => {
  await cells.run(0);
  await cells.run(5);
  await expect(cells.at(5).locator('.olo-Result-caption')).toContainText('5 rows', { timeout: 30_000 });
  await cells.at(5).getByRole('button', { name: 'Promote…' }).click();
  const view = lab.locator('.olo-Promotion');
  await expect(view).toContainText('Planned: nothing is written yet', { timeout: 60_000 });
  await expect(view.getByRole('button', { name: /delays_by_carrier\.sql/ })).toBeVisible();
  await view.getByRole('button', { name: /delays_by_carrier\.sql/ }).click();
  await expect(view.getByRole('textbox', { name: 'After the promotion' })).toContainText('group by', {
    timeout: 30_000
  });
  await view.getByRole('button', { name: /sources\.yml/ }).click();
  await expect(view.locator('.cm-merge-b')).toContainText('flights', { timeout: 30_000 });
  expect(await serious(lab, '.olo-Promotion')).toEqual([]);

  await view.getByRole('tab', { name: 'Options' }).click();
  await expect(view.locator('.olo-SchemaForm')).not.toContainText('`');
  await expect(view.locator('.olo-SchemaForm')).toContainText('Columns that name one row.');
  const name = view.getByRole('textbox', { name: 'Name', exact: true });
  for (const bad of ['', '2 much', '<b>x</b> 🛫', 'Delays', 'n'.repeat(500)]) {
    await name.fill(bad);
    await expect(name).toHaveAccessibleDescription(bad ? /small letters, digits and _/ : /Name it/);
    await expect(view.getByRole('button', { name: 'Verify and publish' })).toBeDisabled();
  }
  expect(await serious(lab, '.olo-Promotion')).toEqual([]);
  // What the kernel alone can tell takes the plan away: that was of another name.
  await name.fill('select');
  await view.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(view.getByRole('alert')).toContainText('keyword of SQL', { timeout: 60_000 });
  await expect(view).not.toContainText('Planned: nothing is written yet');
  await expect(view.getByText('From', { exact: true })).toBeHidden();
  await expect(view.getByText(/^Split: Whether a long chain/)).toBeVisible();
  await name.fill('delays_by_carrier');
  await view.getByLabel('owner', { exact: true }).fill('ana');
  await view.getByLabel(/open the pull request/).uncheck();
  await expect(view.locator('.olo-SchemaForm').getByText('Unsupported')).toHaveCount(0);
  await picture(lab, 'promote-options');
  await view.getByRole('button', { name: 'Verify and publish' }).click();
  await expect(view).toContainText('Verified: it gives what the notebook gave', { timeout: 120_000 });
  await expect(view).toContainText('olo/ana/delays_by_carrier');
  await view.getByRole('button', { name: /delays_by_carrier\.sql/ }).click();
  const editor = view.getByRole('link', { name: /Open in (code-server|VS Code)/ });
  await expect(editor).toHaveAttribute('href', /branches%2Fdelays_by_carrier|branches\/delays_by_carrier/);
  await expect(editor).toHaveAttribute('href', /delays_by_carrier\.sql/);
  await picture(lab, 'promote-verified');

  await lab.getByRole('tab', { name: 'explore.ipynb' }).click();
  await expect(cells.at(5).getByRole('button', { name: /gold\.delays_by_carrier · pushed/ })).toBeVisible({
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
  git('-c', 'user.email=bo@example.org', 'commit', '--allow-empty', '-qam', 'fix: late is more than five minutes');
  git('push', '-q');
  execFileSync('git', ['-C', join(folder, 'flights'), 'fetch', '-q', 'origin']);

  const source = await cells.text(5);
  expect(source).toContain('dep_delay > 0');
  await cells.run(0);
  await cells.write(5, source.replace('dep_delay > 0', 'dep_delay > 3'));
  await cells.run(5);
  await cells.at(5).getByRole('button', { name: 'Promote…' }).click();
  const view = lab.locator('.olo-Promotion');
  await view.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(view).toContainText(/models\/gold\/delays_by_carrier\.sql, conflict at line \d+/, { timeout: 60_000 });
  await view.getByRole('button', { name: /delays_by_carrier\.sql/ }).click();
  const conflict = view.getByRole('region', { name: 'Conflict 1 of 1' });
  await expect(conflict).toContainText(/line \d+/, { timeout: 30_000 });
  await expect(conflict.locator('pre').first()).toContainText('dep_delay > 5');
  await expect(conflict.locator('pre').last()).toContainText('dep_delay > 3');
  await expect(view.getByRole('button', { name: 'Cancel' })).toHaveCount(0, { timeout: 60_000 });
  await picture(lab, 'promote-conflict');
  expect(await serious(lab, '.olo-Promotion')).toEqual([]);

  // Nothing was written over; one side brought to the other is no conflict any more.
  git('pull', '-q');
  expect(readFileSync(model, 'utf8')).toBe(theirs);
  await lab.getByRole('tab', { name: 'explore.ipynb' }).click();
  await cells.write(5, source);
  await cells.run(5);
  await cells.at(5).getByRole('button', { name: 'Promote…' }).click();
  await view.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(view).toContainText('Planned: nothing is written yet', { timeout: 60_000 });
  await lab.getByRole('tab', { name: 'explore.ipynb' }).click();
});

test('a link to a promotion finds its notebook', async ({ browser }, info) => {
  const page = await openLab(browser, info, '?olo=promotion/delays_by_carrier');
  await expect(page.getByRole('button', { name: 'Open explore.ipynb' })).toBeVisible({ timeout: 60_000 });
  await goTo(page, info, '?olo=promotion/nobodys');
  await expect(page.getByText('No notebook is known for this promotion')).toBeVisible({ timeout: 60_000 });
  await page.context().close();
});

test('a long statement shows its progress, and its button ends it', async () => {
  await cells.run(0);
  await cells.start(8);
  const cancel = cells.at(8).getByRole('button', { name: 'Cancel' });
  await expect(cancel).toBeVisible({ timeout: 30_000 });
  await picture(lab, 'progress');
  await cancel.click();
  await expect(cells.at(8).locator('.jp-OutputArea')).toContainText(/cancel/i, { timeout: 20_000 });
  await expect(cells.at(8).locator('.jp-OutputArea')).toContainText('user-canceled');
  await expect(cancel).toHaveCount(0);
});

test('a chart and a diff are drawn', async () => {
  await cells.run(0);
  await cells.run(5);
  await cells.run(6);
  await expect(cells.at(6).locator('.jp-OutputArea').locator('svg, canvas, img').first()).toBeVisible({
    timeout: 60_000
  });
  await cells.at(6).scrollIntoViewIfNeeded();
  await picture(lab, 'chart');
  await cells.run(7);
  await expect(cells.at(7).locator('.jp-OutputArea')).toContainText('2,500', { timeout: 60_000 });
  await cells.at(7).scrollIntoViewIfNeeded();
  await picture(lab, 'diff');
});

test('the whole result comes from the kernel', async () => {
  await cells.run(0);
  await cells.run(1);
  const result = cells.at(1).locator('.olo-Result');
  await result.getByRole('button', { name: 'Load from the kernel' }).click();
  await expect(result.locator('.olo-Result-omission')).toHaveCount(0, { timeout: 30_000 });
  await result.getByRole('searchbox', { name: 'Find in rows' }).fill('4999');
  await expect(result.locator('.olo-Result-found')).toHaveText('1 of 5,000');
});

test('rows are scrolled without a copy of the canvas for each cell', async () => {
  await cells.run(0);
  await cells.run(1);
  const grid = cells.at(1).locator('.olo-ResultGrid');
  await grid.hover();
  await lab.waitForTimeout(500);
  await lab.evaluate(() => {
    const counted = window as unknown as { copies: number };
    const context = CanvasRenderingContext2D.prototype;
    const draw = context.drawImage;
    counted.copies = 0;
    context.drawImage = function (this: CanvasRenderingContext2D, ...given: unknown[]) {
      counted.copies++;
      draw.apply(this, given as Parameters<typeof draw>);
    } as typeof draw;
  });
  const copies = (): Promise<number> => lab.evaluate(() => (window as unknown as { copies: number }).copies);
  await lab.mouse.wheel(0, 400);
  await expect.poll(copies).toBeGreaterThan(0);
  await lab.waitForTimeout(300);
  // A dozen rows of four columns and their numbers are seen: one copy a region, and what stays is moved.
  expect(await copies()).toBeLessThan(10);
});

test('light, dark, high contrast, zoom 200 %', async () => {
  test.setTimeout(240_000);
  await cells.run(0);
  await cells.run(1);
  await cells
    .at(1)
    .getByRole('button', { name: /^Columns/ })
    .click({ timeout: 60_000 });
  await expect(cells.at(1).getByRole('region', { name: 'Columns of the result' })).toContainText('distinct');
  await looks(lab, 'result', '.olo-Result:has([aria-label="Columns of the result"])');
  await looks(lab, 'sql-head', '.jp-mod-active .olo-SqlHead');
  await cells.run(5);
  await cells.at(5).getByRole('button', { name: 'Promote…' }).click();
  await expect(lab.locator('.olo-Promotion')).toContainText('gold.delays_by_carrier as dbt', { timeout: 60_000 });
  await looks(lab, 'promote', '.olo-Promotion');
});
