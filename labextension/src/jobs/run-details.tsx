import * as React from 'react';
import { momentText } from '../frame/time';

import { joinId } from '../frame/tokens';
import { useOlo } from '../frame/widget';
import { tableNode } from '../lineage/model';
import type { IRun } from './answers';

/** What a run was given, and which snapshots its tasks read and wrote. */
export function RunDetails({ run }: { run: IRun }): React.JSX.Element {
  const { trans } = useOlo();
  const facts: [string, React.ReactNode][] = [
    [trans.__('Run'), <code>{run.id}</code>],
    [trans.__('Stands for'), run.moment && momentText(run.moment)],
    [trans.__('Started'), run.started && momentText(run.started)],
    [trans.__('Ended'), run.ended && momentText(run.ended)],
    [trans.__('Git'), run.ref || trans.__('working tree')],
    [trans.__('Backfill'), run.backfill]
  ];
  const parameters = Object.entries(run.parameters);
  return (
    <div className="olo-Details">
      <table className="olo-Facts">
        <tbody>
          {facts
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
        </tbody>
      </table>
      <h3>{trans.__('Parameters')}</h3>
      {parameters.length === 0 ? (
        <p>{trans.__('None.')}</p>
      ) : (
        <table className="olo-Facts">
          <tbody>
            {parameters.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h3>{trans.__('Tables')}</h3>
      <Tables run={run} />
    </div>
  );
}

function Tables({ run }: { run: IRun }): React.JSX.Element {
  const { trans } = useOlo();
  const rows = run.tasks.flatMap(({ name, reads, writes }) => [
    ...Object.entries(reads).map(([table, snapshot]) => ({ task: name, how: trans.__('reads'), table, snapshot })),
    ...Object.entries(writes).map(([table, snapshot]) => ({ task: name, how: trans.__('writes'), table, snapshot }))
  ]);
  if (rows.length === 0) {
    return <p>{trans.__('None that are known.')}</p>;
  }
  return (
    <table className="olo-Table">
      <thead>
        <tr>
          <th scope="col">{trans.__('Task')}</th>
          <th scope="col" />
          <th scope="col">{trans.__('Table')}</th>
          <th scope="col">{trans.__('Snapshot')}</th>
          <th scope="col">{trans.__('Lineage')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ task, how, table, snapshot }) => (
          <tr key={`${task} ${how} ${table}`}>
            <td>{task}</td>
            <td>{how}</td>
            <td>
              <TableLink table={table} snapshot={snapshot} />
            </td>
            <td>
              <code>{snapshot}</code>
            </td>
            <td>
              <LineageLink table={table} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A table by its name in SQL: catalog, namespace, name. */
function parts(table: string): [string, string, string] | null {
  const names = [...table.matchAll(/"((?:[^"]|"")*)"|([^."]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!
  );
  return names.length < 3 ? null : [names[0]!, names.slice(1, -1).join('.'), names[names.length - 1]!];
}

function TableLink({ table, snapshot }: { table: string; snapshot: string }): React.JSX.Element {
  const olo = useOlo();
  const names = parts(table);
  return names ? (
    <button className="olo-Link" onClick={() => olo.open('table', joinId(...names), { snapshot })}>
      {table}
    </button>
  ) : (
    <>{table}</>
  );
}

function LineageLink({ table }: { table: string }): React.JSX.Element | null {
  const olo = useOlo();
  const names = parts(table);
  return names ? (
    <button className="olo-Link" onClick={() => olo.open('lineage', tableNode(names[0]!, names[1]!, names[2]!))}>
      {olo.trans.__('Show')}
    </button>
  ) : null;
}
