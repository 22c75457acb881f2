import { Dialog, showDialog } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Asks for a new login once, however many requests find that the old one has expired. */
export class LoginPrompt {
  constructor(
    private readonly trans: TranslationBundle,
    /** Called when the person is back from the login page. */
    private readonly back: () => void
  ) {}

  async ask(): Promise<void> {
    if (this.#asked) {
      return;
    }
    this.#asked = true;
    const { trans } = this;
    const { button } = await showDialog({
      title: trans.__('Your login has expired'),
      body: trans.__('Log in again in a new tab and come back: this page goes on where it was. Nothing is lost.'),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Not now') }),
        Dialog.okButton({ label: trans.__('Log in again') })
      ]
    });
    if (button.accept) {
      window.open(URLExt.join(PageConfig.getBaseUrl(), 'login'), '_blank', 'noopener');
    }
    window.addEventListener(
      'focus',
      () => {
        this.#asked = false;
        this.back();
      },
      { once: true }
    );
  }

  #asked = false;
}
