import { APIRequestContext, expect, Page, test, TestInfo } from '@playwright/test';

import { FIRST_SECTIONS, goTo, openLab, picture, place, Section, section } from './lab';

/** JupyterLab in another language: tests/ui/language.py puts each text of ours between ⟦ and ⟧. */
let lab: Page;

const SECTIONS: Section[] = [
  ...FIRST_SECTIONS,
  ['experiments', 'Experiments', '.olo-StateBox'],
  ['queries', 'Queries', '[role=tab]:visible'],
  ['workspaces', 'Workspaces', '[aria-label*=Workspaces] li'],
  ['promote', 'Promotions', '.olo-StateBox:visible, .olo-Promotions:visible']
];

const VIEWS: [link: string, settled: string][] = [
  ['table/dev/silver/flights', 'table'],
  ['table/dev/silver/flights&olo.tab=history', '[role=listitem]'],
  ['table/dev/silver/flights&olo.tab=details', 'dl'],
  ['job/carrier_report', '.olo-RunHead'],
  ['run/report-1', '.olo-RunHead'],
  ['lineage/dataset:dev:gold.delays', '[role=group]'],
  ['workspace/flights', 'table']
];

/** Names of the project and what services say, dates, schedules; and JupyterLab's own, which this pack doesn't have. */
const DATA = new RegExp(
  [
    '^(flight|carrier|dep_delay|sched_dep|bigint|varchar|integer|timestamp\\(6\\)|q1-close|half-year)$',
    '^(repository|namespace|member|dev.platinum|ben|readers|(user|group) .*|https://.*|Flights <b>.*|React Flow .*)$',
    '^(side panel content|dev|staging|prod|ana_sandbox|sandbox|embedded|lineage|broken|ingest|airlines|publish|delays|flights|ana|main)$',
    '(carrier|daily|odd|very)_|window.hacked|(bronze|silver|gold)\\.|jobs/broken.yml|· (DuckDB|SQLite|sql)|not_null',
    'Exit code \\d',
    '^(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \\d|UTC$|mon-fri|^0 6'
  ].join('|')
);

async function speak(request: APIRequestContext, info: TestInfo, locale: string): Promise<void> {
  const headers = { Authorization: `token ${place(info).token}` };
  const setting = '/lab/api/settings/@jupyterlab/translation-extension:plugin';
  const answer = await request.put(setting, { headers, data: { raw: JSON.stringify(locale ? { locale } : {}) } });
  expect(answer.ok()).toBe(true);
}

test.beforeAll(async ({ browser, playwright }, info) => {
  const request = await playwright.request.newContext({ baseURL: info.project.use.baseURL ?? '' });
  await speak(request, info, 'de_DE');
  await request.dispose();
  lab = await openLab(browser, info);
});

test.afterAll(async ({ playwright }, info) => {
  const request = await playwright.request.newContext({ baseURL: info.project.use.baseURL ?? '' });
  await speak(request, info, '');
  await request.dispose();
  await lab.context().close();
});

/** What a person reads or hears of controls and captions that is in no language pack. Names are data. */
async function untranslated(part: string): Promise<string[]> {
  const texts = await lab.locator(part).evaluateAll(roots => {
    const texts: string[] = [];
    for (const root of roots) {
      for (const element of root.querySelectorAll('*')) {
        if (!element.checkVisibility()) {
          continue;
        }
        const own = [...element.childNodes]
          .filter(node => node.nodeType === Node.TEXT_NODE)
          .map(node => node.textContent ?? '');
        const told = ['aria-label', 'placeholder', 'title'].map(name => element.getAttribute(name) ?? '');
        const caption = element.matches('button, label, option, th, h2, h3, h4, dt, [role=tab], [role=status], legend');
        texts.push(...told, ...(caption ? own : []));
      }
    }
    return [...new Set(texts.map(text => text.trim()))];
  });
  return texts.filter(text => /[a-z]{3}/i.test(text) && !text.includes('⟦') && !DATA.test(text));
}

for (const [id, title, settled] of SECTIONS) {
  test(`section ${title}`, async () => {
    const panel = await section(lab, id, `⟦${title}⟧`);
    await expect(panel.locator(settled).first()).toBeVisible();
    await picture(lab, `language-${id}`);
    expect.soft(await untranslated('.olo-Panel')).toEqual([]);
  });
}

for (const [link, settled] of VIEWS) {
  test(`view ${link}`, async ({}, info) => {
    await goTo(lab, info, `?olo=${link}`);
    await expect(lab.locator('.olo-View:visible').locator(settled).first()).toBeVisible({ timeout: 60_000 });
    await picture(lab, `language-${link.replaceAll(/\W/g, '-')}`);
    expect.soft(await untranslated('.olo-View:not(.lm-mod-hidden)')).toEqual([]);
  });
}
