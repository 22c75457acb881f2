export type Values = Record<string, unknown>;

/**
 * What was said, without what was left as it is: an empty field is no decision, and the form fills in empty lists and objects by
 * itself.
 *
 * @param before - What was said before: `tests: []` (propose none) stays where it came from the notebook's own cell.
 */
export function said(values: Values, before: Values): Values {
  const meant = ([name, value]: [string, unknown]): boolean => {
    if (value === undefined || value === null || value === '') {
      return false;
    }
    if (Array.isArray(value)) {
      return filled(value) || (name === 'tests' && Array.isArray(before[name]) && before[name].length === 0);
    }
    return name !== 'schedule' || ['cron', 'every', 'on_update'].some(key => filled((value as Values)[key]));
  };
  return Object.fromEntries(
    Object.entries(values)
      .filter(meant)
      .map(([name, value]) => [name, name === 'schedule' ? onlyFilled(value as Values) : value])
  );
}

function filled(value: unknown): boolean {
  return Array.isArray(value) ? value.some(filled) : value !== undefined && value !== null && value !== '';
}

function onlyFilled(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => filled(value)));
}
