import type { GameInfo } from '../protocol/game-info.ts';
import type { GameId } from '../protocol/ids.ts';
import type { Resolution } from '../protocol/stream-settings.ts';
import type { Build } from './builds/build-folder.ts';
import { BuiltInRuntime, type RuntimeTime, systemTime } from './built-in-runtime.ts';
import { calibrationInfo, gpuCalibrationInfo } from './calibration/calibration-info.ts';
import { DeferredRuntime } from './deferred-runtime.ts';
import { delayPainter } from './delayed-painter.ts';
import type { GameRuntime } from './game-runtime.ts';
import type { OpenPainter } from './painter.ts';
import { skimmerInfo } from './skimmer/skimmer-info.ts';

/** What a game draws by itself, whatever it is told. */
export interface OwnDisplay {
  /** At the start. */
  readonly resolution: Resolution;
  /** Whether the game follows `GameRuntime.reshape`. */
  readonly resizable: boolean;
  /** Frames a second, at most. */
  readonly frameRate: number;
}

/** What an operator lets builds do. */
export interface BuildAllowance {
  readonly network: boolean;
  /** How long they may take to show a window, milliseconds; 20 seconds where left out. */
  readonly windowLimitMs?: number;
}

/** A game this container can run. */
export interface CatalogueEntry {
  readonly info: GameInfo;
  /** Whether it needs a GPU, real or software. */
  readonly needsGpu: boolean;
  /** Undefined where the game draws at any size and rate it is told. */
  readonly display?: OwnDisplay;
  /**
   * A fresh runtime for one session.
   * @param time what its loops run on; the system's where left out.
   * @param renderDelayMs later than they are pictures of built-in games are finished, on purpose.
   */
  createRuntime(time?: RuntimeTime, renderDelayMs?: number): GameRuntime;
}

function builtIn(info: GameInfo, needsGpu: boolean, openPainter: OpenPainter): CatalogueEntry {
  return {
    info,
    needsGpu,
    createRuntime: (time = systemTime, renderDelayMs = 0) => {
      if (renderDelayMs === 0) return new BuiltInRuntime(openPainter, time);
      return new BuiltInRuntime(delayPainter(openPainter, renderDelayMs, time.scheduler), time);
    },
  };
}

/*
 * Games and what draws them are loaded when a session starts: a process that runs none, or none that
 * needs a GPU, never loads Dawn.
 */
const openSkimmer: OpenPainter = async (...session) => {
  const { openGpuPainter } = await import('./webgpu/gpu-painter.ts');
  const { createSkimmer } = await import('./skimmer/skimmer-game.ts');
  return openGpuPainter(createSkimmer)(...session);
};

const openPatternCalibration: OpenPainter = async (...session) => {
  const { openPatternPainter } = await import('./pattern/pattern-painter.ts');
  const { createPatternCalibration } = await import('./calibration/pattern-calibration.ts');
  return openPatternPainter(createPatternCalibration)(...session);
};

const openGpuCalibration: OpenPainter = async (...session) => {
  const { openGpuPainter } = await import('./webgpu/gpu-painter.ts');
  const { createGpuCalibration } = await import('./calibration/gpu-calibration.ts');
  return openGpuPainter(createGpuCalibration)(...session);
};

const ENTRIES: readonly CatalogueEntry[] = [
  builtIn(skimmerInfo, true, openSkimmer),
  builtIn(calibrationInfo, false, openPatternCalibration),
  builtIn(gpuCalibrationInfo, true, openGpuCalibration),
];

/** The games built into Rockpool. */
export const BUILT_IN_GAMES: ReadonlyMap<GameId, CatalogueEntry> = new Map(
  ENTRIES.map((entry) => [entry.info.id, entry]),
);

/** A build as a game of this container. */
export function buildEntry(build: Build, allowed: BuildAllowance): CatalogueEntry {
  const { resolution, resizable, frameRate, network } = build.manifest;
  return {
    info: build.info,
    needsGpu: false,
    display: { resolution, resizable, frameRate },
    createRuntime: (time = systemTime) =>
      new DeferredRuntime(async () => {
        const { DesktopRuntime } = await import('./desktop/desktop-runtime.ts');
        return new DesktopRuntime({ ...allowed, build, network: network && allowed.network, time });
      }),
  };
}
