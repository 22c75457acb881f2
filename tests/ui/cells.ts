import { expect, Locator, Page } from '@playwright/test';

/** The cells of the notebook that is open in a page: how the tests find, choose and run them. */
export class Cells {
  constructor(private readonly lab: Page) {}

  at(index: number): Locator {
    // By its place in the notebook: while a notebook loads, cells are attached one after the other.
    return this.lab.locator(`.jp-Notebook .jp-CodeCell[data-windowed-list-index="${index}"]`);
  }

  /** Wait until the notebook's kernel can be asked. */
  async ready(): Promise<void> {
    await expect(this.lab.locator('.jp-Notebook')).toBeVisible({ timeout: 90_000 });
    await expect(
      this.lab.getByText('Python 3 (ipykernel) | Idle').or(this.lab.locator('[data-status="idle"]')).first()
    ).toBeVisible({ timeout: 60_000 });
  }

  /** Make this cell the active one. Outputs and toolbars that are drawn meanwhile may move it away under a click. */
  async activate(index: number): Promise<void> {
    await expect(async () => {
      await this.at(index).locator('.cm-content').click({ timeout: 5_000 });
      await expect(this.at(index)).toHaveClass(/jp-mod-active/, { timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
  }

  /** Run this cell, and don't wait for its end. */
  async start(index: number): Promise<void> {
    await this.activate(index);
    await this.lab.keyboard.press('Control+Enter');
  }

  /** Run this cell to its end: what it showed before is gone. */
  async run(index: number): Promise<void> {
    const prompt = this.at(index).locator('.jp-InputArea-prompt');
    const before = await prompt.textContent();
    // While the notebook loads, a key may come to nothing.
    await expect(async () => {
      await this.start(index);
      await expect(prompt).not.toHaveText(before ?? '', { timeout: 10_000 });
    }).toPass({ timeout: 90_000 });
    await expect(prompt).toHaveText(/\[\d+\]/, { timeout: 90_000 });
  }

  /** Put another text into this cell. */
  async write(index: number, text: string): Promise<void> {
    await this.activate(index);
    await this.at(index).locator('.cm-content').fill(text);
  }

  async text(index: number): Promise<string> {
    return (await this.at(index).locator('.cm-content .cm-line').allTextContents()).join('\n');
  }
}
