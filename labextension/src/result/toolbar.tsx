import { Button, copyIcon, downloadIcon, LabIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

export interface IToolbarProps {
  search: string;
  onSearch(text: string): void;
  /** How many rows are shown; '' where all are. */
  found: string;
  columnsShown: boolean;
  onColumns(): void;
  onCopy(): void;
  onDownload(): void;
  /** What the file will hold, for its button's tooltip. */
  downloadTitle: string;
  trans: TranslationBundle;
}

const columnsIcon = new LabIcon({
  name: 'olo:columns',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="#616161"><path d="M1 2h4v12H1zM6 2h4v12H6zM11 2h4v12h-4z"/></g></svg>'
});

/** Search, columns, copy and download of a result. */
export function ResultToolbar(props: IToolbarProps): React.JSX.Element {
  const { trans } = props;
  return (
    <div className="olo-Result-tools" role="toolbar" aria-label={trans.__('Result')}>
      <span className="olo-Result-found" role="status">
        {props.found}
      </span>
      <input
        type="search"
        className="olo-Result-search"
        placeholder={trans.__('Find in rows')}
        aria-label={trans.__('Find in rows')}
        value={props.search}
        onChange={event => props.onSearch(event.target.value)}
      />
      <Tool
        icon={columnsIcon}
        title={trans.__('Columns: figures, sort and filter')}
        pressed={props.columnsShown}
        onClick={props.onColumns}
      />
      <Tool icon={copyIcon} title={trans.__('Copy the rows shown, with a header')} onClick={props.onCopy} />
      <Tool icon={downloadIcon} title={props.downloadTitle} onClick={props.onDownload} />
    </div>
  );
}

function Tool(props: { icon: LabIcon; title: string; pressed?: boolean; onClick(): void }): React.JSX.Element {
  return (
    <Button
      className="jp-mod-minimal olo-Result-tool"
      title={props.title}
      aria-label={props.title}
      aria-pressed={props.pressed}
      onClick={props.onClick}
    >
      <props.icon.react tag="span" />
    </Button>
  );
}
