import { ReactWidget } from '@jupyterlab/ui-components';
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
