import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import * as React from 'react';

import { useOlo } from '../frame/widget';
import type { IChange } from './answers';
import { hunksOf } from './conflict';
import { fileRows, stateOf } from './files';

const Diff = React.lazy(() => import('./diff'));

/** The artefacts as a tree, each with what becomes of it. */
export function Files(props: {
  changes: readonly IChange[];
  chosen: string;
  choose: (path: string) => void;
}): React.JSX.Element | null {
  const { trans } = useOlo();
  const words = {
    added: trans.__('new'),
    changed: trans.__('changed'),
    removed: trans.__('removed'),
    same: trans.__('as it is'),
    conflict: trans.__('conflict')
  };
  if (!props.changes.length) {
    return null;
  }
  return (
    <section aria-label={trans.__('Files')}>
      <h3>{trans.__('Files (%1)', props.changes.length)}</h3>
      <ul className="olo-Files">
        {fileRows(props.changes).map(({ depth, name, change }) => {
          const style = { paddingLeft: 8 + depth * 14 };
          if (!change) {
            return (
              <li key={`${depth}${name}/`} className="olo-Files-folder" style={style}>
                {name}
              </li>
            );
          }
          const state = stateOf(change);
          return (
            <li key={change.path}>
              <button
                style={style}
                title={change.path}
                aria-current={change.path === props.chosen}
                onClick={() => props.choose(change.path)}
              >
                <span className="olo-Files-name">{name}</span>
                <span className={`olo-Files-state olo-mod-${state}`}>{words[state]}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** One artefact: the repository's beside what the promotion makes of it, or where the two conflict. */
export function File(props: { change: IChange; languages: IEditorLanguageRegistry }): React.JSX.Element {
  const { change, languages } = props;
  const { trans } = useOlo();
  const titles = React.useMemo(
    () => ({ before: trans.__('In the repository'), after: trans.__('After the promotion') }),
    [trans]
  );
  return (
    <>
      <div className="olo-Promotion-file">
        <code>{change.path}</code>
        {change.editor && (
          <a href={change.editor} target="_blank" rel="noopener noreferrer" className="olo-Link">
            {change.editor.startsWith('vscode:') ? trans.__('Open in VS Code') : trans.__('Open in code-server')}
          </a>
        )}
      </div>
      {change.conflict ? <Conflict change={change} /> : <Diff change={change} languages={languages} titles={titles} />}
    </>
  );
}

function Conflict({ change }: { change: IChange }): React.JSX.Element {
  const { trans } = useOlo();
  const hunks = hunksOf(change.after ?? '');
  return (
    <div className="olo-Conflict">
      <p>
        {trans.__(
          'The repository and the notebook both changed these places. Bring one to the other: edit the cell, or the file on its branch, then plan again. Everything else is merged.'
        )}
      </p>
      {hunks.map((hunk, index) => (
        <section key={index} aria-label={trans.__('Conflict %1 of %2', index + 1, hunks.length)}>
          <h4>{trans.__('Conflict %1 of %2, line %3', index + 1, hunks.length, hunk.line)}</h4>
          <div className="olo-Conflict-sides">
            <div>
              <div>{trans.__('In the repository')}</div>
              <pre tabIndex={0}>{hunk.repository || trans.__('(nothing)')}</pre>
            </div>
            <div>
              <div>{trans.__('From the notebook now')}</div>
              <pre tabIndex={0}>{hunk.generated || trans.__('(nothing)')}</pre>
            </div>
          </div>
        </section>
      ))}
    </div>
  );
}
