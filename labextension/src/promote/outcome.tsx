import * as React from 'react';

import { useOlo } from '../frame/widget';
import type { IFinding, IOutcome } from './answers';

/** What came out of a promotion, or what is planned. */
export function Summary({ outcome }: { outcome: IOutcome }): React.JSX.Element {
  const { trans } = useOlo();
  const words: Record<IOutcome['status'], string> = {
    planned: trans.__('Planned: nothing is written yet'),
    refused: trans.__('Not promoted'),
    verified: trans.__('Verified: it gives what the notebook gave'),
    different: trans.__('It does not give what the notebook gave'),
    unverified: trans.__('Unverified')
  };
  const { evidence, status } = outcome;
  const tests = evidence.tests;
  return (
    <div className={`olo-Promotion-summary olo-mod-${status}`} role="status">
      <div className="olo-Promotion-status">{words[status]}</div>
      <div>{trans.__('%1 as %2', outcome.relation, outcome.kind)}</div>
      {evidence.label && status !== 'verified' && <div>{evidence.label}</div>}
      {typeof evidence.rows === 'number' && (
        <div>{trans._n('1 row compared, on %2', '%1 rows compared, on %2', evidence.rows, evidence.engine ?? '')}</div>
      )}
      {tests && tests.passed.length + tests.failed.length > 0 && (
        <div>{trans.__('Tests: %1 passed, %2 failed', tests.passed.length, tests.failed.length)}</div>
      )}
      {outcome.branch && (
        <div>
          {outcome.pushed ? trans.__('On branch ') : trans.__('Committed, not pushed: ')}
          <code>{outcome.branch}</code>
        </div>
      )}
    </div>
  );
}

/** What was found, the worst first; each leads to its cell or file. */
export function Findings(props: {
  outcome: IOutcome;
  reveal: (cell: string, line: number | null) => void;
  openFile: (path: string) => void;
}): React.JSX.Element {
  const { trans } = useOlo();
  const { findings, changes } = props.outcome;
  const order = { error: 0, warning: 1, info: 2 };
  const sorted = [...findings].sort((a, b) => order[a.severity] - order[b.severity]);
  const fileOf = (finding: IFinding): string =>
    changes.find(({ path }) => finding.message.startsWith(`${path},`) || finding.message.startsWith(`${path} `))
      ?.path ?? '';
  return (
    <section aria-label={trans.__('Findings')}>
      <h3>{trans.__('Findings (%1)', findings.length)}</h3>
      {findings.length === 0 && <div className="olo-Promotion-none">{trans.__('None.')}</div>}
      <ul className="olo-Findings">
        {sorted.map((finding, index) => (
          <li key={index} className={`olo-mod-${finding.severity}`}>
            <div>
              <b>{finding.severity}</b> {finding.message}
            </div>
            {finding.hint && <div className="olo-Findings-hint">{finding.hint}</div>}
            {finding.cell && (
              <button className="olo-Link" onClick={() => props.reveal(finding.cell!, finding.line)}>
                {finding.line ? trans.__('Go to the cell, line %1', finding.line) : trans.__('Go to the cell')}
              </button>
            )}
            {fileOf(finding) && (
              <button className="olo-Link" onClick={() => props.openFile(fileOf(finding))}>
                {trans.__('Show the file')}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
