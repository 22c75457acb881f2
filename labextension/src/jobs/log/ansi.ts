/** Lines of a terminal as spans of text: colours kept, other control codes taken out or made visible. */

export interface ISpan {
  text: string;
  /** CSS classes, '' for none. */
  className: string;
  /** Colours that no class has. */
  color?: string;
  background?: string;
}

interface IStyle {
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  /** 0–15 of the palette, or a CSS colour. */
  fg: number | string | null;
  bg: number | string | null;
}

const PLAIN: IStyle = {
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  inverse: false,
  fg: null,
  bg: null
};
/** A control sequence, a title (OSC), another escape. Sequences are bounded: a log may hold anything. */
// eslint-disable-next-line no-control-regex
const ESCAPE = /\u001b(?:\[([0-9;:?]{0,64})[ -/]{0,4}([@-~])|\][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\)|[@-Z\\^_])/g;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** One line, without its end. What was overwritten after a carriage return is not shown. */
export function ansiSpans(line: string): ISpan[] {
  const text = line.slice(line.trimEnd().lastIndexOf('\r') + 1);
  const spans: ISpan[] = [];
  let style = PLAIN;
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
    push(spans, text.slice(from, match.index), style);
    from = match.index + match[0].length;
    if (match[2] === 'm') {
      style = styled(style, match[1] ?? '');
    }
  }
  push(spans, text.slice(from), style);
  return spans;
}

function push(spans: ISpan[], text: string, style: IStyle): void {
  if (!text) {
    return;
  }
  const shown = text.replace(CONTROL, code =>
    String.fromCharCode(code === '\u007f' ? 0x2421 : 0x2400 + code.charCodeAt(0))
  );
  const [fg, bg] = style.inverse ? [style.bg ?? 'inverse', style.fg ?? 'inverse'] : [style.fg, style.bg];
  const classes = [
    style.bold && 'olo-ansi-bold',
    style.faint && 'olo-ansi-faint',
    style.italic && 'olo-ansi-italic',
    style.underline && 'olo-ansi-underline',
    typeof fg === 'number' && `olo-ansi-fg-${fg}`,
    typeof bg === 'number' && `olo-ansi-bg-${bg}`,
    fg === 'inverse' && 'olo-ansi-fg-inverse',
    bg === 'inverse' && 'olo-ansi-bg-inverse'
  ];
  spans.push({
    text: shown,
    className: classes.filter(Boolean).join(' '),
    ...(typeof fg === 'string' && fg !== 'inverse' ? { color: fg } : {}),
    ...(typeof bg === 'string' && bg !== 'inverse' ? { background: bg } : {})
  });
}

function styled(before: IStyle, codes: string): IStyle {
  const numbers = codes.split(/[;:]/).map(code => (code === '' ? 0 : Number(code)));
  const style = { ...before };
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at]!;
    if (code === 0) {
      Object.assign(style, PLAIN);
    } else if (code === 38 || code === 48) {
      const [colour, used] = extended(numbers.slice(at + 1));
      style[code === 38 ? 'fg' : 'bg'] = colour;
      at += used;
    } else {
      apply(style, code);
    }
  }
  return style;
}

function apply(style: IStyle, code: number): void {
  const on: Record<number, keyof IStyle> = { 1: 'bold', 2: 'faint', 3: 'italic', 4: 'underline', 7: 'inverse' };
  const off: Record<number, (keyof IStyle)[]> = {
    22: ['bold', 'faint'],
    23: ['italic'],
    24: ['underline'],
    27: ['inverse']
  };
  if (on[code]) {
    Object.assign(style, { [on[code]]: true });
  } else if (off[code]) {
    off[code].forEach(key => Object.assign(style, { [key]: false }));
  } else if (code === 39) {
    style.fg = null;
  } else if (code === 49) {
    style.bg = null;
  } else if (code >= 30 && code <= 37) {
    style.fg = code - 30;
  } else if (code >= 40 && code <= 47) {
    style.bg = code - 40;
  } else if (code >= 90 && code <= 97) {
    style.fg = code - 82;
  } else if (code >= 100 && code <= 107) {
    style.bg = code - 92;
  }
}

/** The colour that follows 38 or 48, and how many codes it took. */
function extended(codes: number[]): [number | string | null, number] {
  const byte = (value: number | undefined): number => Math.min(255, Math.max(0, value || 0));
  if (codes[0] === 5) {
    const index = byte(codes[1]);
    if (index < 16) {
      return [index, 2];
    }
    if (index >= 232) {
      const grey = 8 + 10 * (index - 232);
      return [`rgb(${grey}, ${grey}, ${grey})`, 2];
    }
    const level = (value: number): number => (value ? 55 + 40 * value : 0);
    const cube = index - 16;
    return [`rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`, 2];
  }
  if (codes[0] === 2) {
    return [`rgb(${byte(codes[1])}, ${byte(codes[2])}, ${byte(codes[3])})`, 4];
  }
  return [null, codes.length];
}
