import { expect, Locator, Page, test } from '@playwright/test';

import { Cells } from './cells';
import { openLab, picture, section, serious } from './lab';

/** A real Gitea is behind this: tests/services/test_promotion_panel.py starts it and makes the repository. */
let lab: Page;
let cells: Cells;

const REPOSITORY = process.env['OLO_TEST_GITEA'] ?? '';
const BRANCH = 'olo/ana/delays_by_carrier';
const MODEL = 'models/gold/delays_by_carrier.sql';

// What Gitea has by then can't be made anew: no second try.
test.describe.configure({ mode: 'serial', retries: 0, timeout: 400_000 });

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info, '/tree/explore.ipynb');
  cells = new Cells(lab);
  await cells.ready();
});

test.afterAll(() => lab.context().close());

/** Ask Gitea as its administrator. */
async function gitea<T>(path: string, init: { method?: string; body?: unknown } = {}): Promise<T> {
  const { origin, pathname } = new URL(REPOSITORY);
  const answer = await fetch(`${origin}/api/v1/repos${pathname.replace(/\.git$/, '')}${path}`, {
    method: init.method ?? 'GET',
    headers: { Authorization: `token ${process.env['OLO_GIT_TOKEN']}`, 'Content-Type': 'application/json' },
    ...(init.body ? { body: JSON.stringify(init.body) } : {})
  });
  expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
  return (await answer.json().catch(() => ({}))) as T;
}

/** What a runner of the project's checks would tell. */
async function tell(context: string, state: 'pending' | 'success' | 'failure'): Promise<void> {
  const { commit } = await gitea<{ commit: { id: string } }>(`/branches/${encodeURIComponent(BRANCH)}`);
  const body = { context, state, target_url: 'https://ci.example.org/1' };
  await gitea(`/statuses/${commit.id}`, { method: 'POST', body });
}

/** A colleague's commit on the promotion's branch. */
async function edit(change: (text: string) => string): Promise<void> {
  type File = Record<'content' | 'sha', string>;
  const { content, sha } = await gitea<File>(`/contents/${MODEL}?ref=${encodeURIComponent(BRANCH)}`);
  const text = change(Buffer.from(content, 'base64').toString());
  const body = { content: Buffer.from(text).toString('base64'), sha, message: 'fix: by a colleague', branch: BRANCH };
  await gitea(`/contents/${MODEL}`, { method: 'PUT', body });
}

async function promote(): Promise<Locator> {
  await cells.run(0);
  await cells.run(5);
  await cells.at(5).getByRole('button', { name: 'Promote…' }).click();
  return lab.locator('.olo-Promotion');
}

async function backToTheNotebook(): Promise<void> {
  await lab.getByRole('tab', { name: 'explore.ipynb' }).click();
}

function check(view: Locator, name: string, outcome: string): Locator {
  const pull = view.getByRole('region', { name: 'Pull request' });
  return pull.getByRole('listitem').filter({ hasText: name }).getByRole('img', { name: outcome });
}

test('a cell becomes a pull request, whose checks are seen while they run', async () => {
  const view = await promote();
  await expect(view).toContainText('Planned: nothing is written yet', { timeout: 60_000 });
  await view.getByRole('button', { name: 'Verify and publish' }).click();
  await expect(view).toContainText('Verified: it gives what the notebook gave', { timeout: 180_000 });
  const pull = view.getByRole('region', { name: 'Pull request' });
  await expect(pull.getByRole('link', { name: /feat\(gold\): promote delays_by_carrier/ })).toHaveAttribute(
    'href',
    `${REPOSITORY.replace(/\.git$/, '')}/pulls/1`,
    { timeout: 60_000 }
  );

  // From here on the page asks nothing: the server asks Gitea, and tells.
  const asked: string[] = [];
  lab.on('request', request => request.url().includes('/olo/api/') && asked.push(request.url()));
  await tell('dbt build', 'pending');
  await tell('lint', 'success');
  await expect(check(view, 'dbt build', 'pending')).toBeVisible({ timeout: 90_000 });
  await expect(check(view, 'lint', 'success')).toBeVisible();
  await expect(view.getByRole('link', { name: 'dbt build' })).toHaveAttribute('href', 'https://ci.example.org/1');
  await picture(lab, 'promote-checks');
  expect(await serious(lab, '.olo-Promotion')).toEqual([]);
  await tell('dbt build', 'failure');
  await expect(check(view, 'dbt build', 'failure')).toBeVisible({ timeout: 60_000 });
  const list = await section(lab, 'promote', 'Promotions');
  await expect(list.getByRole('img', { name: 'checks: failure' })).toBeVisible();
  expect(asked.filter(url => !url.includes('/promotions'))).toEqual([]);
});

