import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { expect, Locator, Page, test } from '@playwright/test';

import { execute, openLab, place, picture } from './lab';

/** One page for all tests of this file, in their order: loading JupyterLab is most of the time they take. */
let lab: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info, '/tree/delays.ipynb');
  await expect(lab.locator('.jp-Notebook')).toBeVisible({ timeout: 90_000 });
});

test.afterAll(() => lab.context().close());

async function openPanel(): Promise<Locator> {
  await execute(lab, 'olo:show-panel');
  return lab.locator('.olo-Panel');
}

/** Open the branches with these labels, whichever are open already. */
async function open(panel: Locator, ...labels: string[]): Promise<void> {
  for (const label of labels) {
    const branch = node(panel, label);
    if ((await branch.getAttribute('aria-expanded')) === 'false') {
      await branch.click();
    }
  }
}

function node(panel: Locator, label: string): Locator {
  return panel.getByRole('treeitem').filter({ has: panel.page().locator(`.olo-Tree-label:text-is("${label}")`) });
}

test('an analyst opens the panel, finds a table, runs a query and sees its rows', async () => {
  const panel = await openPanel();
  await open(panel, 'dev', 'silver', 'flights');
  await expect(node(panel, 'carrier')).toContainText('varchar');
  await expect(node(panel, 'sched_dep')).toContainText('timestamp(6)');
  await expect(node(panel, 'q1-close')).toContainText('tag');

  const notebook = lab.locator('.jp-Notebook');
  await notebook.locator('.jp-CodeCell').filter({ hasText: '%%olo sql delays' }).click();
  await lab
    .locator('.jp-NotebookPanel-toolbar')
    .getByRole('button', { name: /Restart the kernel and run all cells/ })
    .click();
  await lab.getByRole('button', { name: 'Confirm Kernel Restart' }).click();

  const result = notebook.locator('.olo-Result');
  await expect(result.locator('.olo-Result-caption')).toContainText('5 rows', { timeout: 90_000 });
  await expect(result.locator('.olo-Result-caption')).toContainText('embedded');
  await expect(result.locator('.olo-Result-caption')).toContainText(/dev\.silver\.flights @ \d{15,}/);
  await expect(result.locator('.olo-ResultGrid canvas').first()).toBeVisible();

  // The grid is painted, so what it holds is read as a person would take it elsewhere: by copying.
  await result.locator('.olo-ResultGrid').click({ position: { x: 60, y: 88 } });
  await lab.keyboard.press('Shift+ArrowRight');
  await lab.keyboard.press('Control+c');
  const copied = await lab.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^(UA|AA|DL|B6|WN)\t\d+$/);
  await picture(lab, 'panel');
});

test('a query from the panel goes into a new cell, at the tag', async () => {
  const panel = await openPanel();
  await open(panel, 'dev', 'silver', 'flights');
  await node(panel, 'q1-close').hover();
  await node(panel, 'q1-close').getByRole('button', { name: 'Query in a new cell' }).click();
  const last = lab.locator('.jp-Notebook .jp-CodeCell.jp-mod-active');
  await expect(last).toContainText("FROM dev.silver.flights FOR VERSION AS OF 'q1-close'");
  await expect(last.locator('.cm-line').first()).toContainText('%%olo sql');
});

test('a run appears while the panel is open, without anybody asking', async ({}, info) => {
  const { folder, python } = place(info);
  const panel = await openPanel();
  const first = panel.getByRole('list', { name: 'Runs', exact: true }).getByRole('listitem').first();
  await expect(panel.getByRole('list', { name: 'Jobs', exact: true })).toContainText('0 6 * * *');
  const before = Number(await first.getAttribute('aria-setsize'));
  const asked: string[] = [];
  lab.on('request', request => request.url().includes('/olo/api/') && asked.push(request.url()));

  const child = spawn(python, ['-m', 'olo_jupyter.cli', 'run', 'daily_delays', '--target', 'sandbox'], {
    cwd: join(folder, 'flights'),
    env: { ...process.env, OLO_USER: 'ana', OLO_STATE: join(folder, 'state') },
    stdio: 'inherit'
  });
  const ended = new Promise<number | null>(done => child.on('exit', done));
  await expect(first.getByRole('img', { name: 'running' })).toBeVisible();
  await expect(first).toHaveAttribute('aria-setsize', String(before + 1));
  expect(await ended).toBe(0);
  await expect(first.getByRole('img', { name: 'success' })).toBeVisible();
  expect(asked).toEqual([]);
});

test('the tree is walked by keyboard', async () => {
  const panel = await openPanel();
  const tree = panel.getByRole('tree');
  await expect(node(panel, 'dev')).toBeVisible();
  await tree.focus();
  await lab.keyboard.press('Home');
  await lab.keyboard.press('ArrowLeft');
  await expect(node(panel, 'dev')).toHaveAttribute('aria-expanded', 'false');
  await lab.keyboard.press('ArrowRight');
  await lab.keyboard.press('g');
  await expect(node(panel, 'gold')).toHaveAttribute('aria-selected', 'true');
  await lab.keyboard.press('Enter');
  await expect(tree).toContainText('Empty');
  await lab.keyboard.press('ArrowLeft');
  await lab.keyboard.press('ArrowLeft');
  await expect(node(panel, 'dev')).toHaveAttribute('aria-selected', 'true');
});
