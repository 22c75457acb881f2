import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import * as React from 'react';

/** A dialog's body that is drawn by React and answers with a value. */
export class FormBody<T> extends ReactWidget {
  constructor(
    private value: T,
    private readonly draw: (value: T, change: (value: T) => void) => React.JSX.Element
  ) {
    super();
    this.addClass('olo-Form');
  }

  getValue(): T {
    return this.value;
  }

  protected override render(): React.JSX.Element {
    return this.draw(this.value, value => {
      this.value = value;
      this.update();
    });
  }
}

/** Values of a job's parameters; the form itself, with its validator, is loaded when it is first needed. */
export const Parameters = React.lazy(async () => {
  const [{ FormComponent }, { customizeValidator }] = await Promise.all([
    import('@jupyterlab/ui-components'),
    import('@rjsf/validator-ajv8')
  ]);
  const validator = customizeValidator<ReadonlyJSONObject>();
  return {
    default: function ParametersForm(props: {
      schema: Record<string, unknown>;
      value: Record<string, unknown>;
      change: (value: Record<string, unknown>) => void;
    }): React.JSX.Element {
      return (
        <FormComponent
          validator={validator}
          schema={props.schema}
          formData={props.value as ReadonlyJSONObject}
          uiSchema={{ 'ui:submitButtonOptions': { norender: true } }}
          liveValidate
          showErrorList={false}
          idPrefix="olo-parameter"
          onChange={event => props.change((event.formData ?? {}) as Record<string, unknown>)}
          tagName="div"
        />
      );
    }
  };
});
