import type { PlayerEnvironment } from './player-environment.ts';

type PageWindow = PlayerEnvironment['window'];
type PageDocument = PlayerEnvironment['document'];

export interface PageLifeListener {
  /** The page goes away, perhaps without another word: a phone may end a hidden one. */
  handleLeaving(): void;
  /** The page is there, after it may have gone. */
  handleBack(): void;
  handleVisibility(visible: boolean): void;
}

/** What becomes of the page that a game is played in. */
export class PageLife {
  readonly #window: PageWindow;
  readonly #document: PageDocument;
  readonly #listener: PageLifeListener;

  constructor(window: PageWindow, document: PageDocument, listener: PageLifeListener) {
    this.#window = window;
    this.#document = document;
    this.#listener = listener;
    window.addEventListener('pagehide', this.#handleHide);
    window.addEventListener('pageshow', this.#handleShow);
    document.addEventListener('visibilitychange', this.#handleVisibility);
  }

  get hidden(): boolean {
    return this.#document.visibilityState === 'hidden';
  }

  close(): void {
    this.#window.removeEventListener('pagehide', this.#handleHide);
    this.#window.removeEventListener('pageshow', this.#handleShow);
    this.#document.removeEventListener('visibilitychange', this.#handleVisibility);
  }

  readonly #handleHide = (): void => this.#listener.handleLeaving();

  readonly #handleShow = (): void => this.#listener.handleBack();

  readonly #handleVisibility = (): void => {
    const { hidden } = this;
    if (hidden) this.#listener.handleLeaving();
    else this.#listener.handleBack();
    this.#listener.handleVisibility(!hidden);
  };
}
