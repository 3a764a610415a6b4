import type { EncoderReport, GpuReport } from '../../protocol/container-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { GameId } from '../../protocol/ids.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { fromProbeSchema, type ProbeOrder } from '../worker/worker-messages.ts';
import { WorkerProcess, workerScript } from './worker-process.ts';

/** What this machine was measured to do. */
export interface Capabilities {
  readonly encoders: readonly EncoderReport[];
  readonly gpu: GpuReport;
  /** Why games that need a GPU are missing, with what to install. */
  readonly gpuAdvice: string | undefined;
  /** The games that run here, with the picture size each sustains. */
  readonly autoResolutions: ReadonlyMap<GameId, Resolution>;
}

export interface ProbeOptions extends Omit<ProbeOrder, 'type'> {
  /** Aborted: the measuring is given up. */
  readonly signal: AbortSignal;
  handleCover(gameId: GameId, webp: Uint8Array): void;
}

export interface Probe {
  readonly capabilities: Promise<Capabilities>;
  /** Resolves when the covers are rendered too. */
  readonly done: Promise<void>;
  close(): Promise<void>;
}

/**
 * A driver that hangs for longer makes the machine unfit. On a quiet one it all takes seconds; a busy
 * one was seen to take more than a minute.
 */
const PROBE_TIMEOUT_MS = 180_000;
const TOOK_TOO_LONG =
  'Measuring this machine took longer than three minutes. Where it is not that busy, a driver hangs: ' +
  'ROCKPOOL_ENCODERS=libx264 leaves out those of graphics cards.';

/**
 * Measures encoders, GPU and games in a process of its own, because a broken driver takes its
 * process with it. Covers are rendered once the capabilities are known.
 */
export function startProbe({ handleCover, signal: abort, ...order }: ProbeOptions): Probe {
  const child = new WorkerProcess(workerScript('probe-worker'), fromProbeSchema);
  let tookTooLong = false;
  const timer = setTimeout(() => {
    tookTooLong = true;
    child.kill();
  }, PROBE_TIMEOUT_MS);
  const giveUp = () => child.kill();
  abort.addEventListener('abort', giveUp);
  if (abort.aborted) giveUp();
  const capabilities = new Promise<Capabilities>((resolve, reject) => {
    child.listen({
      handleMessage(message) {
        if (message.type === 'cover') handleCover(message.gameId, message.webp);
        if (message.type !== 'capabilities') return;
        clearTimeout(timer);
        const { encoders, gpu, gpuAdvice, games } = message;
        const autoResolutions = new Map(games.map((game) => [game.gameId, game.autoResolution]));
        resolve({ encoders, gpu, gpuAdvice, autoResolutions });
      },
      handleMalformed(cause) {
        child.kill();
        reject(new RockpoolError('internal', 'The probe said something unknown.', { cause }));
      },
      handleExit({ code, signal }) {
        clearTimeout(timer);
        abort.removeEventListener('abort', giveUp);
        const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
        const message = tookTooLong ? TOOK_TOO_LONG : `The probe of this machine ${how}.`;
        reject(new RockpoolError('internal', message));
      },
    });
  });
  child.send({ type: 'probe', ...order });
  return {
    capabilities,
    done: child.exited.then(() => undefined),
    close: async () => {
      clearTimeout(timer);
      child.kill();
      await child.exited;
    },
  };
}
