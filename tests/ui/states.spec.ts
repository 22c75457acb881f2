import { expect, Page, test } from '@playwright/test';

import { openLab, place, section } from './lab';
import { begin, everyState, IPlaces } from './states';

/** Each section and view while its first answer is coming, when it fails, when the person may not see it, when there is nothing. */
let lab: Page;

test.describe.configure({ mode: 'serial' });

const SECTIONS: IPlaces['sections'] = [
  ['home', 'Overview', '.olo-Counts'],
  ['catalog', 'Catalog', '[role=treeitem]'],
  ['jobs', 'Jobs', '[aria-label=Jobs] [role=listitem]'],
  ['runs', 'Runs', '[aria-label=Runs] [role=listitem]'],
  ['lineage', 'Lineage', '[aria-label="Tables and jobs"] [role=listitem]'],
  ['queries', 'Queries', '.olo-Query-filter'],
  ['promote', 'Promotions', '.olo-StateBox:visible, .olo-Promotions:visible'],
  ['workspaces', 'Workspaces', '[aria-label=Workspaces] li']
];

const VIEWS: IPlaces['views'] = [
  ['table', 'dev/silver/flights', {}, 'table'],
  ['table', 'dev/silver/airlines', { tab: 'rows' }, '.olo-StateBox'],
  ['table', 'dev/bronze/flights', { tab: 'history' }, '.olo-StateBox'],
  ['job', 'carrier_report', {}, '.olo-RunHead'],
  ['run', 'report-1', {}, '.olo-RunHead'],
  ['lineage', 'dataset:dev:gold.delays', {}, '[role=group]'],
  ['workspace', 'flights', {}, '[aria-label=Members]']
];

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
});

test.afterAll(() => lab.context().close());

test('while the first answer is coming, when it fails, and when it is forbidden', async ({}, info) => {
  const url = '/olo/api/catalogs/dev/namespaces/silver/tables/flights/snapshots';
  const history = await lab.request.get(url, { headers: { Authorization: `token ${place(info).token}` } });
  const { snapshots } = (await history.json()) as { snapshots: { id: string }[] };
  const [second = '', first = ''] = snapshots.map(({ id }) => id);
  const diff: IPlaces['views'][number] = ['table-diff', 'dev/silver/flights', { first, second }, 'table'];
  await everyState(lab, info, { sections: SECTIONS, views: [...VIEWS, diff] });
});

test('where there is nothing, it says how something comes', async ({}, info) => {
  const now = new Date().toISOString();
  const nothing: Record<string, unknown> = {
    catalogs: { catalogs: [] },
    jobs: { jobs: [], total: 0, now },
    runs: { runs: [], next: '', now },
    'lineage/search': { matches: [], total: 0 },
    'queries/history': { entries: [], more: false },
    promotions: { promotions: [], unasked: '' },
    experiments: { experiments: [], next: '' },
    models: { models: [], next: '' },
    workspaces: { workspaces: [] }
  };
  await begin(lab, info, async route => {
    const path = new URL(route.request().url()).pathname.split('/olo/api/')[1] ?? '';
    await (nothing[path] ? route.fulfill({ json: nothing[path] }) : route.continue());
  });
  for (const [id, title, said] of [
    ['catalog', 'Catalog', 'olo init'],
    ['jobs', 'Jobs', '%%olo promote'],
    ['runs', 'Runs', 'olo run JOB'],
    ['lineage', 'Lineage', 'run a job'],
    ['queries', 'Queries', '%%olo sql'],
    ['promote', 'Promotions', 'Promote…'],
    ['experiments', 'Experiments', 'No experiments yet.'],
    ['workspaces', 'Workspaces', 'olo apply']
  ] as const) {
    const place = await section(lab, id, title);
    await expect(place.locator('.olo-StateBox:visible').filter({ hasText: said })).toBeVisible();
  }
});
