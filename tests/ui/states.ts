import { expect, Locator, Page, Route, test, TestInfo } from '@playwright/test';

import { execute, goTo, section } from './lab';

/** What is looked at in every state; `content` is what is there when all is well. */
export interface IPlaces {
  sections: readonly [id: string, title: string, content: string][];
  views: readonly [kind: string, id: string, args: Record<string, string>, content: string][];
}

/** JupyterLab anew; what its panels ask is answered by `answer`. */
export async function begin(lab: Page, info: TestInfo, answer: (route: Route) => Promise<void>): Promise<void> {
  await lab.unrouteAll({ behavior: 'ignoreErrors' });
  await lab.route('**/olo/api/**', answer);
  await goTo(lab, info, '');
}

async function view(lab: Page, kind: string, id: string, args: Record<string, string>): Promise<Locator> {
  await execute(lab, 'olo:open-view', { kind, id, args });
  return lab.locator('.olo-View:visible');
}

async function everywhere(
  lab: Page,
  { sections, views }: IPlaces,
  look: (place: Locator, content: string) => Promise<void>
): Promise<void> {
  for (const [id, title, content] of sections) {
    await test.step(title, async () => look(await section(lab, id, title), content));
  }
  for (const [kind, id, args, content] of views) {
    await test.step(`${kind} ${id}`, async () => look(await view(lab, kind, id, args), content));
  }
}

/** While the first answer is coming. */
async function loading(lab: Page, info: TestInfo, places: IPlaces): Promise<void> {
  let open = (): void => undefined;
  const released = new Promise<void>(done => (open = done));
  await begin(lab, info, async route => {
    await released;
    await route.continue();
  });
  await everywhere(lab, places, place =>
    expect(place.getByRole('status').filter({ hasText: 'Loading…' }).first()).toBeVisible()
  );
  open();
  await everywhere(lab, places, (place, content) => expect(place.locator(content).first()).toBeVisible());
}

/** When the server fails: what it says, what to do, and a button that reads it again. */
async function failing(lab: Page, info: TestInfo, places: IPlaces): Promise<void> {
  const json = { message: 'The disk is full.', code: 'disk-full', hint: 'Make room, then try again.' };
  await begin(lab, info, route => route.fulfill({ status: 500, json }));
  await everywhere(lab, places, async place => {
    const failed = place.getByRole('alert').filter({ hasText: 'The disk is full.' }).first();
    await expect(failed).toContainText('Make room, then try again.');
    await expect(failed.getByRole('button', { name: 'Try again' })).toBeVisible();
  });
  await lab.unrouteAll({ behavior: 'ignoreErrors' });
  await everywhere(lab, places, async (place, content) => {
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
}

/** What a person may not see says so, and whom to ask. */
async function forbidden(lab: Page, info: TestInfo, places: IPlaces): Promise<void> {
  const json = {
    message: 'Only data engineers see this.',
    code: 'forbidden',
    hint: 'Ask a workspace admin for the role.'
  };
  await begin(lab, info, route => route.fulfill({ status: 403, json }));
  await everywhere(lab, places, async place => {
    const refused = place.getByRole('status').filter({ hasText: 'You have no permission for this' }).first();
    await expect(refused).toContainText('Ask a workspace admin for the role.');
    await expect(refused.getByRole('button')).toHaveCount(0);
  });
  await expect(lab.getByRole('dialog')).toHaveCount(0);
}

/** Each place while its first answer is coming, when it fails, and when the person may not see it. */
export async function everyState(lab: Page, info: TestInfo, places: IPlaces): Promise<void> {
  test.setTimeout(400_000);
  await test.step('loading', () => loading(lab, info, places));
  await test.step('failing', () => failing(lab, info, places));
  await test.step('forbidden', () => forbidden(lab, info, places));
  await lab.unrouteAll({ behavior: 'ignoreErrors' });
}
