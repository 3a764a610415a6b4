import type { Resolution } from '../../protocol/stream-settings.ts';
import type { CatalogueEntry } from '../../renderer/game-catalogue.ts';
import type {
  GameInput,
  GameRuntime,
  RuntimeOptions,
  RuntimeOutput,
  VideoFrame,
} from '../../renderer/game-runtime.ts';

/** A runtime that draws when a test says so and records what it is told. */
export class FakeRuntime implements GameRuntime {
  options: RuntimeOptions | undefined;
  output: RuntimeOutput | undefined;
  readonly inputs: GameInput[] = [];
  readonly shapes: { resolution: Resolution; frameRate: number }[] = [];
  suspended = false;
  closed = false;
  finished = false;
  frameRequests = 0;
  released = 0;
  startError: Error | undefined;
  saved: Uint8Array | undefined;
  saveError: Error | undefined;

  async start(options: RuntimeOptions, output: RuntimeOutput): Promise<void> {
    this.options = options;
    this.output = output;
    if (this.startError) throw this.startError;
  }

  handleInput(input: GameInput): void {
    this.inputs.push(input);
  }

  async reshape(resolution: Resolution, frameRate: number): Promise<void> {
    this.shapes.push({ resolution, frameRate });
  }

  setSuspended(suspended: boolean): void {
    this.suspended = suspended;
  }

  requestFrame(): void {
    this.frameRequests++;
  }

  finish(): Promise<Uint8Array | undefined> {
    this.finished = true;
    return this.save();
  }

  async save(): Promise<Uint8Array | undefined> {
    if (this.saveError) throw this.saveError;
    return this.saved;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** Delivers one frame. */
  drawFrame({ width, height }: Resolution = { width: 512, height: 288 }): void {
    const frame: VideoFrame = {
      format: 'i420',
      width,
      height,
      pixels: new Uint8Array(0),
      frameNumber: 1,
      inputSeq: 0,
      inputReceivedUs: 0,
      tickUs: 0,
      renderedUs: 0,
      release: () => {
        this.released++;
      },
    };
    this.output?.handleFrame(frame);
  }
}

/** A catalogue entry whose runtime is the given fake. */
export function fakeEntry(runtime: GameRuntime): CatalogueEntry {
  return {
    info: {
      id: 'fake',
      title: 'Fake',
      summary: '',
      inputs: ['keyboard'],
      players: 1,
      diagnostic: true,
      pointerLock: false,
      controls: [],
      touchButtons: [],
    },
    needsGpu: false,
    createRuntime: () => runtime,
  };
}
