import { expect, Page, test } from '@playwright/test';

import { execute, goTo, looks, openLab, section, VIEW } from './lab';

let lab: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
  await section(lab, 'workspaces', 'Workspaces');
});

test.afterAll(() => lab.context().close());

test('the list has each workspace, and what is wrong with a file', async () => {
  const list = lab.locator('.olo-Panel').getByRole('list', { name: 'Workspaces' });
  await expect(list.getByRole('listitem')).toHaveCount(2);
  const broken = list.getByRole('listitem').filter({ hasText: 'broken' });
  await expect(broken).toContainText('broken.yml');
  await expect(list.getByRole('listitem').filter({ hasText: 'flights' })).toContainText('3 members');
  await execute(lab, 'olo:open-view', { kind: 'workspace', id: 'broken' });
  const wrong = lab.locator(VIEW).getByRole('alert').locator('.olo-StateBox-title');
  await expect(wrong).toBeVisible();
  expect((await wrong.innerText()).split('\n')).toHaveLength(2); // a line for each thing that is wrong
});

test('a workspace shows members, roles, links, and where the world differs', async () => {
  await lab
    .locator('.olo-Panel')
    .getByRole('button', { name: /flights.*3 members/ })
    .click();
  const view = lab.locator('.olo-View:visible');
  await expect(view.getByRole('heading', { level: 2 })).toHaveText('Flights <b>out</b> of New York');
  const members = view.getByRole('region', { name: 'Members' });
  await expect(members.locator('tbody tr')).toHaveText([
    /ana.*person.*workspace-admin/,
    /ben.*person.*analyst/,
    /readers.*group.*viewer/
  ]);
  const drift = view.getByRole('region', { name: 'Drift' }).getByRole('region');
  await expect(drift.locator('tbody')).toContainText('namespace dev.platinum');
  await expect(drift.getByRole('row', { name: /member user ben/ })).toContainText('missing');
  await expect(view).toContainText('olo apply flights');
  await expect(view).toContainText('never: olo apply');
  const links = view.getByRole('navigation', { name: 'Links' });
  await expect(links.getByRole('link', { name: 'grafana' })).toHaveAttribute(
    'href',
    'https://grafana.example.org/d/olo'
  );
  await expect(links.getByRole('link', { name: 'code-server' })).toHaveAttribute('rel', /noopener/);
  await looks(lab, 'section-workspaces', '.olo-Panel');
  await looks(lab, 'workspace', VIEW);
});

test('its link opens it again; one that is gone says so', async ({}, info) => {
  await goTo(lab, info, '?olo=workspace/flights');
  await expect(lab.locator('.olo-View:visible')).toContainText('Flights <b>out</b>', { timeout: 90_000 });
  await goTo(lab, info, '?olo=workspace/no_such');
  await expect(lab.locator('.olo-View:visible')).toContainText('There is no workspace no_such', { timeout: 90_000 });
});
