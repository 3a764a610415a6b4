import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { KEPT_LOG_LINES, logAnswerSchema } from '../../../protocol/console-log.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { ContainerIdentity } from '../../../server/agent/container-identity.ts';
import { LogRing } from '../../../server/agent/log-ring.ts';

const JOIN_TOKEN = 'a "join" token, \\of a pool';

function logInto(ring: LogRing) {
  return pino({ base: null, level: 'debug' }, ring).child({ containerId: 'this one' });
}

describe('the log that a console shows', () => {
  it('has each line in words, with what else it tells', () => {
    const ring = new LogRing([JOIN_TOKEN]);
    const log = logInto(ring);
    log.info({ slots: 3, encoders: ['x264'], gpu: 'none' }, 'this machine was measured');
    log.warn({ err: new RockpoolError('timeout', 'It took too long.') }, 'no answer');
    const { lines } = logAnswerSchema.parse({ lines: ring.lines() });
    expect(lines.map(({ atMs: _, ...line }) => line)).toEqual([
      {
        level: 'info',
        message: 'this machine was measured',
        detail: 'slots=3 encoders=["x264"] gpu=none',
      },
      { level: 'warn', message: 'no answer', detail: 'err=RockpoolError: It took too long.' },
    ]);
  });

  it('keeps the last lines, oldest first', () => {
    const ring = new LogRing([JOIN_TOKEN]);
    const log = logInto(ring);
    for (let i = 0; i < KEPT_LOG_LINES + 5; i++) log.info(`line ${i}`);
    const lines = ring.lines();
    expect(lines).toHaveLength(KEPT_LOG_LINES);
    expect(lines[0]?.message).toBe('line 5');
    expect(lines.at(-1)?.message).toBe(`line ${KEPT_LOG_LINES + 4}`);
  });

  it('has no join token, no signed token and no player in it, wherever they stand', async () => {
    const ring = new LogRing([JOIN_TOKEN]);
    const log = logInto(ring);
    const token = await (await ContainerIdentity.create()).consoleToken(0);
    log.error({ err: new Error(`refused ${JOIN_TOKEN}`) }, `token ${JOIN_TOKEN}`);
    log.info({ playerId: 'somebody', link: `/console#${token}` }, token);
    const text = JSON.stringify(ring.lines());
    expect(text).not.toContain('join');
    expect(text).not.toContain(token.slice(-20));
    expect(text).not.toContain('somebody');
    expect(ring.lines().map(({ message }) => message)).toEqual(['token …', '…']);
  });

  it('cuts lines that are longer than may travel', () => {
    const ring = new LogRing([]);
    logInto(ring).info({ games: 'x'.repeat(10_000) }, 'y'.repeat(10_000));
    expect(logAnswerSchema.safeParse({ lines: ring.lines() }).success).toBe(true);
  });
});
