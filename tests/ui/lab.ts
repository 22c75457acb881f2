import { join } from 'node:path';

import AxeBuilder from '@axe-core/playwright';
import { Browser, BrowserContextOptions, expect, Locator, Page, TestInfo } from '@playwright/test';

/** What the tests of the panels share: a JupyterLab's page, its themes, its pictures, what axe says of it. */

export const THEMES = { light: 'JupyterLab Light', dark: 'JupyterLab Dark', contrast: 'JupyterLab Dark High Contrast' };
export type Theme = keyof typeof THEMES;

/** What the tests' JupyterLab is started with. */
export function place(info: TestInfo): Record<'folder' | 'python' | 'token', string> {
  return info.config.metadata as Record<'folder' | 'python' | 'token', string>;
}

/** A page in a context of its own (axe opens a page beside it), at an address below /lab such as `?olo=job/a`. */
export async function openLab(
  browser: Browser,
  info: TestInfo,
  address = '',
  options: BrowserContextOptions = {}
): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await goTo(page, info, address);
  return page;
}

/** Load JupyterLab anew, with nothing open but what the address names. */
export async function goTo(page: Page, info: TestInfo, address: string): Promise<void> {
  const [path = '', query = ''] = address.split('?');
  await page.goto(`/lab${path}?reset&token=${place(info).token}${query && `&${query}`}`);
  await expect(page.locator('#jp-main-dock-panel')).toBeVisible({ timeout: 90_000 });
}

/** A command of JupyterLab's, as its menus would run it. */
export async function execute(page: Page, command: string, args: Record<string, unknown> = {}): Promise<void> {
  await page.evaluate(
    async ([id, given]) => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: { restored: Promise<void>; commands: { execute(id: string, args: unknown): Promise<unknown> } };
      };
      await jupyterapp.restored;
      await jupyterapp.commands.execute(id, given);
    },
    [command, args] as const
  );
}

export async function setTheme(page: Page, theme: Theme): Promise<void> {
  await execute(page, 'apputils:change-theme', { theme: THEMES[theme] });
  await expect(page.locator('body')).toHaveAttribute('data-jp-theme-name', THEMES[theme]);
  await page.waitForTimeout(300);
}

/** A section of the panel, and what is in it once its answer is there. */
export type Section = [id: string, title: string, settled: string];

/** The panel's sections from the top, as far as every project fills them. */
export const FIRST_SECTIONS: readonly Section[] = [
  ['home', 'Overview', '.olo-Counts'],
  ['catalog', 'Catalog', '[role=treeitem]'],
  ['jobs', 'Jobs', '[role=listitem]'],
  ['runs', 'Runs', '[role=listitem]'],
  ['lineage', 'Lineage', '[role=listitem]']
];

/** The left panel with this section open, alone. */
export async function section(page: Page, id: string, title: string): Promise<Locator> {
  await execute(page, 'olo:show-panel', { section: id });
  const panel = page.locator('.olo-Panel');
  const heads = panel.getByRole('heading', { name: / Section$/ });
  const own = panel.getByRole('heading', { name: `${title} Section` });
  await expect(own).toHaveAttribute('aria-expanded', 'true');
  for (const head of await heads.all()) {
    const open = (await head.getAttribute('aria-expanded')) === 'true';
    if (open && (await head.getAttribute('aria-label')) !== (await own.getAttribute('aria-label'))) {
      await head.click();
    }
  }
  return panel;
}

/** What a person with a screen reader or little sight would stumble over: serious or critical, by axe's rules. */
export async function serious(page: Page, part: string): Promise<string[]> {
  // JupyterLab's own toolbar buttons hold a button in a shadow root, which axe takes for one inside another.
  const { violations } = await new AxeBuilder({ page }).include(part).exclude('jp-button').analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`));
}

/** The view in sight, for those who know CSS only. */
export const VIEW = '.jp-MainAreaWidget:not(.lm-mod-hidden) .olo-View';

/** Text that is neither shown whole nor scrolled to: what overflows must scroll, or end in an ellipsis. */
export async function cutOff(page: Page, part: string): Promise<string[]> {
  return page.locator(part).evaluate(root =>
    [root, ...root.querySelectorAll('*')]
      .filter(element => {
        const { overflowX, textOverflow, display, clip, clipPath, position } = getComputedStyle(element);
        const hidden = overflowX === 'hidden' || overflowX === 'clip';
        const forReaders = position === 'absolute' && (clip !== 'auto' || clipPath !== 'none');
        return (
          hidden &&
          element.tagName !== 'INPUT' && // scrolls with what is typed
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

/** A picture of the page as it is, into the folder that OLO_SCREENSHOTS names; none where it is not set. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['OLO_SCREENSHOTS'];
  if (folder) {
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
}

const LOOKS: [look: string, theme: Theme, width: number, height: number][] = [
  ['light', 'light', 1280, 800],
  ['dark', 'dark', 1280, 800],
  ['contrast', 'contrast', 1280, 800],
  ['zoom', 'light', 640, 400]
];

/** Every look of a part of the page: readable by axe's rules, nothing cut off; pictures of light and dark. */
export async function looks(page: Page, name: string, part: string): Promise<void> {
  for (const [look, theme, width, height] of LOOKS) {
    await page.setViewportSize({ width, height });
    await setTheme(page, theme);
    if (look === 'light' || look === 'dark' || process.env['OLO_LOOKS'] === 'all') {
      await picture(page, `${name}-${look}`);
    }
    expect.soft(await serious(page, part), `${name}, ${look}`).toEqual([]);
    expect.soft(await cutOff(page, part), `${name}, ${look}`).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await setTheme(page, 'light');
}
