import { calibrationInfo } from '../../renderer/calibration/calibration-info.ts';
import { createPatternCalibration } from '../../renderer/calibration/pattern-calibration.ts';
import { frameBytes } from '../../renderer/game-runtime.ts';
import { InputTracker } from '../../renderer/input-state.ts';
import { encoderFactories } from '../../server/encode/encoder-ladder.ts';
import { H264Packetizer } from '../../server/transport/h264-packetizer.ts';
import type { PayloadSink } from '../../server/transport/payload-sink.ts';

/** Processor time of one frame on all threads, milliseconds. */
export interface StageCost {
  readonly renderMs: number;
  readonly encodeMs: number;
  readonly packetizeMs: number;
}

interface Conditions {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly bitrateBps: number;
  readonly encoder: string;
  readonly threads: number;
}

const QUIET_HOST = { rumble: () => undefined, setCursor: () => undefined };

/** Takes the packets and keeps none. */
const SINK: PayloadSink = {
  maxPayloadBytes: 1100,
  payloadOffset: 0,
  createPacket: (payloadBytes) => Buffer.allocUnsafe(payloadBytes),
};

/**
 * What the stages of the calibration scene cost each by itself: the product's own classes, one after
 * the other in this process. Threads of a running worker cannot be told apart by name, so this is
 * how a session's processor time is divided.
 */
export async function measureStageCost(conditions: Conditions): Promise<StageCost> {
  const { frames, width, height, frameRate, bitrateBps, threads } = conditions;
  const game = createPatternCalibration({ seed: 1 });
  const input = new InputTracker();
  const pixels = new Uint8Array(frameBytes('i420', { width, height }));
  const [factory] = encoderFactories([conditions.encoder]);
  if (!factory) throw new Error(`There is no encoder ${conditions.encoder}.`);
  const encoder = await factory.open({ width, height, frameRate, bitrateBps, threads });
  const packetizer = new H264Packetizer();
  const spentUs = { render: 0, encode: 0, packetize: 0 };
  const charge = (stage: keyof typeof spentUs, since: NodeJS.CpuUsage) => {
    const { user, system } = process.cpuUsage(since);
    spentUs[stage] += user + system;
  };
  game.resize({ width, height });
  try {
    for (let frameNumber = 0; frameNumber < frames; frameNumber++) {
      const timeS = frameNumber / frameRate;
      let since = process.cpuUsage();
      game.update({ dtS: 1 / frameRate, timeS, frameNumber, inputSeq: 0, input }, QUIET_HOST);
      game.draw(pixels);
      charge('render', since);
      since = process.cpuUsage();
      const { data } = await encoder.encode(pixels, Math.round(timeS * 90_000), frameNumber === 0);
      charge('encode', since);
      since = process.cpuUsage();
      packetizer.packetize(data, SINK);
      charge('packetize', since);
    }
  } finally {
    encoder.close();
    game.close();
  }
  const perFrameMs = (us: number) => us / 1000 / frames;
  return {
    renderMs: perFrameMs(spentUs.render),
    encodeMs: perFrameMs(spentUs.encode),
    packetizeMs: perFrameMs(spentUs.packetize),
  };
}

/** The scene that {@link measureStageCost} draws. */
export const STAGE_COST_GAME = calibrationInfo.id;
