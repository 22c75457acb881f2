const { chromium } = require('@playwright/test');
(async () => {
  const steps = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('console', m => { if (m.type() === 'error') console.log('console:', m.text().slice(0, 300)); });
  page.on('pageerror', e => console.log('pageerror:', e.message.slice(0, 300)));
  page.on('response', r => { if (r.url().includes('/olo/') && r.status() >= 400) console.log(r.status(), r.url()); });
  const base = 'http://127.0.0.1:18930';
  const fn = require(require('path').resolve(steps[0]));
  await fn(page, base);
  await browser.close();
})().catch(e => { console.error(e); process.exit(1); });
