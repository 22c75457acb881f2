/**
 * The panels on a project with a lot in it, in Chromium: `node panels.mjs BASE TOKEN CHROMIUM`.
 *
 * Prints JSON: for each view the milliseconds to its first rows, the long tasks (over 50 ms) while it is scrolled, frames;
 * and the JavaScript heap (bytes) before anything was opened, after all of it, and after all of it once more.
 */
import { chromium } from '@playwright/test';

const [base, token, executablePath] = process.argv.slice(2);
const SCROLLED = 4000;

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--enable-precise-memory-info']
});
const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
const devtools = await page.context().newCDPSession(page);

await page.goto(`${base}/lab/workspaces/bench?reset&token=${token}`);
await page.waitForFunction(() => window.jupyterapp !== undefined);
await page.evaluate(async () => {
  await window.jupyterapp.restored;
  window.longTasks = [];
  new PerformanceObserver(list => list.getEntries().forEach(({ duration }) => window.longTasks.push(duration))).observe({
    type: 'longtask'
  });
});

/** Run a command (or click) and wait until something is in sight: milliseconds. */
async function until(selector, { command, args, click, hasText }) {
  return page.evaluate(
    async ([wanted, id, given, clicked, text]) => {
      const seen = () =>
        [...document.querySelectorAll(wanted)].some(
          element => element.getClientRects().length && (!text || element.textContent.includes(text))
        );
      const began = performance.now();
      if (id) {
        void window.jupyterapp.commands.execute(id, given);
      } else {
        [...document.querySelectorAll(clicked.selector)].find(one => one.textContent.includes(clicked.text ?? ''))?.click();
      }
      while (!seen()) {
        if (performance.now() - began > 60_000) {
          throw new Error(`Nothing came: ${wanted}`);
        }
        await new Promise(done => requestAnimationFrame(done));
      }
      return performance.now() - began;
    },
    [selector, command, args, click, hasText]
  );
}

/** Turn the wheel over something for a while. */
async function scroll(selector, step = 240) {
  const box = await page.locator(selector).first().boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForTimeout(500);
  return watched(async () => {
    const end = Date.now() + SCROLLED;
    while (Date.now() < end) {
      await page.mouse.wheel(0, step);
      await page.waitForTimeout(30);
    }
  });
}

async function watched(work) {
  await page.evaluate(() => {
    window.longTasks.length = 0;
    window.frames_ = 0;
    window.counting = true;
    const count = () => {
      window.frames_++;
      if (window.counting) {
        requestAnimationFrame(count);
      }
    };
    requestAnimationFrame(count);
  });
  const began = Date.now();
  await work();
  const seconds = (Date.now() - began) / 1000;
  await page.waitForTimeout(300);
  return page.evaluate(took => {
    window.counting = false;
    return { longTasks: [...window.longTasks], frames: Math.round(window.frames_ / took) };
  }, seconds);
}

async function heap() {
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  await page.waitForTimeout(500);
  await devtools.send('HeapProfiler.collectGarbage');
  return page.evaluate(() => performance.memory.usedJSHeapSize);
}

const show = section => ({ command: 'olo:show-panel', args: { section } });

async function list(name, id, label) {
  const milliseconds = await until(`.olo-Panel [aria-label="${label}"] [role="listitem"]`, show(id));
  return { name, milliseconds, ...(await scroll(`.olo-Panel [aria-label="${label}"][role="list"]`)) };
}

async function tables() {
  await until('.olo-Panel [role="tree"] [role="treeitem"]', show('catalog'));
  await page.evaluate(() => (document.querySelector('.olo-Panel [role="tree"]').scrollTop = 0));
  await page.waitForTimeout(300);
  const row = text => ({ click: { selector: '.olo-Panel [role="treeitem"]', text } });
  const namespace = '.olo-Panel [role="treeitem"][aria-level="2"]';
  if ((await page.locator(namespace).count()) === 0) {
    await until(namespace, row('dev'));
  }
  const table = '.olo-Panel [role="treeitem"][aria-level="3"]';
  const open = (await page.locator(table).count()) > 0;
  const milliseconds = open ? 0 : await until(table, { ...row('silver'), hasText: 'table_' });
  return { name: '10,000 tables', milliseconds, ...(await scroll('.olo-Panel [role="tree"]')) };
}

async function lineage() {
  const first = await until('.olo-View .react-flow__node', {
    command: 'olo:open-view',
    args: { kind: 'lineage', id: 'dataset:dev:silver.orders' }
  });
  const nodes = '.olo-View .olo-Lineage-bar [role="status"]';
  const whole = await until(nodes, { click: { selector: '.olo-View button', text: 'Three steps' }, hasText: '2000 nodes' });
  // Its places are computed by a worker: until they are there the graph is as it was.
  await page.waitForFunction(() => document.querySelectorAll('.olo-View .react-flow__minimap-node').length > 1900, null, {
    timeout: 60_000
  });
  const box = await page.locator('.olo-View .react-flow').boundingBox();
  const moved = await watched(async () => {
    for (let round = 0; round < 6; round++) {
      await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.3);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.6, { steps: 20 });
      await page.mouse.up();
    }
  });
  return [
    { name: 'lineage around a table, one step', milliseconds: first, longTasks: [], frames: 0 },
    { name: 'lineage of 2,000 nodes, moved', milliseconds: whole, ...moved }
  ];
}

/** 100,000 rows × 8 in a notebook: brought from the kernel, then scrolled. */
async function grid() {
  await page.evaluate(async () => {
    const panel = await window.jupyterapp.commands.execute('docmanager:open', { path: 'grid.ipynb' });
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
  });
  await page.locator('.olo-ResultGrid canvas').first().waitFor({ timeout: 120_000 });
  const milliseconds = await page.evaluate(async () => {
    const began = performance.now();
    [...document.querySelectorAll('.olo-Result button')].find(one => one.textContent.includes('Load from')).click();
    while (document.querySelector('.olo-Result-omission')) {
      await new Promise(done => requestAnimationFrame(done));
    }
    return performance.now() - began;
  });
  const scrolled = await scroll('.olo-ResultGrid', 2000);
  return { name: 'a result of 100,000 rows × 8, whole', milliseconds, ...scrolled };
}

async function all() {
  return [
    await list('10,000 jobs', 'jobs', 'Jobs'),
    await list('100,000 runs', 'runs', 'Runs'),
    await tables(),
    ...(await lineage())
  ];
}

async function closeAll() {
  await page.evaluate(() => void window.jupyterapp.commands.execute('application:close-all'));
  await page.waitForTimeout(500);
}

const before = await heap();
const views = await all();
await closeAll();
const after = await heap();
await all();
await closeAll();
const again = await heap();
views.push(await grid());
await browser.close();
console.log(JSON.stringify({ views, heap: { before, after, again } }));
