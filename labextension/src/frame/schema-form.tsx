import { FormComponent } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { customizeValidator } from '@rjsf/validator-ajv8';
import * as React from 'react';

const validator = customizeValidator<ReadonlyJSONObject>();

export interface ISchemaFormProps {
  /** JSON Schema of an object. */
  schema: Record<string, unknown>;
  values: Record<string, unknown>;
  /** Order and widgets, in react-jsonschema-form's words. */
  uiSchema?: Record<string, unknown>;
  disabled?: boolean;
  change(values: Record<string, unknown>): void;
}

/**
 * A schema as the form shows it: its descriptions are Markdown, which JupyterLab's form shows as it is, and that of a
 * check box not at all, so it goes into its title.
 */
export function forForm(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(forForm);
  }
  if (schema === null || typeof schema !== 'object') {
    return schema;
  }
  const made: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === 'description' && typeof value === 'string' ? value.replace(/`([^`]*)`/g, '$1') : forForm(value)
    ])
  );
  const { type, title, description } = made;
  return type === 'boolean' && typeof title === 'string' && typeof description === 'string'
    ? { ...made, title: `${title}: ${description}` }
    : made;
}

/** A form made from a JSON Schema. It is loaded, with its validator, when it is first shown. */
export default function SchemaForm(props: ISchemaFormProps): React.JSX.Element {
  const { values, disabled, change } = props;
  const schema = React.useMemo(() => forForm(props.schema), [props.schema]);
  const uiSchema = React.useMemo(
    () => ({ ...props.uiSchema, 'ui:submitButtonOptions': { norender: true } }),
    [props.uiSchema]
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
    <div className="olo-SchemaForm" ref={node}>
      <FormComponent
        schema={schema as ReadonlyJSONObject}
        uiSchema={uiSchema}
        validator={validator}
        formData={values as ReadonlyJSONObject}
        disabled={disabled}
        liveValidate
        compact
        showErrorList={false}
        showModifiedFromDefault={false}
        tagName="div"
        onChange={event => change((event.formData ?? {}) as Record<string, unknown>)}
      />
    </div>
  );
}
