/** The line of a `%%olo sql` cell, read and changed where it has to be; what a person wrote besides stays as it is. */

const HEAD = /^%%olo\s+sql\b/;
/** A word as the shell takes it: quotes hold blanks together. */
const WORD = /(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g;
const PINS = ['--as-of', '--snapshot', '--ref'];

/** Whether a cell's first line makes it a `%%olo sql` cell. */
export function isSqlHead(line: string): boolean {
  return HEAD.test(line);
}

interface IOption {
  from: number;
  to: number;
  value: string;
}

/** Where an option stands in a line, with its value; null where it doesn't. */
function find(line: string, name: string): IOption | null {
  const words = [...line.matchAll(WORD)];
  for (const [index, word] of words.entries()) {
    const [text] = word;
    if (text === name) {
      const value = words[index + 1];
      return { from: word.index, to: value ? value.index + value[0].length : line.length, value: plain(value?.[0]) };
    }
    if (text.startsWith(`${name}=`)) {
      return { from: word.index, to: word.index + text.length, value: plain(text.slice(name.length + 1)) };
    }
  }
  return null;
}

/** The value of an option, '' where the line has none. */
export function optionOf(line: string, name: string): string {
  return find(line, name)?.value ?? '';
}

/** The line with an option set to a value, or without it where the value is ''. */
export function withOption(line: string, name: string, value: string): string {
  const found = find(line, name);
  const written = value && `${name} ${quoted(value)}`;
  if (!found) {
    return written ? `${line.trimEnd()} ${written}` : line;
  }
  if (written) {
    return line.slice(0, found.from) + written + line.slice(found.to);
  }
  return (line.slice(0, found.from).trimEnd() + line.slice(found.to)).trimEnd();
}

/** The cell's own pin as its line says it: the option and its value; null where the line pins nothing. */
export function pinOf(line: string): { option: string; value: string } | null {
  const option = PINS.find(name => find(line, name));
  return option ? { option, value: optionOf(line, option) } : null;
}

/** The line with this pin and no other; without any where `option` is ''. */
export function withPin(line: string, option: string, value: string): string {
  const bare = PINS.reduce((left, name) => withOption(left, name, ''), line);
  return option ? withOption(bare, option, value) : bare;
}

/** The name before `<<`, '' where the line has none. */
export function resultOf(line: string): string {
  return /^%%olo\s+sql\s+([A-Za-z_]\w*)\s*<</.exec(line)?.[1] ?? '';
}

function plain(word = ''): string {
  return word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_, single?: string, double?: string, one?: string) =>
    single !== undefined ? single : double !== undefined ? double.replace(/\\(["\\$`])/g, '$1') : (one ?? '')
  );
}

function quoted(value: string): string {
  if (/^[\w.:+-]+$/.test(value)) {
    return value;
  }
  return value.includes("'") ? `"${value.replace(/["\\]/g, '\\$&')}"` : `'${value}'`;
}
