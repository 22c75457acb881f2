/** What is typed into a filter: words, and `owner:`, `tag:`, `state:` before those that mean one thing only. */

export interface IJobFilter {
  text: string;
  owner: string;
  tag: string;
  state: string;
}

const KEYS = ['owner', 'tag', 'state'] as const;
const PART = /(?:(owner|tag|state):)?(?:"([^"]*)"|(\S+))/gi;

/** @example parseFilter('daily owner:"data team"') */
export function parseFilter(typed: string): IJobFilter {
  const filter: IJobFilter = { text: '', owner: '', tag: '', state: '' };
  const words: string[] = [];
  for (const [, key, quoted, plain] of typed.matchAll(PART)) {
    const value = quoted ?? plain ?? '';
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
