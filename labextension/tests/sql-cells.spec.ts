import { python } from '@codemirror/lang-python';
import { language } from '@codemirror/language';
import { EditorView } from '@codemirror/view';

import { sqlCells } from '../src/sql-cells/extension';

async function editor(doc: string): Promise<{ view: EditorView; name: () => string | undefined }> {
  const view = new EditorView({ doc, extensions: [sqlCells(), python()] });
  await Promise.resolve();
  return { view, name: () => view.state.facet(language)?.name };
}

describe('sqlCells', () => {
  it('makes a cell that opens with the magic SQL, and leaves others', async () => {
    expect((await editor('%%olo sql r <<\nSELECT 1')).name()).toBe('sql');
    expect((await editor('%%olo promote x\nkind: dbt')).name()).toBe('python');
    expect((await editor('# a note\n%%olo sql\nSELECT 1')).name()).toBe('python');
  });

  it('follows the first line both ways while it is typed', async () => {
    const { view, name } = await editor('%%olo sq\nSELECT 1');
    expect(name()).toBe('python');
    view.dispatch({ changes: { from: 8, insert: 'l' } });
    expect(name()).toBe('sql');
    view.dispatch({ changes: { from: 0, insert: '#' } });
    expect(name()).toBe('python');
  });

  it('marks the line of the magic, which is no SQL: its options are no comments', async () => {
    const { view } = await editor('%%olo sql --engine trino\nSELECT 1');
    const heads = (): string[] => [...view.dom.querySelectorAll('.olo-SqlHead')].map(line => line.textContent ?? '');
    expect(heads()).toEqual(['%%olo sql --engine trino']);
    view.dispatch({ changes: { from: 0, insert: '#' } });
    expect(heads()).toEqual([]);
  });

  it('may be destroyed at once', async () => {
    const view = new EditorView({ doc: '%%olo sql\nSELECT 1', extensions: [sqlCells()] });
    view.destroy();
    await Promise.resolve();
    expect(view.dom.isConnected).toBe(false);
  });
});
