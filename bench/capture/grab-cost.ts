import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_RESOLUTION } from '../../protocol/stream-settings.ts';
import { systemClock, systemScheduler } from '../../renderer/clock.ts';
import { X11Capture } from '../../renderer/desktop/capture/x11-capture.ts';
import { XConnection } from '../../renderer/desktop/display/x-connection.ts';
import { until } from '../support/rig.ts';
import type { DisplayEnvironment } from './calibration-display.ts';

/** Beyond what the program draws: every change is grabbed at once, and no wait is in the figures. */
const GRABS_PER_SECOND = 240;
/** Compilers and caches have settled. */
const WARM_UP_MS = 1000;

/** One picture each, milliseconds. */
export interface GrabCost {
  /** From the first news of a change until all of the picture is in this process, as I420. */
  readonly grabMs: readonly number[];
  /** Processor time of this process for a picture, all threads. */
  readonly cpuMs: number;
}

/**
 * What the product's classes take to bring a picture of a display into the encoder's format, one
 * after the other in this process, with nothing else to do.
 * @param display with the calibration program on it.
 */
export async function measureGrabCost(
  { DISPLAY, XAUTHORITY }: DisplayEnvironment,
  pictures: number,
): Promise<GrabCost> {
  let broken: Error | undefined;
  const handleFailure = (error: Error) => {
    broken ??= error;
  };
  const connection = await XConnection.open({
    display: DISPLAY,
    authorityFile: XAUTHORITY,
    handleFailure,
  });
  const grabMs: number[] = [];
  const capture = await X11Capture.open(
    connection,
    {
      resolution: DEFAULT_RESOLUTION,
      frameRate: GRABS_PER_SECOND,
      clock: systemClock,
      scheduler: systemScheduler,
    },
    {
      handlePicture: (picture, { damagedUs, grabbedUs }) => {
        picture.release();
        grabMs.push((grabbedUs - damagedUs) / 1000);
      },
      handleFailure,
    },
  );
  try {
    capture.start();
    await sleep(WARM_UP_MS);
    grabMs.length = 0;
    const since = process.cpuUsage();
    await until('the pictures', () => broken !== undefined || grabMs.length >= pictures, 120_000);
    const { user, system } = process.cpuUsage(since);
    if (broken) throw broken;
    return { grabMs, cpuMs: (user + system) / 1000 / grabMs.length };
  } finally {
    await capture.close();
    connection.close();
  }
}
