/** Whether there is anything to fill in. */
export function hasParameters(schema: Record<string, unknown>): boolean {
  return Object.keys((schema['properties'] ?? {}) as object).length > 0;
}

/** The values that were given: what was left empty is left out, so that the default holds. */
export function given(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
}
