import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { afterAll, describe, it } from 'vitest';
import type { X11InputClient } from '../../renderer/desktop/input/xtest-port.ts';

/** The part of an `x11` connection that tests use. */
export interface X11TestClient extends Omit<X11InputClient, 'display'> {
  readonly display: X11InputClient['display'] & {
    readonly screen: readonly { readonly root: number }[];
  };
  on(event: 'event', listener: (event: X11Event) => void): void;
  on(event: 'error', listener: (error: unknown) => void): void;
  AllocID(): number;
  CreateWindow(
    window: number,
    parent: number,
    ...geometryAndRest: readonly (number | { readonly eventMask: number })[]
  ): void;
  MapWindow(window: number): void;
  SetInputFocus(window: number, revertTo: number): void;
  ChangeKeyboardControl(values: { readonly autoRepeatMode: 0 | 1 }): void;
  sync(): Promise<void>;
  close(done: () => void): void;
}

export interface X11Event {
  readonly name: string;
  readonly keycode: number;
  /** Modifiers and buttons held before the event (X protocol, SETofKEYBUTMASK). */
  readonly buttons: number;
  readonly rootx: number;
  readonly rooty: number;
}

interface X11Module {
  createClient(
    options: { readonly display: string },
    done: (error: unknown, display: { readonly client: X11TestClient }) => void,
  ): void;
}

const x11 = createRequire(import.meta.url)('x11') as X11Module;

export interface TestXServer {
  /** As in `DISPLAY`. */
  readonly display: string;
  connect(): Promise<X11TestClient>;
}

export type XServerUnderTest =
  | { readonly server: TestXServer; readonly process: ChildProcess }
  | { readonly missing: string };

/** An Xvfb of 1280 × 720, or why there is none. */
export async function xServerUnderTest(): Promise<XServerUnderTest> {
  const args = ['-displayfd', '3', '-screen', '0', '1280x720x24', '-nolisten', 'tcp', '-noreset'];
  const process = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const numbers = process.stdio[3] as Readable;
  const missing = new Promise<string>((resolve) => {
    process.once('error', (error) => resolve(error.message));
    process.once('exit', (code) => resolve(`Xvfb ended with ${code}`));
  });
  const first = await Promise.race([once(numbers, 'data'), missing]);
  if (typeof first === 'string') return { missing: first };
  const display = `:${String(first[0]).trim()}`;
  const connect = () =>
    new Promise<X11TestClient>((resolve, reject) => {
      x11.createClient({ display }, (error, opened) => {
        if (error) reject(error);
        else resolve(opened.client);
      });
    });
  return { server: { display, connect }, process };
}

/** Runs a suite on an X server; without one it is counted as skipped, under its name and the reason. */
export function describeWithXServer(
  name: string,
  subject: XServerUnderTest,
  suite: (server: TestXServer) => void,
): void {
  if (!('server' in subject)) {
    it.skip(`${name} (needs Xvfb, and there is none: ${subject.missing})`, () => {});
    return;
  }
  const { server, process } = subject;
  describe(name, () => {
    afterAll(async () => {
      const exited = once(process, 'exit');
      process.kill();
      await exited;
    });
    suite(server);
  });
}
