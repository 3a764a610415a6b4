/** The stages of the latency accounting, in order; they tile click-to-photon exactly. */
export const LATENCY_STAGES = [
  'uplink',
  'wait',
  'render',
  'encode',
  'network',
  'decode',
  'present',
] as const;
export type LatencyStage = (typeof LATENCY_STAGES)[number];
