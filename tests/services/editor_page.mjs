// Opens an address of code-server as its owner's browser does, and tells what stands in the editor: file and line.
import { chromium } from '@playwright/test';

const [program, signIn, address] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  await page.goto(signIn);
  await page.goto(address, { timeout: 120_000 });
  const trusted = page.getByRole('button', { name: /Yes, I trust/ });
  const tab = page.locator('.tab.active');
  await Promise.race([trusted.waitFor({ timeout: 120_000 }), tab.waitFor({ timeout: 120_000 })]);
  if (await trusted.isVisible()) {
    await trusted.click();
  }
  await tab.waitFor({ timeout: 120_000 });
  const status = page.getByRole('button', { name: /Ln \d+/ });
  await status.waitFor({ timeout: 60_000 });
  const [file, line] = [await tab.getAttribute('data-resource-name'), await status.textContent()];
  const text = await page.locator('.view-lines').first().innerText();
  process.stdout.write(JSON.stringify({ file, line, text }));
} finally {
  await browser.close();
}
