import { randomUUID } from 'node:crypto';
import type { ContainerId, JoinTokenId, PlayerId, SessionId } from '../../protocol/ids.ts';
import type { PairingDecision } from '../../protocol/pairing-decision.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import type {
  ContainerRecord,
  JoinTokenRecord,
  SessionStart,
} from '../../signaling/store/store.ts';

/** A Thursday; what a test does happens some milliseconds later. */
export const START_MS = 1_795_712_400_000;

export const newSessionId = () => randomUUID() as SessionId;
export const newPlayerId = () => randomUUID() as PlayerId;
export const newContainerId = () => randomUUID() as ContainerId;

export function containerRecord(changes: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    containerId: newContainerId(),
    publicKey: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    name: 'Attic',
    region: 'eu-west',
    pricePerHour: 0.1,
    firstSeenAtMs: START_MS,
    lastSeenAtMs: START_MS,
    state: 'joined',
    gpu: 'NVIDIA GeForce RTX 3060',
    cpus: 7.5,
    memoryBytes: 32 * 2 ** 30 + 1,
    encoders: [
      { name: 'h264_nvenc', codec: 'h264', hardware: true, pixelsPerSecond: 497_664_000.5 },
      { name: 'libx264', codec: 'h264', hardware: false, pixelsPerSecond: 124_416_000 },
    ],
    ...changes,
  };
}

export function pairingDecision(containerId = newContainerId()): PairingDecision {
  return {
    parametersVersion: 1,
    seed: 0xffff_ffff,
    waitedMs: 1234.5,
    latencyLimitMs: 80,
    considered: 3,
    rejected: { 'too-far': 1, full: 1 },
    ranked: [
      {
        containerId,
        name: 'Attic',
        region: 'eu-west',
        scoreMs: 21.25,
        terms: { path: 18.1, quality: 0, headroom: 2.15, warmth: 0, price: 1 },
        pathSource: 'measured',
      },
    ],
  };
}

export function sessionStart(changes: Partial<SessionStart> = {}): SessionStart {
  return {
    sessionId: newSessionId(),
    playerId: newPlayerId(),
    containerId: newContainerId(),
    gameId: 'skimmer',
    startedAtMs: START_MS,
    decision: pairingDecision(),
    ...changes,
  };
}

export function joinTokenRecord(changes: Partial<JoinTokenRecord> = {}): JoinTokenRecord {
  return {
    tokenId: randomUUID() as JoinTokenId,
    hash: randomUUID(),
    name: "Anna's PC",
    once: false,
    createdAtMs: START_MS,
    expiresAtMs: undefined,
    revokedAtMs: undefined,
    lastUsedAtMs: undefined,
    containerIds: [],
    ...changes,
  };
}

export const QUALITY: QualityReport = {
  clickToPhotonP50Ms: 24.1,
  clickToPhotonP95Ms: 39.75,
  clockErrorMs: 0.4,
  frames: 36_000,
  freezes: 2,
  frozenMs: 410.5,
  playedMs: 600_123.25,
  bitrateBps: 8_000_000.5,
  width: 1280,
  height: 720,
  frameRate: 59.94,
};
