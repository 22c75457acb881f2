import { RUN_STATES } from './answers';

/** What is typed into a filter: words, and `owner:`, `tag:`, `state:` before those that mean one thing only. */

export interface IJobFilter {
  text: string;
  owner: string;
  tag: string;
  state: string;
}

const KEYS = ['owner', 'tag', 'state'] as const;
const PART = new RegExp(`(?:(owner|tag):|(state):(?=(?:${RUN_STATES.join('|')})(?!\\S)))?(?:"([^"]*)"|(\\S+))`, 'gi');
const MEANT = /^\w+:/;

/**
 * A word with another key, and a state that there isn't, are looked for as text: nothing is left out unseen.
 *
 * @example parseFilter('daily owner:"data team"')
 */
export function parseFilter(typed: string): IJobFilter {
  const filter: IJobFilter = { text: '', owner: '', tag: '', state: '' };
  const words: string[] = [];
  for (const [, name, state, quoted, plain] of typed.matchAll(PART)) {
    const [key, value] = [name ?? state, quoted ?? plain ?? ''];
    if (key) {
      filter[key.toLowerCase() as (typeof KEYS)[number]] = value;
    } else {
      words.push(value);
    }
  }
  filter.text = words.join(' ');
  return filter;
}

/** The same text with one key set, '' taking it out. */
export function withKey(typed: string, key: (typeof KEYS)[number], value: string): string {
  const filter = { ...parseFilter(typed), [key]: value };
  const parts = KEYS.flatMap(name => {
    const given = filter[name];
    return given ? [`${name}:${/\s/.test(given) ? `"${given}"` : given}`] : [];
  });
  return [...parts, filter.text].filter(Boolean).join(' ');
}

/** Words that were meant to narrow by a key, and are text: `onwer:ana`, `state:faild`. */
export function misread({ text }: IJobFilter): string[] {
  return text.split(' ').filter(word => MEANT.test(word));
}
