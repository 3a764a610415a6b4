import { sessionIdSchema } from '../../protocol/ids.ts';
import { DEFAULT_STREAM_SETTINGS } from '../../protocol/stream-settings.ts';
import type { ConnectOrder, StartOrder } from '../../server/worker/worker-messages.ts';

/** What a session is told of its player's next connection. */
export function connectOrder(attempt: number): ConnectOrder {
  return {
    type: 'connect',
    attempt,
    settings: DEFAULT_STREAM_SETTINGS,
    codecs: ['h264'],
    iceServers: [],
    relayOnly: false,
  };
}

/** What a worker is told of a session that is to begin. */
export function startOrder(fields: Partial<StartOrder> = {}): StartOrder {
  return {
    type: 'start',
    sessionId: sessionIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11'),
    gameId: 'pond',
    seed: 7,
    encoders: [],
    autoResolution: { width: 960, height: 540 },
    loopbackOnly: true,
    extraAddresses: [],
    knownRates: [],
    playoutDelayMs: [0, 0],
    prepared: true,
    maxSpectators: 2,
    connect: connectOrder(0),
    ...fields,
  };
}
