import { expect, Page, test } from '@playwright/test';

import { goTo, openLab, picture, section, serious, setTheme, Theme } from './lab';

/** Every section and view in every theme and at zoom 200 %: readable, nothing cut off. Pictures of docs/ come from here. */
let lab: Page;

const SECTIONS: [id: string, title: string, settled: string][] = [
  ['home', 'Overview', '.olo-Counts'],
  ['catalog', 'Catalog', '[role=treeitem]'],
  ['jobs', 'Jobs', '[role=listitem]'],
  ['runs', 'Runs', '[role=listitem]'],
  ['lineage', 'Lineage', '[role=listitem]'],
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

const LOOKS: [look: string, theme: Theme, width: number, height: number][] = [
  ['light', 'light', 1280, 800],
  ['dark', 'dark', 1280, 800],
  ['contrast', 'contrast', 1280, 800],
  ['zoom', 'light', 640, 400]
];

test.beforeAll(async ({ browser }, info) => {
  lab = await openLab(browser, info);
});

test.afterAll(() => lab.context().close());

/** Text that is neither shown whole nor scrolled to: what overflows must scroll, or end in an ellipsis. */
async function cutOff(part: string): Promise<string[]> {
  return lab.locator(part).evaluate(root =>
    [root, ...root.querySelectorAll('*')]
      .filter(element => {
        const { overflowX, textOverflow, display, clip, position } = getComputedStyle(element);
        const hidden = overflowX === 'hidden' || overflowX === 'clip';
        const forReaders = position === 'absolute' && clip !== 'auto';
        return (
          hidden &&
          textOverflow !== 'ellipsis' &&
          display !== 'none' &&
          !forReaders &&
          element.clientWidth > 0 &&
          element.scrollWidth > element.clientWidth + 1 &&
          !element.closest('.react-flow')
        );
      })
      .map(element => `${element.tagName} ${element.className}: ${element.textContent?.slice(0, 60)}`)
  );
}

async function looks(name: string, part: string): Promise<void> {
  for (const [look, theme, width, height] of LOOKS) {
    await lab.setViewportSize({ width, height });
    await setTheme(lab, theme);
    if (look === 'light' || look === 'dark' || process.env['OLO_LOOKS'] === 'all') {
      await picture(lab, `${name}-${look}`);
    }
    expect.soft(await serious(lab, part), `${name}, ${look}`).toEqual([]);
    expect.soft(await cutOff(part), `${name}, ${look}`).toEqual([]);
  }
  await lab.setViewportSize({ width: 1280, height: 800 });
  await setTheme(lab, 'light');
}

for (const [id, title, settled] of SECTIONS) {
  test(`section ${title}`, async () => {
    const panel = await section(lab, id, title);
    await expect(panel.locator(settled).first()).toBeVisible();
    await looks(`section-${id}`, '.olo-Panel');
  });
}

for (const [name, link, settled] of VIEWS) {
  test(`view ${name}`, async ({}, info) => {
    await goTo(lab, info, `?olo=${link}`);
    await expect(lab.locator('.olo-View:visible').locator(settled).first()).toBeVisible({ timeout: 60_000 });
    await lab.waitForTimeout(500);
    await looks(name, '.olo-View:not(.lm-mod-hidden)');
  });
}
