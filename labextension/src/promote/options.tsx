import { FormComponent } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { customizeValidator } from '@rjsf/validator-ajv8';
import * as React from 'react';

type Values = Record<string, unknown>;

const validator = customizeValidator<ReadonlyJSONObject>();

interface IOptionsProps {
  schema: Values;
  values: Values;
  disabled: boolean;
  onChange(values: Values): void;
}

/** In the order in which people think of them; `from` is what the view was opened for. */
const ORDER = ['kind', 'layer', 'materialized', 'unique_key', 'time_column', 'schedule', 'tests', 'owner', 'tags'];

/** What may be said about a promotion, as a form made from its JSON Schema. Loaded when it is first shown. */
export default function Options({ schema, values, disabled, onChange }: IOptionsProps): React.JSX.Element {
  const ui = React.useMemo(
    () => ({
      'ui:order': [...ORDER, '*'],
      'ui:submitButtonOptions': { norender: true },
      from: { 'ui:widget': 'hidden' },
      description: { 'ui:widget': 'textarea' }
    }),
    []
  );
  return (
    <div className="olo-PromoteOptions">
      <FormComponent
        schema={schema as ReadonlyJSONObject}
        uiSchema={ui}
        validator={validator}
        formData={values as ReadonlyJSONObject}
        disabled={disabled}
        liveValidate
        compact
        showModifiedFromDefault={false}
        onChange={event => onChange(said(event.formData as Values))}
      />
    </div>
  );
}

/** What was said, without what was left as it is: an empty field is no decision. */
export function said(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) =>
        value !== undefined &&
        value !== null &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0 && name !== 'tests')
    )
  );
}
