import { createHash } from 'node:crypto';
import { constants, gzipSync } from 'node:zlib';
import type { RequestHandler } from 'express';
import type { ControlPlane } from './control-plane.ts';
import { type PoolMember, reportPool } from './pool-report.ts';
import type { Timers } from './timers.ts';

/** However many look at the pool, it is summed up once in so long. */
export const POOL_FRESH_MS = 1_000;

export interface PoolRoutesOptions {
  readonly plane: Pick<ControlPlane, 'containers' | 'sessions' | 'line' | 'index'>;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

interface Answer {
  readonly sinceMs: number;
  readonly json: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

/**
 * Serves `GET /api/pool`. What is sent was serialised, packed and named once for all who ask within a
 * second; a browser that has it already is told so.
 */
export function servePool({ plane, timers, wallClockMs }: PoolRoutesOptions): RequestHandler {
  const { containers, sessions, line, index } = plane;
  // Taken once: the two clocks drift, and with them every answer would be another.
  const epochMs = wallClockMs() - timers.nowMs();
  function* members(): Generator<PoolMember> {
    for (const { candidate, joined, joinedMs } of containers.joined()) {
      yield { candidate, joined, joinedAtMs: Math.round(epochMs + joinedMs) };
    }
  }
  let answer: Answer | undefined;
  const fresh = () => {
    const nowMs = timers.nowMs();
    if (answer && nowMs - answer.sinceMs < POOL_FRESH_MS) return answer;
    const report = reportPool({
      members: members(),
      offersOf: (id) => index.offersOf(id),
      sessionsOn: (id) => sessions.onContainer(id).filter(({ assigning }) => !assigning).length,
      waiting: line.tickets.lengthEverywhere,
    });
    const json = Buffer.from(JSON.stringify(report));
    answer = {
      sinceMs: nowMs,
      json,
      // The fastest level: it halves the time of the default, and packs names and figures as well.
      gzip: gzipSync(json, { level: constants.Z_BEST_SPEED }),
      etag: `W/"${createHash('sha1').update(json).digest('base64url')}"`,
    };
    return answer;
  };
  return (request, response) => {
    const { json, gzip, etag } = fresh();
    response.set({ 'Cache-Control': 'no-cache', ETag: etag, Vary: 'Accept-Encoding' });
    response.type('json');
    if (request.acceptsEncodings('gzip')) response.set('Content-Encoding', 'gzip').send(gzip);
    else response.send(json);
  };
}
