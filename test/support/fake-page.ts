import type { Scheduler } from '../../client/player/scheduler.ts';

/** An event with the fields of its kind, at a time of the test's clock. */
export function fakeEvent(type: string, fields: object = {}, timeStamp = 0): Event {
  const event = new Event(type, { cancelable: true });
  for (const [name, value] of Object.entries({ ...fields, timeStamp })) {
    Object.defineProperty(event, name, { value });
  }
  return event;
}

/** As much of an element as input needs. */
export class FakeElement extends EventTarget {
  readonly style: { touchAction?: string; cursor?: string } = {};
  readonly localName: string = 'div';
  tabIndex = -1;
  focused = 0;
  readonly captured: number[] = [];
  pointerLockOptions: unknown[] = [];
  refusePointerLock: Error | undefined;

  focus(): void {
    this.focused++;
  }

  setPointerCapture(pointerId: number): void {
    this.captured.push(pointerId);
  }

  contains(other: unknown): boolean {
    return other === this;
  }

  async requestPointerLock(options?: unknown): Promise<void> {
    this.pointerLockOptions.push(options);
    if (options && this.refusePointerLock) throw this.refusePointerLock;
  }

  asElement(): HTMLElement {
    return this as unknown as HTMLElement;
  }
}

type FrameCallback = (nowMs: number, metadata: VideoFrameCallbackMetadata) => void;

export class FakeVideo extends FakeElement {
  override readonly localName = 'video';
  srcObject: unknown = null;
  muted = false;
  playsInline = false;
  autoplay = false;
  videoWidth = 1280;
  videoHeight = 720;
  box = { left: 0, top: 0, width: 1280, height: 720 };
  #callbacks = new Map<number, FrameCallback>();
  #handle = 0;

  async play(): Promise<void> {}

  getBoundingClientRect(): object {
    return this.box;
  }

  requestVideoFrameCallback(callback: FrameCallback): number {
    this.#callbacks.set(++this.#handle, callback);
    return this.#handle;
  }

  cancelVideoFrameCallback(handle: number): void {
    this.#callbacks.delete(handle);
  }

  get pendingFrameCallbacks(): number {
    return this.#callbacks.size;
  }

  /** Shows a frame. */
  display(metadata: Partial<VideoFrameCallbackMetadata>): void {
    const callbacks = [...this.#callbacks.values()];
    this.#callbacks.clear();
    for (const callback of callbacks) callback(0, metadata as VideoFrameCallbackMetadata);
  }

  asVideo(): HTMLVideoElement {
    return this as unknown as HTMLVideoElement;
  }
}

export class FakeAudio {
  srcObject: unknown = null;
  volume = 1;
  paused = true;
  refuse: Error | undefined;

  async play(): Promise<void> {
    if (this.refuse) throw this.refuse;
    this.paused = false;
  }

  pause(): void {
    this.paused = true;
  }

  asAudio(): HTMLAudioElement {
    return this as unknown as HTMLAudioElement;
  }
}

export class FakeDocument extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
  pointerLockElement: Element | null = null;
  fullscreenElement: Element | null = null;
  activeElement: Element | null = null;

  exitPointerLock(): void {
    this.lockPointer(null);
  }

  lockPointer(element: Element | null): void {
    this.pointerLockElement = element;
    this.dispatchEvent(new Event('pointerlockchange'));
  }

  setVisible(visible: boolean): void {
    this.visibilityState = visible ? 'visible' : 'hidden';
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

export class FakeStorage {
  readonly items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}

/** A gamepad of the standard layout. */
export function fakeGamepad(
  index: number,
  state: {
    axes?: readonly number[];
    buttons?: readonly number[];
    timestamp?: number;
    vibrationActuator?: unknown;
  } = {},
): Gamepad {
  const { axes = [0, 0, 0, 0], buttons = [], ...rest } = state;
  return {
    id: `Pad ${index}`,
    index,
    connected: true,
    mapping: 'standard',
    timestamp: 0,
    axes,
    buttons: Array.from({ length: 17 }, (_, button) => {
      const value = buttons[button] ?? 0;
      return { pressed: value > 0.5, touched: value > 0, value };
    }),
    ...rest,
  } as unknown as Gamepad;
}

/** Animation frames at 60 a second on the test's clock. */
export function animationFrames(scheduler: Scheduler): (task: () => void) => () => void {
  return (task) => {
    const nowMs = scheduler.now();
    const nextMs = (Math.floor((nowMs * 60) / 1000) + 1) * (1000 / 60);
    return scheduler.after(nextMs - nowMs, task);
  };
}
