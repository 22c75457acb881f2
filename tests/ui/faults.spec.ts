import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Browser, expect, Page, test, TestInfo } from '@playwright/test';

import { goTo, openLab, picture, place, section } from './lab';
import { Server } from './server';

/** Clocks that differ, a server that ends and starts again, a login that expires: on a server of this file's own. */
const DAY = 86_400_000;
let server: Server;

test.describe.configure({ mode: 'serial', timeout: 300_000 });

test.beforeAll(async ({}, info) => {
  server = await Server.make(place(info).python);
  await server.start(place(info).token);
});

test.afterAll(async () => {
  await server.stop();
  await rm(server.folder, { recursive: true, force: true });
});

async function open(browser: Browser, info: TestInfo): Promise<Page> {
  const lab = await openLab(browser, info, '', { baseURL: server.url });
  // JupyterLab's own word about a server that is gone.
  const lost = lab.getByRole('dialog').filter({ hasText: 'Server Connection Error' });
  await lab.addLocatorHandler(lost, () => lost.getByRole('button').last().click());
  return lab;
}

for (const days of [3, -3]) {
  test(`times are right where the browser's clock is ${days} days off`, async ({ browser }, info) => {
    const lab = await (await browser.newContext({ baseURL: server.url })).newPage();
    await lab.addInitScript(ahead => {
      const Right = Date;
      class Wrong extends Right {
        constructor(...given: unknown[]) {
          super(...((given.length ? given : [Right.now() + ahead]) as []));
        }
        static override now(): number {
          return Right.now() + ahead;
        }
      }
      window.Date = Wrong as DateConstructor;
    }, days * DAY);
    await goTo(lab, info, '');
    const runs = await section(lab, 'runs', 'Runs');
    const newest = runs.getByRole('list', { name: 'Runs' }).getByRole('listitem').first();
    await expect(newest).toContainText(/daily_delays.*2 h ago/);
    // One failed within the last day, by the server's clock.
    await expect(lab.locator('.jp-StatusBar-Widget')).toContainText('1 run failed');
    const lineage = await section(lab, 'lineage', 'Lineage');
    await expect(lineage.getByRole('listitem').first()).toContainText(/just now|\d+ min ago/);
    await lab.context().close();
  });
}

test('a server that is gone says so in each view; back again, what happened meanwhile is shown', async ({
  browser
}, info) => {
  const lab = await open(browser, info);
  const panel = await section(lab, 'runs', 'Runs');
  const runs = panel.getByRole('list', { name: 'Runs' }).getByRole('listitem');
  await expect(runs.first()).toContainText('daily_delays');
  const before = Number(await runs.first().getAttribute('aria-setsize'));
  await server.stop();
  await panel.getByRole('heading', { name: 'Catalog Section' }).click();
  const gone = panel.getByRole('alert').filter({ hasText: 'The Jupyter server does not answer.' });
  await expect(gone.first()).toContainText('Check that it runs, then try again.');
  await expect(gone.first().getByRole('button', { name: 'Try again' })).toBeVisible();
  await picture(lab, 'server-gone');

  await server.run('daily_delays');
  await server.start(place(info).token);
  // Lab's event socket finds the server by itself; its pulse tells that it is another one.
  await expect(runs.first()).toHaveAttribute('aria-setsize', String(before + 1), { timeout: 180_000 });
  await expect(panel.getByRole('treeitem').first()).toBeVisible();
  await expect(gone).toHaveCount(0);
  await lab.context().close();
});

test('a login that expired is asked for once, and the page goes on where it was', async ({ browser }, info) => {
  const lab = await open(browser, info);
  const panel = await section(lab, 'jobs', 'Jobs');
  await expect(panel.getByRole('list', { name: 'Jobs' })).toContainText('carrier_report');
  await server.stop();
  // Another token and other cookies: nobody is known any more.
  await rm(join(server.folder, 'runtime'), { recursive: true, force: true });
  await server.start('another-token');
  await panel.getByRole('heading', { name: 'Catalog Section' }).click();
  const dialog = lab.getByRole('dialog').filter({ hasText: 'Your login has expired' });
  await expect(dialog).toHaveCount(1);
  // Everything that is in sight is read again, and fails: still one prompt.
  await lab.evaluate(() => window.dispatchEvent(new Event('online')));
  await lab.waitForTimeout(2_000);
  await expect(dialog).toHaveCount(1);
  await picture(lab, 'login-expired');
  const [login] = await Promise.all([
    lab.context().waitForEvent('page'),
    dialog.getByRole('button', { name: 'Log in again' }).click()
  ]);
  await login.locator('input[type=password]').first().fill('another-token');
  await login.getByRole('button', { name: 'Log in', exact: true }).click();
  await login.waitForURL(/\/(lab|tree)/);
  await login.close();
  await lab.bringToFront();
  await lab.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(panel.getByRole('treeitem').first()).toBeVisible({ timeout: 60_000 });
  await expect(lab.getByRole('dialog').filter({ hasText: 'Your login has expired' })).toHaveCount(0);
  await lab.context().close();
});
