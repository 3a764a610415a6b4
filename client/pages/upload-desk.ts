import { signal } from '@preact/signals';
import { createContext } from 'preact';
import { BuildUpload, type BuildUploadOptions } from './build-upload.ts';

/** The uploads of this page, which go on whichever part of it is shown. */
export class UploadDesk {
  readonly #uploads = signal<readonly { gameId: string; upload: BuildUpload }[]>([]);

  constructor() {
    addEventListener('beforeunload', (event) => {
      if (this.#uploads.peek().some(({ upload }) => upload.isUnderWay)) event.preventDefault();
    });
  }

  ofGame(gameId: string): readonly BuildUpload[] {
    return this.#uploads.value.filter((one) => one.gameId === gameId).map(({ upload }) => upload);
  }

  /** @param onEnd when it is a build, failed or was cancelled. */
  begin(options: BuildUploadOptions, onEnd: () => void): void {
    const upload = new BuildUpload(options);
    this.#uploads.value = [...this.#uploads.peek(), { gameId: options.gameId, upload }];
    void upload.start().then(onEnd);
  }

  /** Shows it no more. */
  dismiss(upload: BuildUpload): void {
    this.#uploads.value = this.#uploads.peek().filter((one) => one.upload !== upload);
  }
}

/** The one of this page. */
export const UploadContext = createContext(new UploadDesk());
