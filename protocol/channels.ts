/** Options of an RTCDataChannel, as in W3C WebRTC §6.2. */
export interface ChannelMode {
  readonly ordered: boolean;
  readonly maxRetransmits?: number;
}

/** The data channels of a session, all opened by the worker before its offer. */
export const CHANNELS = {
  /** Edges and text, binary, sequence-numbered: browser → worker. */
  input: { ordered: true },
  /** Full states, latest wins, and pings: browser → worker. */
  motion: { ordered: false, maxRetransmits: 0 },
  /** Frame reports and pongs: worker → browser. */
  frames: { ordered: false, maxRetransmits: 0 },
  /** JSON, both ways. */
  control: { ordered: true },
} as const satisfies Record<string, ChannelMode>;

export type ChannelLabel = keyof typeof CHANNELS;

/** URI of the playout-delay RTP header extension: 12 bits min, 12 bits max, in units of 10 ms. */
export const PLAYOUT_DELAY_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
