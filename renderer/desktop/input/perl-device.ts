import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { DeviceFile } from './device-file.ts';
import { PERL_DEVICE_SCRIPT } from './perl-device-script.ts';

const HEADER_BYTES = 5;
const INT_IOCTL = 0x69; // i
const BUFFER_IOCTL = 0x62; // b
const WRITE = 0x77; // w
const OPENED = 0x6f; // o
const RESULT = 0x72; // r
const DATA = 0x64; // d

interface Waiting {
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: Error) => void;
}

function reasonOf(errno: number): string {
  return getSystemErrorName(-errno);
}

/**
 * A device opened by a Perl process of its own. Node has no ioctl; Perl has, and every Debian has
 * Perl (package perl-base, "essential"), so this needs neither native code nor a package.
 */
export class PerlDevice implements DeviceFile {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #handleRead: (bytes: Uint8Array) => void;
  readonly #exited: Promise<void>;
  /** The opening and ioctls without an answer, the oldest first. */
  readonly #waiting: Waiting[] = [];
  #unread: Buffer = Buffer.alloc(0);
  #ended = false;

  private constructor(path: string, handleRead: (bytes: Uint8Array) => void, perl: string) {
    this.#handleRead = handleRead;
    this.#process = spawn(perl, ['-e', PERL_DEVICE_SCRIPT, path], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {},
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once('error', (cause) => {
        this.#end(
          new RockpoolError('missing-package', `${perl} does not start; install perl-base.`, {
            cause,
          }),
        );
        // A process that never began has no streams to close.
        if (this.#process.pid === undefined) resolve();
      });
      this.#process.once('close', () => {
        this.#end(new RockpoolError('internal', `The process that holds ${path} has ended.`));
        resolve();
      });
    });
    // A broken pipe is told by 'close' too.
    this.#process.stdin.on('error', () => this.#end(new RockpoolError('internal', 'broken pipe')));
    this.#process.stdout.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  /**
   * @param perl the interpreter.
   * @throws RockpoolError `missing-package` where the device or Perl cannot be opened.
   */
  static async open(
    path: string,
    handleRead: (bytes: Uint8Array) => void,
    perl = '/usr/bin/perl',
  ): Promise<PerlDevice> {
    const device = new PerlDevice(path, handleRead, perl);
    try {
      const errno = (await device.#answer()).readUInt32LE(0);
      if (errno !== 0) {
        throw new RockpoolError('missing-package', `${path} cannot be opened: ${reasonOf(errno)}.`);
      }
      return device;
    } catch (error) {
      await device.close();
      throw error;
    }
  }

  async ioctl(request: number, argument: number | Uint8Array): Promise<Uint8Array> {
    if (this.#ended) throw new RockpoolError('internal', 'The device is closed.');
    const isNumber = typeof argument === 'number';
    const payload = Buffer.alloc(4 + (isNumber ? 4 : argument.length));
    payload.writeUInt32LE(request, 0);
    if (isNumber) payload.writeUInt32LE(argument, 4);
    else payload.set(argument, 4);
    this.#send(isNumber ? INT_IOCTL : BUFFER_IOCTL, payload);
    const answer = await this.#answer();
    const errno = answer.readUInt32LE(0);
    if (errno !== 0) {
      const name = `0x${request.toString(16)}`;
      throw new RockpoolError('internal', `The device refuses ${name}: ${reasonOf(errno)}.`);
    }
    return answer.subarray(4);
  }

  write(bytes: Uint8Array): void {
    if (!this.#ended) this.#send(WRITE, bytes);
  }

  /** The kernel closes the device as the process ends, after all that was written before. */
  async close(): Promise<void> {
    this.#end(new RockpoolError('internal', 'The device was closed.'));
    this.#process.stdin.end();
    await this.#exited;
  }

  #send(kind: number, payload: Uint8Array): void {
    const frame = Buffer.alloc(HEADER_BYTES + payload.length);
    frame.writeUInt8(kind, 0);
    frame.writeUInt32LE(payload.length, 1);
    frame.set(payload, HEADER_BYTES);
    this.#process.stdin.write(frame);
  }

  #answer(): Promise<Buffer> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #take(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#unread.readUInt32LE(1);
      if (this.#unread.length < end) return;
      const kind = this.#unread.readUInt8(0);
      const payload = this.#unread.subarray(HEADER_BYTES, end);
      this.#unread = this.#unread.subarray(end);
      if (kind === RESULT || kind === OPENED) this.#waiting.shift()?.resolve(payload);
      else if (kind === DATA && !this.#ended) this.#handleRead(payload);
    }
  }

  #end(error: RockpoolError): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
