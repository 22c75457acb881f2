import { Notification } from '@jupyterlab/apputils';
import { caretDownIcon, caretUpIcon, downloadIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { route } from '../../frame/api';
import { useModel, useSettled } from '../../frame/hooks';
import { Failed, Loading } from '../../frame/states';
import { useOlo, useShown } from '../../frame/widget';
import { ILogGrew, ILogHits, ILogLines, IRun, ITaskRun, LOG_GREW } from '../answers';
import { ansiSpans } from './ansi';
import { LogModel } from './model';
import { scrollTo, visibleRows } from './rows';

/** What a task has printed: any length, growing, searched, with its colours. */
export function LogView(props: { run: IRun; task: ITaskRun; target: string }): React.JSX.Element {
  const { run, task, target } = props;
  const { api, events, trans } = useOlo();
  const shown = useShown();
  const model = React.useMemo(() => {
    const path = route`runs/${run.id}/tasks/${task.name}/log`;
    const where = { target, attempt: task.attempts || null };
    return new LogModel({
      lines: (line, count) => api.get<ILogLines>(path, { ...where, line, count }),
      search: (text, line) => api.get<ILogHits>(`${path}/search`, { ...where, text, line })
    });
  }, [api, run.id, task.name, task.attempts, target]);
  useModel(model);
  React.useEffect(() => {
    if (shown) {
      void model.start();
    }
  }, [model, shown, task.state]);
  React.useEffect(() => {
    const heard = events.on<ILogGrew>(LOG_GREW, grew => {
      if (grew.run === run.id && grew.task === task.name) {
        model.grew(grew.total, grew.complete);
      }
    });
    const again = (): void => void (shown && model.start());
    events.missed.connect(again);
    return () => {
      heard.dispose();
      events.missed.disconnect(again);
    };
  }, [model, shown]);
  const [follow, setFollow] = React.useState(true);
  const [typed, setTyped] = React.useState('');
  const [at, setAt] = React.useState(0);
  const lines = React.useRef<ILines>(null);
  const text = useSettled(typed, 300);
  React.useEffect(() => {
    setAt(0);
    void model.search(text);
  }, [model, text]);
  const hit = model.hits[at];
  React.useEffect(() => {
    if (hit !== undefined) {
      setFollow(false);
      lines.current?.show(hit);
    }
  }, [hit]);
  const step = (by: number): void => {
    const count = model.hits.length;
    if (at + by >= count && model.moreHits) {
      void model.searchMore().then(() => setAt(at + by));
    } else if (count) {
      setAt((at + by + count) % count);
    }
  };
  if (model.total === null) {
    return model.error ? <Failed error={model.error} retry={() => void model.retry()} /> : <Loading />;
  }
  const found = model.hits.length;
  const count = model.searching
    ? trans.__('Searching…')
    : text && !found
      ? trans.__('Not found')
      : found
        ? trans.__('%1 of %2', at + 1, `${found.toLocaleString()}${model.moreHits ? '+' : ''}`)
        : '';
  return (
    <div className="olo-Log">
      <div className="olo-Log-bar" role="toolbar" aria-label={trans.__('Log')}>
        <div className="olo-Filter" role="search" data-lm-suppress-shortcuts="true">
          <searchIcon.react tag="span" className="olo-Filter-icon" elementSize="normal" />
          <input
            type="text"
            spellCheck={false}
            aria-label={trans.__('Search the log')}
            placeholder={trans.__('Search the log')}
            value={typed}
            onChange={event => setTyped(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'Enter') {
                step(event.shiftKey ? -1 : 1);
              } else if (event.key === 'Escape') {
                setTyped('');
              }
            }}
          />
        </div>
        <span className="olo-Log-count" role="status">
          {count}
        </span>
        <button className="olo-IconButton" disabled={!found} aria-label={trans.__('Previous')} onClick={() => step(-1)}>
          <caretUpIcon.react tag="span" elementSize="normal" />
        </button>
        <button className="olo-IconButton" disabled={!found} aria-label={trans.__('Next')} onClick={() => step(1)}>
          <caretDownIcon.react tag="span" elementSize="normal" />
        </button>
        <span className="olo-Log-size">
          {trans._n('%2 line', '%2 lines', model.total, model.total.toLocaleString())} · {bytesText(model.size)}
        </span>
        {!model.complete && (
          <label className="olo-Log-follow">
            <input type="checkbox" checked={follow} onChange={event => setFollow(event.target.checked)} />
            {trans.__('Follow')}
          </label>
        )}
        <Download model={model} name={`${run.job}-${task.name}.log`} />
      </div>
      {model.error && <Failed error={model.error} retry={() => void model.retry()} />}
      {model.total === 0 ? (
        <div className="olo-Log-none">
          {model.complete ? trans.__('The task printed nothing.') : trans.__('Nothing printed yet.')}
        </div>
      ) : (
        <Lines
          ref={lines}
          model={model}
          label={trans.__('Log of %1', task.name)}
          hit={hit}
          follow={follow && !model.complete}
          leave={() => setFollow(false)}
          rejoin={() => setFollow(true)}
        />
      )}
    </div>
  );
}

