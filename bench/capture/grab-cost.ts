import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_RESOLUTION } from '../../protocol/stream-settings.ts';
import { systemClock, systemScheduler } from '../../renderer/clock.ts';
import { type GrabReport, X11Capture } from '../../renderer/desktop/capture/x11-capture.ts';
import { XConnection } from '../../renderer/desktop/display/x-connection.ts';
import type { Picture } from '../../renderer/painter.ts';
import { PictureScaler } from '../../server/encode/picture-scaler.ts';
import { until } from '../support/rig.ts';
import type { DisplayEnvironment } from './calibration-display.ts';

/** Beyond what the program draws: every change is grabbed at once, and no wait is in the figures. */
const GRABS_PER_SECOND = 240;
/** Compilers and caches have settled. */
const WARM_UP_MS = 1000;

/** One picture each, milliseconds. */
export interface GrabCost {
  /** From the first news of a change until all pixels are in this process. */
  readonly grabMs: readonly number[];
  /** From there until they are I420. */
  readonly convertMs: readonly number[];
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
  const scaler = new PictureScaler();
  const grabMs: number[] = [];
  const convertMs: number[] = [];
  const convert = async (picture: Picture, { damagedUs, grabbedUs }: GrabReport) => {
    await scaler.scale(picture, DEFAULT_RESOLUTION);
    picture.release();
    grabMs.push((grabbedUs - damagedUs) / 1000);
    convertMs.push((systemClock.nowUs() - grabbedUs) / 1000);
  };
  let converting = Promise.resolve();
  const capture = await X11Capture.open(
    connection,
    {
      resolution: DEFAULT_RESOLUTION,
      frameRate: GRABS_PER_SECOND,
      clock: systemClock,
      scheduler: systemScheduler,
    },
    {
      handlePicture: (picture, report) => {
        converting = converting.then(() => convert(picture, report)).catch(handleFailure);
      },
      handleFailure,
    },
  );
  try {
    capture.start();
    await sleep(WARM_UP_MS);
    grabMs.length = 0;
    convertMs.length = 0;
    const since = process.cpuUsage();
    await until('the pictures', () => broken !== undefined || grabMs.length >= pictures, 120_000);
    const { user, system } = process.cpuUsage(since);
    if (broken) throw broken;
    return { grabMs, convertMs, cpuMs: (user + system) / 1000 / grabMs.length };
  } finally {
    await capture.close();
    await converting;
    scaler.close();
    connection.close();
  }
}
