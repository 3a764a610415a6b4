import { describe, expect, it } from 'vitest';
import { StreamMonitor } from '../../../../client/player/media/stream-monitor.ts';
import { BrowserTime } from '../../../support/browser-time.ts';
import { settle } from '../../../support/fake-player-environment.ts';
import { HELLO } from '../../../support/fake-player-page.ts';

type Inbound = Partial<RTCInboundRtpStreamStats>;

function setUp() {
  const time = new BrowserTime();
  const page = { watched: true, tellsFrames: true };
  const calls = { figures: 0, arrivals: 0, steps: 0, keyframes: 0 };
  const answers: ((inbound: Inbound) => Promise<void>)[] = [];
  const monitor = new StreamMonitor({
    scheduler: time,
    getStats: () =>
      new Promise((resolve) => {
        answers.push(async (inbound) => {
          const video = { type: 'inbound-rtp', kind: 'video', timestamp: time.now(), ...inbound };
          resolve(new Map([['video', video]]) as unknown as RTCStatsReport);
          await settle();
        });
      }),
    tellsFrames: () => page.tellsFrames,
    rttMs: () => 30,
    isWatched: () => page.watched,
    handleFigures: () => calls.figures++,
    handleArrival: () => calls.arrivals++,
    takeStep: () => {
      calls.steps++;
      return true;
    },
    leaveMachine: () => undefined,
    requestKeyframe: () => calls.keyframes++,
  });
  monitor.handleShape(HELLO);
  monitor.start();
  /** A quarter of a second later the browser has counted this. */
  const read = async (inbound: Inbound) => {
    time.advance(250);
    await answers.shift()?.(inbound);
  };
  return { time, page, calls, answers, monitor, read };
}

describe('StreamMonitor', () => {
  it('tells of packets only where there are more than before', async () => {
    const { calls, read } = setUp();
    await read({ bytesReceived: 1000 });
    expect(calls.arrivals).toBe(0);
    await read({ bytesReceived: 2000 });
    await read({ bytesReceived: 2000 });
    expect(calls).toMatchObject({ arrivals: 1, figures: 3 });
  });

  it('takes no late report of a connection before for one of the present', async () => {
    const { time, calls, answers, monitor } = setUp();
    time.advance(250);
    monitor.handleConnection();
    await answers.shift()?.({ freezeCount: 7 });
    expect(calls.figures).toBe(0);
    expect(monitor.stream?.freezes).toBe(0);
  });

  it('has a stall seen to, where somebody looks and the browser tells of frames', async () => {
    const stalled = async (watched: boolean, tellsFrames: boolean) => {
      const { page, calls, read } = setUp();
      Object.assign(page, { watched, tellsFrames });
      for (let i = 0; i < 20; i++) await read({ framesReceived: i * 15 });
      return calls.steps;
    };
    expect(await stalled(true, true)).toBeGreaterThan(0);
    expect(await stalled(false, true)).toBe(0);
    expect(await stalled(true, false)).toBe(0);
  });

  it('sees how long frames take from their last packet to the screen', async () => {
    const { monitor, calls, read } = setUp();
    const run = async (readings: number, holdMs: number) => {
      for (let i = 0; i < readings; i++) {
        monitor.handleDisplayed({
          rtpTimestamp: i,
          receivedMs: 1000,
          presentedMs: 1000,
          shownMs: 1000 + holdMs,
          successorVisible: false,
        });
        await read({ framesReceived: 15 });
      }
    };
    await run(40, 20);
    expect(calls.steps).toBe(0);
    await run(20, 120);
    expect(calls.steps).toBe(1);
    expect(monitor.stream?.recoveries).toBe(1);
  });

  it('asks for a keyframe where the size that was told of does not come, on each connection', async () => {
    const { monitor, calls, read } = setUp();
    let framesDecoded = 0;
    const decode = async (frameWidth: number, frameHeight: number) => {
      for (let i = 0; i < 8; i++) {
        framesDecoded += 15;
        await read({ framesDecoded, frameWidth, frameHeight });
      }
      return calls.keyframes;
    };
    const { width, height } = HELLO.sent;
    expect(await decode(width, height)).toBe(0);
    monitor.handleShape({ ...HELLO, sent: { width: 640, height: 360, frameRate: 60 } });
    expect(await decode(width, height)).toBe(1);
    monitor.handleConnection();
    expect(await decode(width, height)).toBe(2);
    expect(await decode(640, 360)).toBe(2);
  });

  it('begins a session with nothing of the one before', async () => {
    const { monitor, read } = setUp();
    await read({ freezeCount: 7 });
    expect(monitor.stream?.freezes).toBe(7);
    monitor.handleNewSession();
    expect(monitor.stream).toBeUndefined();
    monitor.handleShape(HELLO);
    expect(monitor.stream).toMatchObject({ freezes: 0, recoveries: 0, network: undefined });
  });

  it('stops with nothing left behind', () => {
    const { time, answers, monitor } = setUp();
    monitor.stop();
    time.advance(1000);
    expect(answers).toEqual([]);
    expect(time.pendingTimers).toBe(0);
  });
});
