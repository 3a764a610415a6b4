import { RockpoolError } from '../../../protocol/errors.ts';
import type { Scheduler } from '../../clock.ts';

/** It takes 20 to 60 ms on two cores, with PipeWire 300. */
const START_TIMEOUT_MS = 10_000;
/** `sockaddr_un.sun_path` holds 108 bytes, the last of them zero (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * Mixes what the programs of one session play, and writes it into a FIFO at the pace of the clock. It
 * may rest while none plays, and goes on with the first sound.
 */
export interface SoundDaemon {
  /** Where programs reach it, with PulseAudio's protocol. */
  readonly socketPath: string;
  /** Where the sound comes out: interleaved 32-bit floats, 48 kHz, stereo. Nobody else writes there. */
  readonly fifoPath: string;
  /** Why and how it ended. */
  readonly exited: Promise<RockpoolError>;
  /** Idempotent; resolves when its processes are gone. */
  close(): Promise<void>;
}

/**
 * @param folder private to the daemon; exists.
 * @throws RockpoolError `missing-package` where its programs are not on PATH, `internal` where it does
 * not start, `bad-configuration` where the folder's path is too long for a socket.
 */
export type StartSoundDaemon = (folder: string, scheduler: Scheduler) => Promise<SoundDaemon>;

/** @throws RockpoolError `bad-configuration` where a socket cannot have this path. */
export function checkSocketPath(path: string): void {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return;
  throw new RockpoolError(
    'bad-configuration',
    `The path ${path} is too long for a socket: choose a shorter data folder.`,
  );
}

/** Resolves with `up`. @throws RockpoolError why it will not, and where it takes too long. */
export async function untilUp(
  program: string,
  up: Promise<void>,
  exited: Promise<RockpoolError>,
  scheduler: Scheduler,
): Promise<void> {
  let cancelTimeout: () => void = () => undefined;
  const timeout = new Promise<never>((_, reject) => {
    cancelTimeout = scheduler.after(START_TIMEOUT_MS, () => {
      reject(new RockpoolError('internal', `${program} did not start within 10 s.`));
    });
  });
  const failure = exited.then((error) => Promise.reject(error));
  try {
    await Promise.race([up, failure, timeout]);
  } finally {
    cancelTimeout();
    // Settled or not, this race was the only one to hear of it.
    failure.catch(() => undefined);
  }
}

/** @param how such as `exit code 1`. @param complaint what it said last. */
export function daemonEnded(program: string, how: string, complaint: string): RockpoolError {
  const why = complaint.trim();
  return new RockpoolError(
    'internal',
    `${program} ended with ${how}: there is no sound from here on.${why ? ` It said: ${why}` : ''}`,
  );
}
