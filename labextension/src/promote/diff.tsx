import { MergeView } from '@codemirror/merge';
import { EditorState, Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { IEditorLanguageRegistry, jupyterTheme } from '@jupyterlab/codemirror';
import * as React from 'react';

import type { IChange } from './answers';

interface IDiffProps {
  change: IChange;
  languages: IEditorLanguageRegistry;
  titles: { before: string; after: string };
}

/** A file before and after, side by side. Loaded when the first file is shown. */
export default function Diff({ change, languages, titles }: IDiffProps): React.JSX.Element {
  const node = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    let view: MergeView | null = null;
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
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          language
        ]
      });
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
  }, [change, languages, titles.before, titles.after]);
  return (
    <div className="olo-Diff">
      <div className="olo-Diff-titles">
        <span>{titles.before}</span>
        <span>{titles.after}</span>
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
