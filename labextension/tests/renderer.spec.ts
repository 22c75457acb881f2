import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { nullTranslator } from '@jupyterlab/translation';

import { MIME_TYPE } from '../src/result/bundle';
import { ResultRenderer } from '../src/result/renderer';
import made from './preview.json';

const trans = nullTranslator.load('olo_jupyter');
const columns = made.types.map((type, index) => ({ name: `c${index}`, type }));
const good = {
  version: 1,
  columns,
  rows: 3,
  preview: made.preview,
  truncated: false,
  provenance: { engine: 'embedded', snapshots: {}, seconds: 0.1 }
};

const mimeModel = (data: unknown): IRenderMime.IMimeModel =>
  ({ data: { [MIME_TYPE]: data } }) as unknown as IRenderMime.IMimeModel;

async function drawn(data: unknown): Promise<ResultRenderer> {
  const renderer = new ResultRenderer(trans, null);
  await renderer.renderModel(mimeModel(data));
  return renderer;
}

describe('ResultRenderer', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', '<img src=x onerror=alert(1)>'],
    ['no preview', { ...good, preview: undefined }],
    ['a preview that is no Arrow stream', { ...good, preview: 'AAAA' }],
    ['columns that do not fit the preview', { ...good, columns: columns.slice(1) }],
    ['fewer rows than the preview', { ...good, rows: 1 }]
  ])('shows one line for %s', async (_, data) => {
    const { node } = await drawn(data);
    expect(node.querySelectorAll('[role=alert]')).toHaveLength(1);
    expect(node.textContent).toMatch(/can't be shown: .+\. Run the cell again/);
    expect(node.querySelectorAll('img, canvas')).toHaveLength(0);
  });

  it('never makes markup of what a bundle says', async () => {
    const engine = '<img src=x onerror=alert(1)>';
    const { node } = await drawn({ ...good, columns: [], preview: emptyStream(), rows: 0, provenance: { engine } });
    expect(node.textContent).toContain(engine);
    expect(node.querySelector('img')).toBeNull();
  });

  it('draws again over what it drew', async () => {
    const renderer = await drawn(null);
    await renderer.renderModel(mimeModel({ ...good, columns: [], preview: emptyStream(), rows: 0 }));
    expect(renderer.node.querySelector('[role=alert]')).toBeNull();
    expect(renderer.node.textContent).toContain('0 rows');
  });

  it('may be disposed while it loads', async () => {
    const renderer = new ResultRenderer(trans, null);
    const drawing = renderer.renderModel(mimeModel(good));
    renderer.dispose();
    await expect(drawing).resolves.toBeUndefined();
  });
});

/** A stream of no columns and no rows: a statement that gives none. */
function emptyStream(): string {
  const { Table, tableToIPC } = jest.requireActual<typeof import('apache-arrow')>('apache-arrow');
  return btoa(String.fromCharCode(...tableToIPC(new Table(), 'stream')));
}
