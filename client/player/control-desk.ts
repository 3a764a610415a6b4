import type { WorkerControl } from '../../protocol/control-messages.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { PlayerInput } from './input/player-input.ts';
import type { StreamMonitor } from './media/stream-monitor.ts';
import type { PlayFlow } from './play-flow.ts';
import type { PlayerSnapshot } from './player-snapshot.ts';

export interface ControlDeskParts {
  readonly monitor: StreamMonitor;
  readonly input: PlayerInput;
  readonly flow: () => PlayFlow | undefined;
  readonly publish: (change: Partial<PlayerSnapshot>) => void;
}

/** Does what a worker says on `control`. */
export class ControlDesk {
  readonly #parts: ControlDeskParts;

  constructor(parts: ControlDeskParts) {
    this.#parts = parts;
  }

  handle(message: WorkerControl): void {
    const { monitor, input, flow, publish } = this.#parts;
    switch (message.type) {
      case 'hello':
        if (message.protocol !== PROTOCOL_VERSION) {
          flow()?.handleMismatch(
            'This page and the container speak different versions of Rockpool. Reload the page.',
          );
          return;
        }
        publish({ game: message.game, progress: undefined });
        this.#handleStream(message);
        break;
      case 'stream':
        this.#handleStream(message);
        break;
      case 'health':
        monitor.handleHealth(message);
        break;
      case 'machine':
        monitor.handleMachine(message.keepsUp);
        break;
      case 'rumble':
        input.rumble(message.pad, message.strong, message.weak, message.durationMs);
        break;
      case 'cursor':
        input.setCursor(message);
        break;
      case 'sharing': {
        const { type: _, ...sharing } = message;
        publish({ sharing });
        break;
      }
      case 'guest': {
        const { type: _, ...guest } = message;
        input.setRights(guest.rights);
        publish({ guest });
        break;
      }
      case 'progress': {
        const { type: _, ...progress } = message;
        flow()?.game.handleProgress();
        publish({ progress });
        break;
      }
      case 'error':
        console.error(`The worker refused a message: ${message.error.message}`);
        break;
      case 'bye':
        flow()?.end(message.reason, message.detail);
        break;
    }
  }

  #handleStream(shape: Extract<WorkerControl, { type: 'hello' | 'stream' }>): void {
    const { monitor, input, publish } = this.#parts;
    monitor.handleShape(shape);
    input.setGameSize(shape.resolution);
    publish({ stream: monitor.stream });
  }
}