interface ILines {
  show(line: number): void;
}

interface ILinesProps {
  model: LogModel;
  label: string;
  /** The line that the search is at. */
  hit: number | undefined;
  follow: boolean;
  /** The person scrolled away from the end, or back to it. */
  leave: () => void;
  rejoin: () => void;
}

/** The lines in sight. */
const Lines = React.forwardRef<ILines, ILinesProps>((props, ref) => {
  const { model, label, hit, follow, leave, rejoin } = props;
  const scroller = React.useRef<HTMLDivElement>(null);
  const [view, setView] = React.useState({ top: 0, height: 400 });
  const total = model.total ?? 0;
  React.useImperativeHandle(ref, () => ({
    show: line => {
      const node = scroller.current;
      if (node) {
        node.scrollTop = scrollTo(line, node.clientHeight, total);
      }
    }
  }));
  React.useLayoutEffect(() => {
    const node = scroller.current!;
    const measure = (): void => setView({ top: node.scrollTop, height: node.clientHeight || 400 });
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    node.scrollTop = node.scrollHeight;
    measure();
    return () => observer.disconnect();
  }, [model]);
  React.useLayoutEffect(() => {
    const node = scroller.current!;
    if (follow) {
      node.scrollTop = node.scrollHeight;
    }
  }, [follow, total]);
  const scrolled = (): void => {
    const node = scroller.current!;
    setView({ top: node.scrollTop, height: node.clientHeight });
    const atEnd = node.scrollTop + node.clientHeight >= node.scrollHeight - 4;
    if (follow && !atEnd && node.scrollTop < view.top) {
      leave();
    } else if (!follow && atEnd && !model.complete && hit === undefined) {
      rejoin();
    }
  };
  const rows = visibleRows(view.top, view.height, total);
  const hits = new Set(model.hits);
  const numbers = [];
  for (let number = rows.first; number < rows.last; number++) {
    numbers.push(number);
  }
  return (
    <div ref={scroller} className="olo-Log-lines" role="region" aria-label={label} tabIndex={0} onScroll={scrolled}>
      <div style={{ height: rows.height }} />
      <div className="olo-Log-window" style={{ transform: `translateY(${rows.top}px)` }}>
        {numbers.map(number => {
          const mark = number === hit ? ' olo-mod-at' : hits.has(number) ? ' olo-mod-hit' : '';
          return (
            <div key={number} className={`olo-Log-line${mark}`}>
              <span className="olo-Log-number" aria-hidden="true">
                {number + 1}
              </span>
              <Line text={model.line(number)} />
            </div>
          );
        })}
      </div>
    </div>
  );
});

const Line = React.memo(({ text }: { text: string | null }): React.JSX.Element => {
  if (text === null) {
    return <span className="olo-Log-coming">…</span>;
  }
  return (
    <span className="olo-Log-text">
      {ansiSpans(text).map(({ text: part, className, color, background }, index) => (
        <span key={index} className={className || undefined} style={color || background ? { color, background } : {}}>
          {part}
        </span>
      ))}
    </span>
  );
});

function Download({ model, name }: { model: LogModel; name: string }): React.JSX.Element {
  const { trans } = useOlo();
  const [done, setDone] = React.useState<number | null>(null);
  const download = async (): Promise<void> => {
    setDone(0);
    try {
      const url = URL.createObjectURL(await model.download(setDone));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      Notification.error(trans.__('The log could not be downloaded: %1', (error as Error).message));
    }
    setDone(null);
  };
  const text = done === null ? trans.__('Download the log') : `${Math.round(100 * done)} %`;
  return (
    <button
      className="olo-IconButton"
      aria-label={text}
      title={text}
      disabled={done !== null}
      onClick={() => void download()}
    >
      <downloadIcon.react tag="span" elementSize="normal" />
    </button>
  );
}

/** @example bytesText(1536) is '1.5 kB' */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
