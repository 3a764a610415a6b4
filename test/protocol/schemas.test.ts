import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  assignRequestSchema,
  containerHelloSchema,
  containerRequests,
  coverSchema,
  joinRequestSchema,
  MAX_COVER_BYTES,
  reserveRequestSchema,
} from '../../protocol/container-messages.ts';
import {
  MAX_CONTROL_CHARS,
  parseBrowserControl,
  parseWorkerControl,
} from '../../protocol/control-messages.ts';
import { parseMessage, RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { gameIdSchema } from '../../protocol/ids.ts';
import { pairingDecisionSchema } from '../../protocol/pairing-decision.ts';
import {
  emptySchema,
  playerEvents,
  playerHelloSchema,
  playerRequests,
  playRequestSchema,
  readAck,
} from '../../protocol/player-messages.ts';
import { sessionSignalSchema } from '../../protocol/session-signal.ts';
import {
  DEFAULT_STREAM_SETTINGS,
  MAX_BITRATE_BPS,
  MIN_BITRATE_BPS,
  RESOLUTIONS,
  streamSettingsSchema,
} from '../../protocol/stream-settings.ts';
import { fakeGame, fakeJoin, fakeLoad } from '../support/fake-container.ts';

const sessionId = randomUUID();
const ids = { sessionId, playerId: randomUUID(), gameId: 'skimmer' };
const play = { gameId: 'skimmer', settings: DEFAULT_STREAM_SETTINGS, codecs: ['h264'] };
const assign = { ...ids, settings: DEFAULT_STREAM_SETTINGS, codecs: ['vp8'], iceServers: [] };
const reserve = { sessionId, gameId: 'skimmer', settings: DEFAULT_STREAM_SETTINGS, holdMs: 1 };
const place = {
  ticketId: randomUUID(),
  position: 1,
  waiting: 2,
  machines: 1,
  expectedWaitMs: null,
};
const quality = {
  frames: 60,
  freezes: 0,
  frozenMs: 0,
  playedMs: 1000,
  bitrateBps: 1e6,
  width: 1280,
  height: 720,
  frameRate: 60,
};
const decision = {
  parametersVersion: 1,
  seed: 7,
  waitedMs: 0,
  latencyLimitMs: 60,
  considered: 2,
  rejected: { full: 1 },
  ranked: [],
};
const hello = {
  protocol: 1,
  joinToken: 't',
  publicKey: 'A'.repeat(43),
  name: 'n',
  region: 'r',
};
const description = { kind: 'description', description: { type: 'offer', sdp: 'v=0' } };
const signal = { sessionId, attempt: 0, payload: description };

const VALID: [string, z.ZodType, Record<string, unknown>][] = [
  ['a player hello', playerHelloSchema, { protocol: 1 }],
  ['play', playRequestSchema, play],
  ['attach', playerRequests.attach.payload, { sessionId, resumeToken: 't' }],
  ['leave', playerRequests.leave.payload, { sessionId }],
  ['signal', sessionSignalSchema, signal],
  ['a container hello', containerHelloSchema, hello],
  ['join', joinRequestSchema, fakeJoin()],
  ['assign', assignRequestSchema, assign],
  ['cover', coverSchema, { gameId: 'skimmer', webp: new Uint8Array(1) }],
  ['load', containerRequests.load.payload, fakeLoad(0)],
  ['reserve', reserveRequestSchema, reserve],
  ['accept', playerRequests.accept.payload, { ticketId: randomUUID() }],
  ['a place', playerEvents.place, place],
  ['quality', playerRequests.quality.payload, { sessionId, report: quality }],
  ['a decision', pairingDecisionSchema, decision],
];

describe('every message', () => {
  it.each(VALID)(
    '%s is taken as it is, and refused with a key it does not know',
    (_n, schema, value) => {
      expect(schema.parse(value)).toEqual(value);
      expect(schema.safeParse({ ...value, surprise: 1 }).success).toBe(false);
    },
  );

  it.each(VALID)('%s is refused without any one of its required keys', (_name, schema, value) => {
    for (const key of Object.keys(value)) {
      const { [key]: _left, ...rest } = value;
      expect(schema.safeParse(rest).success).toBe(false);
    }
  });

  it('is refused by a sentence that names the field at fault', () => {
    const bad = { ...play, settings: { ...DEFAULT_STREAM_SETTINGS, frameRate: 61 } };
    expect(() => parseMessage(playRequestSchema, bad, 'play')).toThrow(
      expect.objectContaining({
        code: 'bad-message',
        message: expect.stringContaining('play at settings.frameRate'),
      }),
    );
  });
});

describe('sizes', () => {
  it('bound a cover', () => {
    const cover = (bytes: number) =>
      coverSchema.safeParse({ gameId: 'skimmer', webp: new Uint8Array(bytes) }).success;
    expect([0, 1, MAX_COVER_BYTES, MAX_COVER_BYTES + 1].map(cover)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('bound an SDP and a candidate', () => {
    const withSdp = (chars: number) => ({
      ...signal,
      payload: { kind: 'description', description: { type: 'answer', sdp: 'x'.repeat(chars) } },
    });
    expect(sessionSignalSchema.safeParse(withSdp(32_768)).success).toBe(true);
    expect(sessionSignalSchema.safeParse(withSdp(32_769)).success).toBe(false);
    const candidate = { candidate: 'x'.repeat(1025), sdpMid: null, sdpMLineIndex: null };
    expect(
      sessionSignalSchema.safeParse({ ...signal, payload: { kind: 'candidate', candidate } })
        .success,
    ).toBe(false);
  });

  it('bound the list of games', () => {
    const games = (count: number) => Array.from({ length: count }, () => fakeGame('a'));
    expect(joinRequestSchema.safeParse(fakeJoin({ games: games(1000) })).success).toBe(true);
    expect(joinRequestSchema.safeParse(fakeJoin({ games: games(1001) })).success).toBe(false);
  });

  it('bound a control message before it is parsed', () => {
    const padded = `{"type":"bye"}${' '.repeat(MAX_CONTROL_CHARS)}`;
    expect(() => parseBrowserControl(padded)).toThrow(
      expect.objectContaining({ code: 'message-too-large' }),
    );
    expect(parseBrowserControl(padded.slice(0, MAX_CONTROL_CHARS))).toEqual({ type: 'bye' });
  });
});

describe('stream settings', () => {
  it('take every resolution on offer, auto, and no other', () => {
    const accepts = (settings: object) =>
      streamSettingsSchema.safeParse({ ...DEFAULT_STREAM_SETTINGS, ...settings }).success;
    for (const resolution of RESOLUTIONS) expect(accepts({ resolution })).toBe(true);
    expect(accepts({ resolution: 'auto' })).toBe(true);
    expect(accepts({ resolution: { width: 1280, height: 721 } })).toBe(false);
    expect(accepts({ maxBitrateBps: MIN_BITRATE_BPS - 1 })).toBe(false);
    expect(accepts({ maxBitrateBps: MAX_BITRATE_BPS + 1 })).toBe(false);
  });

  it('offer only widths whose RGBA rows are multiples of 256 bytes', () => {
    for (const { width } of RESOLUTIONS) expect((width * 4) % 256).toBe(0);
  });
});

describe('game ids', () => {
  it.each(['a', 'skimmer', 'calibration-gpu', '0', 'a'.repeat(63)])('may be %s', (id) => {
    expect(gameIdSchema.safeParse(id).success).toBe(true);
  });

  it.each(['', '-a', 'a-', 'A', 'a_b', '../a', 'a/b', 'a\n', 'a'.repeat(64)])(
    'may not be %j',
    (id) => {
      expect(gameIdSchema.safeParse(id).success).toBe(false);
    },
  );
});

describe('control messages', () => {
  it('are refused with bad-message or message-too-large, whatever the text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json());
    fc.assert(
      fc.property(text, (value) => {
        for (const parse of [parseBrowserControl, parseWorkerControl]) {
          try {
            parse(value);
          } catch (error) {
            expect(error).toBeInstanceOf(RockpoolError);
            expect((error as RockpoolError).code).toMatch(/^(bad-message|message-too-large)$/);
          }
        }
      }),
    );
    expect(parseBrowserControl('{"type":"keyframe"}')).toEqual({ type: 'keyframe' });
    expect(() => parseBrowserControl('{"type":"keyframe","now":true}')).toThrow(RockpoolError);
  });
});

describe('errors', () => {
  it('travel as code and sentence, cut to what the wire takes', () => {
    const error = new RockpoolError('timeout', 'x'.repeat(3000));
    expect(error.toWire()).toEqual({ code: 'timeout', message: 'x'.repeat(2000) });
    const thrown = () => readAck(emptySchema, { ok: false, error: error.toWire() }, 'play');
    expect(thrown).toThrow(expect.objectContaining({ code: 'timeout' }));
    expect(readAck(emptySchema, { ok: true, value: {} }, 'play')).toEqual({});
    for (const reply of [{ ok: false, value: {} }, { ok: true, value: { more: 1 } }, null]) {
      const misread = () => readAck(emptySchema, reply, 'play');
      expect(misread).toThrow(expect.objectContaining({ code: 'bad-message' }));
    }
  });

  it('keep what was thrown as their cause', () => {
    const thrown = new TypeError('no');
    expect(toRockpoolError(thrown)).toMatchObject({
      code: 'internal',
      message: 'no',
      cause: thrown,
    });
    const own = new RockpoolError('no-gpu', 'none');
    expect(toRockpoolError(own, 'timeout')).toBe(own);
    expect(toRockpoolError('a string', 'timeout')).toMatchObject({ message: 'a string' });
  });
});
