import { join } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { expect, Page, test } from '@playwright/test';

let lab: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }, info) => {
  lab = await (await browser.newContext()).newPage();
  const { token } = info.config.metadata as Record<'token', string>;
  await lab.goto(`/lab?reset&token=${token}`);
  await lab.getByTitle('OLO: catalog, jobs, lineage').first().click({ timeout: 90_000 });
  await lab.getByRole('heading', { name: 'Workspaces Section' }).click();
});

test.afterAll(() => lab.context().close());

async function picture(name: string): Promise<void> {
  if (process.env['OLO_SCREENSHOTS']) {
    await lab.screenshot({ path: join(process.env['OLO_SCREENSHOTS'], `${name}.png`) });
  }
}

test('the list has each workspace, and what is wrong with a file', async () => {
  const list = lab.locator('.olo-Panel').getByRole('list', { name: 'Workspaces' });
  await expect(list.getByRole('listitem')).toHaveCount(2);
  const broken = list.getByRole('listitem').filter({ hasText: 'broken' });
  await expect(broken).toContainText('broken.yml');
  await expect(list.getByRole('listitem').filter({ hasText: 'flights' })).toContainText('3 members');
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
  await picture('workspace');
  const { violations } = await new AxeBuilder({ page: lab })
    .include('.olo-View:not(.lm-mod-hidden)')
    .exclude('jp-button')
    .analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});

test('its link opens it again; one that is gone says so', async ({}, info) => {
  const { token } = info.config.metadata as Record<'token', string>;
  await lab.goto(`/lab?reset&olo=workspace/flights&token=${token}`);
  await expect(lab.locator('.olo-View:visible')).toContainText('Flights <b>out</b>', { timeout: 90_000 });
  await lab.goto(`/lab?reset&olo=workspace/no_such&token=${token}`);
  await expect(lab.locator('.olo-View:visible')).toContainText('There is no workspace no_such', { timeout: 90_000 });
});
