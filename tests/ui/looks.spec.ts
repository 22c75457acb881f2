import { expect, Page, test } from '@playwright/test';

import { FIRST_SECTIONS, goTo, looks, openLab, Section, section, VIEW } from './lab';

/** Every section and view in every theme and at zoom 200 %: readable, nothing cut off. Pictures of docs/ come from here. */
let lab: Page;

const SECTIONS: Section[] = [
  ...FIRST_SECTIONS,
  ['queries', 'Queries', '[role=tab]'],
  ['promote', 'Promotions', '.olo-StateBox:visible']
];

const VIEWS: [name: string, link: string, settled: string][] = [
  ['table-columns', 'table/dev/silver/flights', 'table'],
  ['table-rows', 'table/dev/silver/flights&olo.tab=rows', 'table'],
  ['table-history', 'table/dev/silver/flights&olo.tab=history', '[role=listitem]'],
  ['table-partitions', 'table/dev/silver/flights&olo.tab=partitions', 'table'],
  ['table-files', 'table/dev/silver/flights&olo.tab=files', 'table'],
  ['table-details', 'table/dev/silver/flights&olo.tab=details', 'dl'],
  ['job', 'job/carrier_report', '.olo-RunHead'],
  ['run', 'run/report-1', '.olo-RunHead'],
  ['lineage', 'lineage/dataset:dev:gold.delays', '[role=group]']
];

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
});

test.afterAll(() => lab.context().close());

for (const [id, title, settled] of SECTIONS) {
  test(`section ${title}`, async () => {
    const panel = await section(lab, id, title);
    await expect(panel.locator(settled).first()).toBeVisible();
    await looks(lab, `section-${id}`, '.olo-Panel');
  });
}

for (const [name, link, settled] of VIEWS) {
  test(`view ${name}`, async ({}, info) => {
    await goTo(lab, info, `?olo=${link}`);
    await expect(lab.locator('.olo-View:visible').locator(settled).first()).toBeVisible({ timeout: 60_000 });
    await lab.waitForTimeout(500);
    await looks(lab, name, VIEW);
  });
}
