import * as React from 'react';

import { useNow } from '../frame/hooks';
import { durationText } from '../frame/time';
import { useOlo } from '../frame/widget';
import type { IRun } from './answers';
import { gantt, tickText } from './gantt';
import { StateIcon, stateText } from './state';

/** When each task ran, and how long. */
export function GanttView(props: { run: IRun; selected: string; select: (task: string) => void }): React.JSX.Element {
  const { run, selected, select } = props;
  const { trans } = useOlo();
  const now = useNow(run.tasks.some(({ state }) => state === 'running'));
  const { ticks, bars } = gantt(run.tasks, now);
  return (
    <div className="olo-Gantt">
      <div className="olo-Gantt-axis" aria-hidden="true">
        <div className="olo-Gantt-label" />
        <div className="olo-Gantt-line">
          {ticks.map(({ seconds, at }) => (
            <span key={seconds} className="olo-Gantt-tick" style={{ left: `${100 * at}%` }}>
              {tickText(seconds)}
            </span>
          ))}
        </div>
      </div>
      <ul className="olo-Gantt-bars" aria-label={trans.__('Tasks by time')}>
        {bars.map(({ task, from, width, duration }) => {
          const text = duration === null ? '' : durationText(duration / 1000);
          return (
            <li key={task.name}>
              <button
                className={`olo-Gantt-row${task.name === selected ? ' olo-mod-selected' : ''}`}
                aria-current={task.name === selected ? 'true' : undefined}
                title={[task.name, stateText(task.state, trans), text].filter(Boolean).join('\n')}
                onClick={() => select(task.name)}
              >
                <span className="olo-Gantt-label">
                  <StateIcon state={task.state} />
                  <span className="olo-Gantt-name">{task.name}</span>
                </span>
                <span className="olo-Gantt-line">
                  {ticks.map(({ seconds, at }) => (
                    <span key={seconds} className="olo-Gantt-grid" style={{ left: `${100 * at}%` }} />
                  ))}
                  {from !== null && (
                    <span
                      className={`olo-Gantt-bar olo-mod-${task.state}`}
                      style={{ left: `${100 * from}%`, width: `max(3px, ${100 * width}%)` }}
                    />
                  )}
                  <span
                    className="olo-Gantt-text"
                    style={
                      from !== null && from + width > 0.85
                        ? { right: `calc(${100 * (1 - from)}% + 6px)` }
                        : { left: `calc(${100 * ((from ?? 0) + width)}% + 6px)` }
                    }
                  >
                    {text}
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
