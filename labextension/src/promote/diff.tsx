import { MergeView } from '@codemirror/merge';
import { EditorState, Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { IEditorLanguageRegistry, jupyterTheme } from '@jupyterlab/codemirror';
import * as React from 'react';

import type { IChange } from './answers';
import { stateOf } from './files';

interface IDiffProps {
  change: IChange;
  languages: IEditorLanguageRegistry;
  titles: { before: string; after: string };
}

/** A file before and after, side by side; one that is new, goes or stays as it is, alone. Loaded with the first file. */
export default function Diff({ change, languages, titles }: IDiffProps): React.JSX.Element {
  const node = React.useRef<HTMLDivElement>(null);
  const state = stateOf(change);
  const alone = state === 'added' ? 'after' : state === 'removed' || state === 'same' ? 'before' : null;
  React.useEffect(() => {
    let view: MergeView | EditorView | null = null;
    let gone = false;
    void languageOf(change.path, languages).then(language => {
      if (gone || !node.current) {
        return;
      }
      const side = (doc: string, label: string): { doc: string; extensions: Extension } => ({
        doc,
        extensions: [
          lineNumbers(),
          jupyterTheme,
          EditorView.lineWrapping,
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          language
        ]
      });
      if (alone) {
        const { doc, extensions } = side(change.after ?? change.before ?? '', titles[alone]);
        view = new EditorView({ doc, extensions, parent: node.current });
        return;
      }
      view = new MergeView({
        a: side(change.before ?? '', titles.before),
        b: side(change.after ?? '', titles.after),
        parent: node.current,
        collapseUnchanged: { margin: 3, minSize: 6 },
        gutter: true
      });
    });
    return () => {
      gone = true;
      view?.destroy();
    };
  }, [change, languages, titles, alone]);
  return (
    <div className="olo-Diff">
      <div className="olo-Diff-titles">
        {alone !== 'after' && <span>{titles.before}</span>}
        {alone !== 'before' && <span>{titles.after}</span>}
      </div>
      <div ref={node} />
    </div>
  );
}

async function languageOf(path: string, languages: IEditorLanguageRegistry): Promise<Extension> {
  const known = languages.findByFileName(path);
  const loaded = known && (await languages.getLanguage(known));
  return loaded?.support ?? [];
}
