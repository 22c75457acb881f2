import { expect, Locator, Page, Route, test, TestInfo } from '@playwright/test';

import { execute, goTo, openLab, picture, section } from './lab';

/** Each section and view while its first answer is coming, when it fails, when the person may not see it, when there is nothing. */
let lab: Page;

test.describe.configure({ mode: 'serial' });

/** `content` is what is there when all is well. */
const SECTIONS: [id: string, title: string, content: string][] = [
  ['home', 'Overview', '.olo-Counts'],
  ['catalog', 'Catalog', '[role=treeitem]'],
  ['jobs', 'Jobs', '[aria-label=Jobs] [role=listitem]'],
  ['runs', 'Runs', '[aria-label=Runs] [role=listitem]'],
  ['lineage', 'Lineage', '[aria-label="Tables and jobs"] [role=listitem]'],
  ['queries', 'Queries', '.olo-Query-filter'],
  ['promote', 'Promotions', '.olo-StateBox:visible, .olo-Promotions:visible']
];

const VIEWS: [kind: string, id: string, args: Record<string, string>, content: string][] = [
  ['table', 'dev/silver/flights', {}, 'table'],
  ['table', 'dev/silver/airlines', { tab: 'rows' }, '.olo-StateBox'],
  ['table', 'dev/bronze/flights', { tab: 'history' }, '.olo-StateBox'],
  ['job', 'carrier_report', {}, '.olo-RunHead'],
  ['run', 'report-1', {}, '.olo-RunHead'],
  ['lineage', 'dataset:dev:gold.delays', {}, '[role=group]']
];

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
});

test.afterAll(() => lab.context().close());

/** JupyterLab anew; what its panels ask is answered by `answer`. */
async function begin(info: TestInfo, answer: (route: Route) => Promise<void>): Promise<void> {
  await lab.unrouteAll({ behavior: 'ignoreErrors' });
  await lab.route('**/olo/api/**', answer);
  await goTo(lab, info, '');
}

async function view(kind: string, id: string, args: Record<string, string>): Promise<Locator> {
  await execute(lab, 'olo:open-view', { kind, id, args });
  return lab.locator('.olo-View:visible');
}

async function everywhere(look: (place: Locator, content: string) => Promise<void>): Promise<void> {
  for (const [id, title, content] of SECTIONS) {
    await test.step(title, async () => look(await section(lab, id, title), content));
  }
  for (const [kind, id, args, content] of VIEWS) {
    await test.step(`${kind} ${id}`, async () => look(await view(kind, id, args), content));
  }
}

test('while the first answer is coming', async ({}, info) => {
  let open = (): void => undefined;
  const released = new Promise<void>(done => (open = done));
  await begin(info, async route => {
    await released;
    await route.continue();
  });
  await everywhere(place => expect(place.getByRole('status').filter({ hasText: 'Loading…' }).first()).toBeVisible());
  open();
  await everywhere((place, content) => expect(place.locator(content).first()).toBeVisible());
});

test('when the server fails: what it says, what to do, and a button that reads it again', async ({}, info) => {
  const json = { message: 'The disk is full.', code: 'disk-full', hint: 'Make room, then try again.' };
  await begin(info, route => route.fulfill({ status: 500, json }));
  await everywhere(async place => {
    const failed = place.getByRole('alert').filter({ hasText: 'The disk is full.' }).first();
    await expect(failed).toContainText('Make room, then try again.');
    await expect(failed.getByRole('button', { name: 'Try again' })).toBeVisible();
  });
  await picture(lab, 'state-failed');
  await lab.unrouteAll({ behavior: 'ignoreErrors' });
  await everywhere(async (place, content) => {
    const again = place.getByRole('button', { name: 'Try again' }).filter({ visible: true });
    await expect(async () => {
      // A job and its runs fail each for itself: one is gone while the other is pressed.
      if (await again.count()) {
        await again.first().click({ timeout: 2_000 });
      }
      await expect(again).toHaveCount(0, { timeout: 3_000 });
    }).toPass();
    await expect(place.locator(content).first()).toBeVisible();
    await expect(place.getByRole('alert').filter({ hasText: 'The disk is full.', visible: true })).toHaveCount(0);
  });
});

test('what a person may not see says so, and whom to ask', async ({}, info) => {
  const json = {
    message: 'Only data engineers see this.',
    code: 'forbidden',
    hint: 'Ask a workspace admin for the role.'
  };
  await begin(info, route => route.fulfill({ status: 403, json }));
  await everywhere(async place => {
    const refused = place.getByRole('status').filter({ hasText: 'You have no permission for this' }).first();
    await expect(refused).toContainText('Ask a workspace admin for the role.');
    await expect(refused.getByRole('button')).toHaveCount(0);
  });
  await picture(lab, 'state-forbidden');
  await expect(lab.getByRole('dialog')).toHaveCount(0);
});

test('where there is nothing, it says how something comes', async ({}, info) => {
  const now = new Date().toISOString();
  const nothing: Record<string, unknown> = {
    catalogs: { catalogs: [] },
    jobs: { jobs: [], total: 0, now },
    runs: { runs: [], next: '', now },
    'lineage/search': { matches: [], total: 0 },
    'queries/history': { entries: [], more: false },
    promotions: { promotions: [], unasked: '' }
  };
  await begin(info, async route => {
    const path = new URL(route.request().url()).pathname.split('/olo/api/')[1] ?? '';
    await (nothing[path] ? route.fulfill({ json: nothing[path] }) : route.continue());
  });
  for (const [id, title, said] of [
    ['catalog', 'Catalog', 'olo init'],
    ['jobs', 'Jobs', '%%olo promote'],
    ['runs', 'Runs', 'olo run JOB'],
    ['lineage', 'Lineage', 'run a job'],
    ['queries', 'Queries', '%%olo sql'],
    ['promote', 'Promotions', 'Promote…']
  ] as const) {
    const place = await section(lab, id, title);
    await expect(place.locator('.olo-StateBox:visible').filter({ hasText: said })).toBeVisible();
  }
});
