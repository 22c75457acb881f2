import type { IPreview } from '../src/result/model';
import { Summaries } from '../src/result/summaries';
import { summarize } from '../src/result/summary';

/** Numbers in one column, texts in the other. */
function preview(rows: number): IPreview {
  return {
    rows,
    text: (row, column) => (row % 100 === 99 ? null : column ? `t${row % 7}` : String(row)),
    isNumber: column => column === 0,
    isOrdered: () => true,
    keys: column => Array.from({ length: rows }, (_, row) => (row % 100 === 99 ? null : column ? `t${row % 7}` : row))
  };
}

const until = async (there: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 500 && !there(); tries++) {
    await new Promise(done => setTimeout(done, 5));
  }
};

describe('summaries', () => {
  it('of a short result are there at once', () => {
    const made: number[] = [];
    const short = preview(1000);
    expect(new Summaries(short, column => made.push(column)).of(0)).toEqual(summarize(short, 0));
    expect(made).toEqual([]);
  });

  it('of a long one come later, one after the other, the same as at once', async () => {
    const made: number[] = [];
    const long = preview(60_000);
    const summaries = new Summaries(long, column => made.push(column));
    expect([summaries.of(0), summaries.of(1), summaries.of(0)]).toEqual([null, null, null]);
    await until(() => made.length === 2);
    expect(made).toEqual([0, 1]);
    expect([summaries.of(0), summaries.of(1)]).toEqual([summarize(long, 0), summarize(long, 1)]);
    expect(summaries.of(1)).toMatchObject({ kind: 'frequent', distinct: 7, nulls: 600, others: 8485 });
  });

  it('are made no more after the end', async () => {
    const made: number[] = [];
    const summaries = new Summaries(preview(200_000), column => made.push(column));
    summaries.of(0);
    summaries.dispose();
    await new Promise(done => setTimeout(done, 300));
    expect(made).toEqual([]);
  });
});
