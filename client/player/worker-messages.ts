import type { ChannelLabel } from '../../protocol/channels.ts';
import { parseWorkerControl, type WorkerControl } from '../../protocol/control-messages.ts';
import { decodeFrameMessage, type FrameMessage } from '../../protocol/frame-messages.ts';

export interface WorkerMessagesListener {
  handleFrameMessage(message: FrameMessage): void;
  handleControl(message: WorkerControl): void;
}

/** What a worker says on its data channels, parsed. */
export class WorkerMessages {
  readonly #listener: WorkerMessagesListener;
  #garbageReported = false;

  constructor(listener: WorkerMessagesListener) {
    this.#listener = listener;
  }

  handleMessage(label: ChannelLabel, data: ArrayBuffer | string): void {
    try {
      if (label === 'frames' && typeof data !== 'string') {
        this.#listener.handleFrameMessage(decodeFrameMessage(new Uint8Array(data)));
      } else if (label === 'control' && typeof data === 'string') {
        this.#listener.handleControl(parseWorkerControl(data));
      }
    } catch (error) {
      // Once: a worker that sends garbage may do so with every frame.
      if (!this.#garbageReported) console.error('The worker sent garbage.', error);
      this.#garbageReported = true;
    }
  }
}
