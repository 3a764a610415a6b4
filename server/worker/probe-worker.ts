import { pino } from 'pino';
import type { GpuReport } from '../../protocol/container-messages.ts';
import { toRockpoolError } from '../../protocol/errors.ts';
import type { GameId } from '../../protocol/ids.ts';
import { DEFAULT_RESOLUTION, type Resolution } from '../../protocol/stream-settings.ts';
import { systemClock } from '../../renderer/clock.ts';
import { coverOfFile, renderCover } from '../../renderer/cover.ts';
import { BUILT_IN_GAMES, type CatalogueEntry } from '../../renderer/game-catalogue.ts';
import { chooseResolution, measureRuntime } from '../../renderer/render-speed.ts';
import { openGpu } from '../../renderer/webgpu/gpu-device.ts';
import { encoderFactories } from '../encode/encoder-ladder.ts';
import { probeEncoders } from '../encode/encoder-probe.ts';
import { listenToParent, tellParent } from './worker-channel.ts';
import { type ProbeOrder, probeOrderSchema } from './worker-messages.ts';

/** Measures the machine in a process that a broken driver may take with it, then exits. */
const log = pino({ base: { probe: process.pid } }, pino.destination(2));

/** The GPU, or why there is none. */
async function probeGpu(): Promise<{ gpu: GpuReport; advice: string | undefined }> {
  try {
    return { gpu: (await openGpu()).report, advice: undefined };
  } catch (error) {
    const { message } = toRockpoolError(error);
    return { gpu: { kind: 'none', description: 'none' }, advice: message };
  }
}

/** Only a software GPU is slow enough for the size to matter. */
async function sustained(entry: CatalogueEntry, gpu: GpuReport): Promise<Resolution> {
  if (!entry.needsGpu || gpu.kind !== 'software') return DEFAULT_RESOLUTION;
  return chooseResolution((resolution) => measureRuntime(entry, resolution));
}

async function probe({ encoders: names, games, covers, coverFiles }: ProbeOrder): Promise<void> {
  const { gpu, advice } = await probeGpu();
  const encoders = await probeEncoders(encoderFactories(names), systemClock, (encoder, error) =>
    log.debug({ err: error, encoder }, 'an encoder does not work here'),
  );
  const measured: { gameId: GameId; autoResolution: Resolution }[] = [];
  for (const gameId of games) {
    const entry = BUILT_IN_GAMES.get(gameId);
    if (!entry || (entry.needsGpu && gpu.kind === 'none')) continue;
    try {
      measured.push({ gameId, autoResolution: await sustained(entry, gpu) });
    } catch (error) {
      log.error({ err: error, gameId }, 'a game does not run here');
    }
  }
  tellParent({
    type: 'capabilities',
    encoders,
    gpu,
    ...(advice ? { gpuAdvice: advice } : {}),
    games: measured,
  });
  for (const { gameId, path } of coverFiles) await makeCover(gameId, () => coverOfFile(path));
  for (const { gameId } of measured) {
    const entry = BUILT_IN_GAMES.get(gameId);
    if (entry && covers.includes(gameId)) await makeCover(gameId, () => renderCover(entry));
  }
}

async function makeCover(gameId: GameId, make: () => Promise<Uint8Array>): Promise<void> {
  try {
    tellParent({ type: 'cover', gameId, webp: await make() });
  } catch (error) {
    log.error({ err: error, gameId }, 'a cover could not be made');
  }
}

listenToParent(probeOrderSchema, async (order) => {
  await probe(order);
  process.disconnect();
});
