import type { DeviceFile, OpenDevice } from '../../renderer/desktop/input/device-file.ts';

const UI_GET_VERSION = 0x8004_552d;
const UI_GET_SYSNAME = 0x8040_552c;

/** A kernel's uinput that notes what it is told. */
export class FakeUinput {
  readonly devices: FakeDevice[] = [];
  version = 5;
  /** An ioctl of this number fails. */
  refused: number | undefined;

  readonly open: OpenDevice = async (_path, handleRead) => {
    const device = new FakeDevice(this, this.devices.length, handleRead);
    this.devices.push(device);
    return device;
  };
}

export class FakeDevice implements DeviceFile {
  readonly #kernel: FakeUinput;
  readonly #index: number;
  readonly #handleRead: (bytes: Uint8Array) => void;
  readonly #answers = new Map<number, Buffer>();
  readonly ioctls: { readonly request: number; readonly argument: number | Uint8Array }[] = [];
  readonly written: Buffer[] = [];
  closed = 0;

  constructor(kernel: FakeUinput, index: number, handleRead: (bytes: Uint8Array) => void) {
    this.#kernel = kernel;
    this.#index = index;
    this.#handleRead = handleRead;
  }

  async ioctl(request: number, argument: number | Uint8Array): Promise<Uint8Array> {
    this.ioctls.push({ request, argument });
    if (request === this.#kernel.refused) throw new Error('refused');
    if (request === UI_GET_VERSION) return new Uint8Array([this.#kernel.version, 0, 0, 0]);
    if (request === UI_GET_SYSNAME) return Buffer.from(`input${this.#index}\0\0\0`);
    return this.#answers.get(request) ?? (typeof argument === 'number' ? Buffer.of() : argument);
  }

  write(bytes: Uint8Array): void {
    if (this.closed === 0) this.written.push(Buffer.from(bytes));
  }

  async close(): Promise<void> {
    this.closed++;
  }

  /** What an ioctl of this number leaves in its buffer. */
  answer(request: number, bytes: Buffer): void {
    this.#answers.set(request, bytes);
  }

  /** The kernel says something. */
  say(bytes: Uint8Array): void {
    this.#handleRead(bytes);
  }

  /** Reports since the last call: `type code value` of each event. */
  takeReports(): string[][] {
    return this.written.splice(0).map((bytes) => {
      const events: string[] = [];
      for (let at = 16; at < bytes.length; at += 24) {
        const [type, code, value] = [
          bytes.readUInt16LE(at),
          bytes.readUInt16LE(at + 2),
          bytes.readInt32LE(at + 4),
        ];
        events.push(`${type} ${code} ${value}`);
      }
      return events;
    });
  }
}
