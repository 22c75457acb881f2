import type { ILogHits, ILogLines } from '../src/jobs/answers';
import { ansiSpans } from '../src/jobs/log/ansi';
import { LogModel, PAGE } from '../src/jobs/log/model';
import { HIGHEST, ROW, scrollTo, visibleRows } from '../src/jobs/log/rows';

describe('ansiSpans', () => {
  it.each([
    ['plain', [['plain', '']]],
    [
      '\u001b[31mred\u001b[0m end',
      [
        ['red', 'olo-ansi-fg-1'],
        [' end', '']
      ]
    ],
    [
      '\u001b[1;4;92mx\u001b[22;24;39my',
      [
        ['x', 'olo-ansi-bold olo-ansi-underline olo-ansi-fg-10'],
        ['y', '']
      ]
    ],
    [
      '\u001b[7mx\u001b[27my',
      [
        ['x', 'olo-ansi-fg-inverse olo-ansi-bg-inverse'],
        ['y', '']
      ]
    ],
    ['\u001b[7;31mx', [['x', 'olo-ansi-bg-1 olo-ansi-fg-inverse']]],
    ['\u001b[38;5;9mx', [['x', 'olo-ansi-fg-9']]],
    ['\u001b[2K\u001b]0;a title\u0007after\u001b[1A', [['after', '']]],
    ['10 %\r55 %\r100 %\r', [['100 %␍', '']]],
    ['\u0000\u0001\u007f <b>&', [['␀␁␡ <b>&', '']]],
    [
      '\u001b[999999mx\u001b[38mx',
      [
        ['x', ''],
        ['x', '']
      ]
    ],
    ['', []]
  ])('%j', (line, spans) => {
    expect(ansiSpans(line).map(({ text, className }) => [text, className])).toEqual(spans);
  });

  it('takes colours of 256 and of 16 million', () => {
    expect(ansiSpans('\u001b[38;5;196ma\u001b[48;2;1;2;300mb')).toEqual([
      { text: 'a', className: '', color: 'rgb(255, 0, 0)' },
      { text: 'b', className: '', color: 'rgb(255, 0, 0)', background: 'rgb(1, 2, 255)' }
    ]);
    expect(ansiSpans('\u001b[38;5;255mgrey').map(({ text }) => text)).toEqual(['grey']);
  });

  it('stays quick on a line of nothing but broken codes', () => {
    const started = performance.now();
    ansiSpans('\u001b['.repeat(8000) + '\u001b]'.repeat(8000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('visibleRows', () => {
  it('gives the lines in sight and some around them', () => {
    expect(visibleRows(0, 180, 5)).toEqual({ height: 5 * ROW, first: 0, last: 5, top: 0 });
    const { first, last, top } = visibleRows(1000 * ROW, 180, 5000);
    expect([first, last, top]).toEqual([990, 1020, 990 * ROW]);
  });

  it.each([1_000_000, 50_000_000])('reaches the first and the last of %d lines', count => {
    const view = 400;
    const { height } = visibleRows(0, view, count);
    expect(height).toBeLessThanOrEqual(HIGHEST);
    expect(visibleRows(0, view, count).first).toBe(0);
    const end = visibleRows(height - view, view, count);
    expect(end.last).toBe(count);
    // The last line ends where the view ends.
    expect(end.top + (count - end.first) * ROW).toBeCloseTo(height, 0);
  });

  it.each([1_000_000, 50_000_000])('scrolls to a line of %d', count => {
    for (const line of [0, 12_345, count / 2, count - 1]) {
      const { first, last } = visibleRows(scrollTo(line, 400, count), 400, count);
      expect(first).toBeLessThanOrEqual(line);
      expect(last).toBeGreaterThan(line);
    }
  });
});

describe('LogModel', () => {
  class Source {
    asked: [number, number][] = [];
    total = 1_000_000;
    fails = false;

    async lines(line: number, count: number): Promise<ILogLines> {
      this.asked.push([line, count]);
      if (this.fails) {
        throw new Error('gone');
      }
      const first = line < 0 ? Math.max(0, this.total + line) : Math.min(line, this.total);
      const lines = Array.from({ length: Math.min(count, this.total - first) }, (_, at) => `line ${first + at}`);
      return { lines, first, total: this.total, size: this.total * 12, complete: false };
    }

    async search(text: string, line: number): Promise<ILogHits> {
      return line === 0 ? { lines: [3, 5], next: 6 } : { lines: [9], next: null };
    }
  }

  it('reads the end first, then what is in sight, once', async () => {
    const source = new Source();
    const model = new LogModel(source);
    await model.start();
    expect([model.total, model.line(999_999)]).toEqual([1_000_000, 'line 999999']);
    expect([model.line(500_100), model.line(500_101)]).toEqual([null, null]);
    await Promise.resolve();
    await Promise.resolve();
    expect(model.line(500_100)).toBe('line 500100');
    expect(source.asked).toEqual([
      [-PAGE, PAGE],
      [500_000, PAGE]
    ]);
  });

  it('asks for the rest of its last page when the log grew', async () => {
    const source = new Source();
    source.total = 3;
    const model = new LogModel(source);
    await model.start();
    source.total = 5;
    model.grew(5, false);
    expect([model.line(2), model.line(4)]).toEqual(['line 2', null]);
    await Promise.resolve();
    await Promise.resolve();
    expect(model.line(4)).toBe('line 4');
  });

  it('forgets pages that were out of sight for long', async () => {
    const model = new LogModel(new Source());
    await model.start();
    for (let page = 0; page < 60; page++) {
      model.line(page * PAGE);
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(model.line(59 * PAGE)).not.toBeNull();
    expect(model.line(0)).toBeNull();
  });

  it('tells an error, asks no more until somebody tries again', async () => {
    const source = new Source();
    const model = new LogModel(source);
    source.fails = true;
    await model.start();
    expect([model.total, model.error?.message]).toEqual([null, 'gone']);
    source.fails = false;
    await model.retry();
    expect([model.total, model.error]).toEqual([1_000_000, null]);
  });

  it('finds, goes on, and forgets', async () => {
    const model = new LogModel(new Source());
    await model.search('x');
    expect([model.hits, model.moreHits]).toEqual([[3, 5], true]);
    await model.searchMore();
    expect([model.hits, model.moreHits]).toEqual([[3, 5, 9], false]);
    await model.search('');
    expect(model.hits).toEqual([]);
  });

  it('gives the whole for a file', async () => {
    const source = new Source();
    source.total = 12_000;
    const done: number[] = [];
    const blob = await new LogModel(source).download(part => done.push(part));
    expect(blob.size).toBe(Array.from({ length: 12_000 }, (_, at) => `line ${at}\n`).join('').length);
    expect(done[done.length - 1]).toBe(1);
  });
});
