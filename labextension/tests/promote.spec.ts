import { nullTranslator } from '@jupyterlab/translation';

import type { IChange, IStanding } from '../src/promote/answers';
import { stateOfCell } from '../src/promote/cell-state';
import { said } from '../src/promote/said';
import { hunksOf } from '../src/promote/conflict';
import { fileRows, stateOf } from '../src/promote/files';
import { PromotionModel } from '../src/promote/model';
import { PromoteError, pythonCode } from '../src/promote/runner';
import { markOf } from '../src/sql-cells/marks';

const HERE = 'https://hub.example.org/user/ana/';
const trans = nullTranslator.load('olo_jupyter');

describe('what the kernel is asked', () => {
  const wanted = { name: 'delays', from: 'c1', options: null, plan: true, openPullRequest: true, verify: false };

  it('plans without publishing flags', () => {
    expect(pythonCode(wanted, HERE)).toContain(
      `run_cell_magic('olo', "promote delays --from c1 --plan --json", "\\n")`
    );
    expect(pythonCode({ ...wanted, plan: false }, HERE)).toContain('--from c1 --open-pr --no-verify --json');
  });

  it('keeps values apart from code', () => {
    const code = pythonCode(
      { ...wanted, name: `a'; import os #`, options: { description: `"""\n'); quit() #`, tags: ['😀'] } },
      `http://here/"; quit() #`
    );
    expect(code.split('\n')).toHaveLength(3);
    expect(code).toContain(JSON.stringify(`http://here/"; quit() #`));
    expect(code).toContain(JSON.stringify(JSON.stringify({ description: `"""\n'); quit() #`, tags: ['😀'] })));
  });
});

describe('files of a plan', () => {
  const change = (path: string, before: string | null, after: string | null, conflict = false): IChange => ({
    path,
    kind: 'model',
    before,
    after,
    conflict,
    editor: ''
  });

  it('are a tree, folders that hold one folder only joined', () => {
    const rows = fileRows([
      change('models/gold/b.sql', null, 'x'),
      change('models/gold/a.sql', null, 'x'),
      change('jobs/a.yml', null, 'x'),
      change('olo.yml', 'x', 'x')
    ]);
    expect(rows.map(row => `${'  '.repeat(row.depth)}${row.name}`)).toEqual([
      'jobs',
      '  a.yml',
      'models/gold',
      '  a.sql',
      '  b.sql',
      'olo.yml'
    ]);
  });

  it('say what becomes of each', () => {
    const of = (before: string | null, after: string | null, conflict = false): string =>
      stateOf(change('a', before, after, conflict));
    expect([of(null, 'x'), of('x', 'y'), of('x', null), of('x', 'x'), of('x', '<<<', true)]).toEqual([
      'added',
      'changed',
      'removed',
      'same',
      'conflict'
    ]);
  });
});

describe('options from the form', () => {
  it('are what was said, not what the form fills in', () => {
    const filled = { kind: 'dbt', owner: '', tags: [], tests: [], schedule: { timezone: 'UTC', on_update: [null] } };
    expect(said(filled, {})).toEqual({ kind: 'dbt' });
    expect(said(filled, { tests: [] })).toEqual({ kind: 'dbt', tests: [] });
    expect(said({ schedule: { cron: '0 6 * * *', every: null, timezone: 'UTC', on_update: [] } }, {})).toEqual({
      schedule: { cron: '0 6 * * *', timezone: 'UTC' }
    });
  });
});

describe('conflicts', () => {
  it('are taken apart by hunk', () => {
    const text = [
      'a',
      '<<<<<<< repository',
      'by hand',
      '||||||| generated last',
      'old',
      '=======',
      'new 1',
      'new 2',
      '>>>>>>> generated now',
      'b',
      '<<<<<<< repository',
      '=======',
      'added',
      '>>>>>>> generated now'
    ].join('\n');
    expect(hunksOf(text)).toEqual([
      { line: 2, repository: 'by hand', generated: 'new 1\nnew 2' },
      { line: 11, repository: '', generated: 'added' }
    ]);
    expect(hunksOf('nothing\n=======\n')).toEqual([]);
  });
});

