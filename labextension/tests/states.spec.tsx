import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import * as React from 'react';
import { act } from 'react-dom/test-utils';

import { ApiError } from '../src/frame/api';
import { Resource } from '../src/frame/resource';
import { Loaded } from '../src/frame/states';
import type { IOlo } from '../src/frame/tokens';
import { OloWidget } from '../src/frame/widget';

const olo = { trans: nullTranslator.load('olo_jupyter') } as unknown as IOlo;

async function draw(resource: Resource<string>): Promise<OloWidget> {
  const widget = new OloWidget(olo, <Loaded resource={resource}>{value => <p>{value}</p>}</Loaded>);
  await act(async () => {
    Widget.attach(widget, document.body);
    await new Promise(done => setTimeout(done, 20));
  });
  return widget;
}

const click = (widget: Widget): Promise<void> =>
  act(async () => {
    widget.node.querySelector('button')!.click();
    await new Promise(done => setTimeout(done, 20));
  });

describe('Loaded', () => {
  it('goes from loading over an error with a hint to the value, by the button', async () => {
    let works = false;
    const resource = new Resource(async () => {
      if (!works) {
        throw new ApiError('Airflow does not answer.', 'unreachable', 'Is it running?', 503);
      }
      return 'three jobs';
    });
    const widget = await draw(resource);
    expect(widget.node.querySelector('[role="alert"]')!.textContent).toBe(
      'Airflow does not answer.Is it running?Try again'
    );
    works = true;
    await click(widget);
    expect(widget.node.textContent).toBe('three jobs');
    works = false;
    await act(() => resource.load());
    expect(widget.node.textContent).toContain('three jobs');
    expect(widget.node.querySelector('[role="alert"]')!.textContent).toContain('Not up to date');
    widget.dispose();
  });

  it('offers no retry to who may not see it', async () => {
    const resource = new Resource<string>(async () => {
      throw new ApiError('Only data engineers may.', 'forbidden', 'Ask your workspace admin.', 403);
    });
    const widget = await draw(resource);
    expect(widget.node.textContent).toContain('You have no permission for this');
    expect(widget.node.textContent).toContain('Ask your workspace admin.');
    expect(widget.node.querySelector('button')).toBeNull();
    widget.dispose();
  });

  it('is no failure where a part is not set up, and says how it is', async () => {
    let hint = 'Name one in olo.yml.';
    const resource = new Resource(async () => {
      if (hint) {
        throw new ApiError('No backend for experiments is set up.', 'experiments-not-configured', hint, 422);
      }
      return 'two experiments';
    });
    const widget = await draw(resource);
    expect(widget.node.querySelector('[role="alert"]')).toBeNull();
    expect(widget.node.textContent).toBe('No backend for experiments is set up.Name one in olo.yml.Look again');
    hint = '';
    await click(widget);
    expect(widget.node.textContent).toBe('two experiments');
    widget.dispose();
  });

  it('shows markup in a name as text', async () => {
    const widget = await draw(new Resource(async () => '<img src=x onerror="alert(1)">'));
    expect([widget.node.querySelector('img'), widget.node.textContent]).toEqual([
      null,
      '<img src=x onerror="alert(1)">'
    ]);
    widget.dispose();
  });

  it('reads nothing while it is out of sight', async () => {
    let reads = 0;
    const resource = new Resource(async () => `read ${++reads}`);
    const widget = await draw(resource);
    await act(async () => widget.hide());
    resource.invalidate();
    await act(() => new Promise(done => setTimeout(done, 20)));
    expect(reads).toBe(1);
    await act(async () => {
      widget.show();
      await new Promise(done => setTimeout(done, 20));
    });
    expect([reads, widget.node.textContent]).toEqual([2, 'read 2']);
    widget.dispose();
  });
});
