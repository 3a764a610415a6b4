import { describe, expect, it } from 'vitest';
import { captureTargets } from '../../bench/capture/capture-report.ts';
import { withCandidates } from '../../bench/capture/sdp-candidates.ts';
import type { MeasuredSender } from '../../bench/support/press-block.ts';
import { roleOf, usedBetween } from '../../bench/support/process-roles.ts';
import { verdict } from '../../bench/support/target.ts';

function sender(name: string, latencyMs: number): MeasuredSender {
  const sample = { inputSeq: 1, inputAtMs: 0, shownAtMs: latencyMs, frameNumber: 1 };
  const counts = { contradictions: 0, outstanding: 0, readCostsMs: [] };
  const pixels = { samples: [sample], ...counts, width: 1280, height: 720 };
  return { name, blocks: [{ pixels, accounting: [] }] };
}

describe('targets of native games', () => {
  it('are of what was measured, and of nothing else', () => {
    expect(captureTargets({})).toEqual([]);
    const [target] = captureTargets({ startsMs: [1000, 2000, 3000] });
    expect(target).toMatchObject({ limit: 2500, unit: 'ms' });
    expect(target?.measured).toBeCloseTo(2000, -1);
  });

  it('add up a frame before they take the percentile', () => {
    // Where one half of a frame was slow the other was quick: no frame took more than 11 ms.
    const packet = { grabMs: [10, 1], encodeMs: [1, 10], seconds: 1 };
    const [target] = captureTargets({ packet });
    expect(target?.measured).toBeCloseTo(11, 1);
  });

  it('compare with GStreamer, whatever else took its turn', () => {
    const senders = [sender('native', 30), sender('noVNC', 20), sender('GStreamer', 60)];
    const ratio = captureTargets({ senders }).at(-1);
    expect(ratio?.what).toBe('native p50 / GStreamer p50');
    expect(ratio?.measured).toBeCloseTo(0.5, 2);
    expect(captureTargets({ senders: senders.slice(0, 2) })).toHaveLength(1);
  });

  it('count worker and display of a still picture, and not the game', () => {
    const percent = new Map([
      ['worker', 2],
      ['display', 0.5],
      ['program', 40],
    ] as const);
    const [target] = captureTargets({ idle: { percent, framesShown: 10, seconds: 10 } });
    expect(target?.measured).toBe(2.5);
    expect(target && verdict(target)).toBe('met');
  });
});

describe('processes of a session', () => {
  it('are told apart by what runs', () => {
    expect(roleOf('Xvfb -displayfd 3 -auth /tmp/x')).toBe('display');
    expect(roleOf('/usr/bin/pulseaudio -n')).toBe('sound');
    expect(roleOf('/usr/bin/bwrap --args 11')).toBe('program');
    expect(roleOf('/game/node program.mjs')).toBe('program');
  });

  it('count for what they used meanwhile, as far as they lived through all of it', () => {
    const before = new Map([
      [1, { role: 'worker', ms: 1000 }],
      [2, { role: 'program', ms: 50 }],
      [3, { role: 'program', ms: 10 }],
    ] as const);
    const after = new Map([
      [1, { role: 'worker', ms: 1300 }],
      [2, { role: 'program', ms: 150 }],
      [4, { role: 'display', ms: 900 }],
    ] as const);
    expect([...usedBetween(before, after)]).toEqual([
      ['worker', 300],
      ['program', 100],
    ]);
  });
});

describe('withCandidates', () => {
  const session = 'v=0\r\na=group:BUNDLE 0 1\r\n';
  const video = 'm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:0\r\n';
  const data = 'm=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n';
  const lines = 'a=candidate:1 1 UDP 2 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n';

  it('puts them at the end of the first medium, whose transport all share', () => {
    const candidates = ['candidate:1 1 UDP 2 127.0.0.1 9 typ host'];
    expect(withCandidates(session + video + data, candidates)).toBe(session + video + lines + data);
    expect(withCandidates(session + video, candidates)).toBe(session + video + lines);
  });
});