describe('the mark of a cell', () => {
  const standing: IStanding = {
    name: 'delays',
    kind: 'dbt',
    relation: 'gold.delays',
    notebook: 'a.ipynb',
    path: 'a.ipynb',
    branch: 'olo/ana/delays',
    commit: 'abc',
    state: 'open',
    pull_request: { number: 7, title: 'x', url: 'https://git.example.org/7', state: 'open', draft: false },
    checks: [{ name: 'ci', outcome: 'success', url: '' }],
    reviews: [],
    cells: [
      { id: 'c1', state: 'promoted' },
      { id: 'c2', state: 'changed' }
    ],
    job: 'delays',
    deployed: [],
    last_run: null
  };

  it('says what runs', () => {
    const merged: IStanding = {
      ...standing,
      state: 'merged',
      deployed: [{ target: 'prod', number: 3, commit: 'a', release: '', newest: false, changed: ['c1'] }],
      last_run: { id: 'r', state: 'failed', target: 'prod', started: null }
    };
    expect(markOf([merged], 'c1', trans)?.text).toBe(
      'gold.delays · merged #7 · runs on prod · last run failed · prod runs an older one'
    );
    expect(stateOfCell(merged)).toEqual({
      name: 'delays',
      branch: 'olo/ana/delays',
      state: 'merged',
      pull_request: { number: 7, url: 'https://git.example.org/7' },
      checks: { ci: 'success' },
      deployed: { prod: '#3' },
      last_run: { state: 'failed', target: 'prod', started: null }
    });
  });

  it('says where the promotion stands, and whether the cell has changed', () => {
    expect(markOf([standing], 'c1', trans)).toMatchObject({ text: 'gold.delays · in review #7', state: 'promoted' });
    expect(markOf([standing], 'c2', trans)).toMatchObject({
      text: 'gold.delays · in review #7 · changed since',
      state: 'changed'
    });
    const failed = { ...standing, checks: [{ name: 'ci', outcome: 'failure' as const, url: '' }] };
    expect(markOf([failed], 'c1', trans)).toMatchObject({
      text: expect.stringContaining('checks failed'),
      state: 'failed'
    });
    expect(markOf([standing], 'c3', trans)).toBeNull();
  });
});

describe('a promotion that is begun again', () => {
  const model = (): PromotionModel => {
    const made = new PromotionModel({ find: () => undefined } as never, 'a.ipynb', 'c1', 'delays', () => undefined);
    made.outcome = { status: 'verified' } as never;
    made.error = new PromoteError('No', '');
    made.steps = ['compare'];
    made.options = { owner: 'of the cell' };
    return made;
  };

  it('forgets what came out the last time, and what it read from the cell', () => {
    const again = model();
    let drawn = 0;
    again.changed.connect(() => drawn++);
    again.begin('delays');
    expect([again.outcome, again.error, again.steps, again.options]).toEqual([null, null, [], null]);
    expect([again.name, again.begun, drawn]).toEqual(['delays', 1, 1]);
  });

  it('keeps what the person decided, and a name that it was given', () => {
    const again = model();
    again.set({ options: { owner: 'ana' }, name: 'late' });
    again.begin('');
    expect([again.outcome, again.options, again.name]).toEqual([null, { owner: 'ana' }, 'late']);
  });

  it('forgets the error of another name, not what was planned', () => {
    const again = model();
    again.set({ verify: false });
    expect(again.error).not.toBeNull();
    again.set({ name: 'late' });
    expect([again.error, again.outcome]).toEqual([null, { status: 'verified' }]);
  });

  it('waits for one that runs', () => {
    const again = model();
    again.running = 'promote';
    again.begin('delays');
    expect(again.outcome).toMatchObject({ status: 'verified' });
  });
});