test('the pull request is opened by a click', async () => {
  const link = lab.locator('.olo-Promotion').getByRole('link', { name: /#1 feat/ });
  const [page] = await Promise.all([lab.context().waitForEvent('page'), link.click()]);
  await page.waitForLoadState();
  expect(page.url()).toContain('/pulls/1');
  await page.close();
});

test('promoted again it starts anew, and what both changed is shown by file and hunk', async () => {
  await edit(text => text.replace('dep_delay > 0', 'dep_delay > 5'));
  await backToTheNotebook();
  await cells.write(5, (await cells.text(5)).replace('dep_delay > 0', 'dep_delay > 3'));
  const view = await promote();
  // What came out the last time is gone at once: it tells nothing of the cell as it is now.
  await expect(view).not.toContainText('Verified: it gives what the notebook gave', { timeout: 1_000 });
  // A plan asks no remote. Publishing does, and is refused: nothing is written over.
  await expect(view).toContainText('Planned: nothing is written yet', { timeout: 60_000 });
  await view.getByRole('button', { name: 'Verify and publish' }).click();
  await expect(view).toContainText('Not promoted', { timeout: 180_000 });
  await expect(view).toContainText(/delays_by_carrier\.sql, conflict at line \d+/);
  await view.getByRole('button', { name: /delays_by_carrier\.sql/ }).click();
  const conflict = view.getByRole('region', { name: 'Conflict 1 of 1' });
  await expect(conflict.locator('pre').first()).toContainText('dep_delay > 5');
  await expect(conflict.locator('pre').last()).toContainText('dep_delay > 3');
  await picture(lab, 'promote-conflict-gitea');
  expect(await serious(lab, '.olo-Promotion')).toEqual([]);

  const { content } = await gitea<{ content: string }>(`/contents/${MODEL}?ref=${encodeURIComponent(BRANCH)}`);
  expect(Buffer.from(content, 'base64').toString()).toContain('dep_delay > 5');
});

test('brought to one, it goes into the same pull request; the merge is seen', async () => {
  await backToTheNotebook();
  await cells.write(5, (await cells.text(5)).replace('dep_delay > 3', 'dep_delay > 5'));
  const view = await promote();
  await expect(view).toContainText('Planned: nothing is written yet', { timeout: 60_000 });
  await view.getByRole('button', { name: 'Verify and publish' }).click();
  await expect(view).toContainText('Verified: it gives what the notebook gave', { timeout: 180_000 });
  expect(await gitea<unknown[]>('/pulls?state=all')).toHaveLength(1);
  await tell('dbt build', 'success');
  await expect(check(view, 'dbt build', 'success')).toBeVisible({ timeout: 90_000 });

  // Gitea answers 405 until it has looked at the last push.
  await expect(async () => {
    await gitea('/pulls/1/merge', { method: 'POST', body: { Do: 'squash' } });
  }).toPass({ timeout: 60_000 });
  await expect(view.getByRole('region', { name: 'Pull request' })).toContainText('merged', { timeout: 90_000 });
  await backToTheNotebook();
  await expect(cells.at(5).getByRole('button', { name: /gold\.delays_by_carrier · merged/ })).toBeVisible({
    timeout: 30_000
  });
  await picture(lab, 'promote-merged');
});
