import { FormComponent } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { customizeValidator } from '@rjsf/validator-ajv8';
import * as React from 'react';

import { said, Values } from './said';

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
  const node = React.useRef<HTMLDivElement>(null);
  // JupyterLab's form draws labels that belong to no field: each gets its name here.
  React.useEffect(() => {
    node.current
      ?.querySelectorAll('input:not([aria-label]), select:not([aria-label]), textarea:not([aria-label])')
      .forEach(field => {
        field.setAttribute('aria-label', field.id.replace(/^.*?root_/, '').replaceAll('_', ' '));
      });
  });
  return (
    <div className="olo-PromoteOptions" ref={node}>
      <FormComponent
        schema={schema as ReadonlyJSONObject}
        uiSchema={ui}
        validator={validator}
        formData={values as ReadonlyJSONObject}
        disabled={disabled}
        liveValidate
        compact
        showModifiedFromDefault={false}
        onChange={event => onChange(said(event.formData as Values, values))}
      />
    </div>
  );
}
