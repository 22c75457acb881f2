import { forForm } from '../src/frame/schema-form';

describe('forForm', () => {
  it('takes the marks of code out of descriptions, however deep, and leaves everything else', () => {
    const schema = {
      description: 'Counted in `timezone`.',
      properties: { description: { type: 'string', description: '`a` or `b`', default: '`x`' } },
      anyOf: [{ description: 'one ` alone' }, null]
    };
    expect(forForm(schema)).toEqual({
      description: 'Counted in timezone.',
      properties: { description: { type: 'string', description: 'a or b', default: '`x`' } },
      anyOf: [{ description: 'one ` alone' }, null]
    });
  });

  it('tells what a check box is for', () => {
    const box = { type: 'boolean', title: 'Split', description: 'Whether `it` is split.' };
    expect(forForm({ properties: { split: box } })).toMatchObject({
      properties: { split: { title: 'Split: Whether it is split.' } }
    });
    expect(forForm({ type: 'boolean', title: 'Split' })).toEqual({ type: 'boolean', title: 'Split' });
  });
});
