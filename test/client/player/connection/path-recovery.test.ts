import { describe, expect, it } from 'vitest';
import { PathRecovery } from '../../../../client/player/connection/path-recovery.ts';
import { BrowserTime } from '../../../support/browser-time.ts';

function setUp() {
  const time = new BrowserTime();
  const done: string[] = [];
  const signaling = { attached: true };
  const path = new PathRecovery({
    scheduler: time,
    mayAsk: () => signaling.attached,
    askForRestart: () => done.push('ask'),
    renewSignaling: () => {
      signaling.attached = false;
      done.push('renew');
    },
    handleSilence: () => done.push('silent'),
    handleRecovered: () => done.push('recovered'),
    handleFutile: () => done.push('futile'),
  });
  const attach = () => {
    signaling.attached = true;
    path.flush();
  };
  return { time, done, path, attach };
}

describe('PathRecovery', () => {
  it('asks for an ICE restart where the connection is silent, and for no second one', () => {
    const { time, done, path, attach } = setUp();
    path.start();
    path.handleDisconnected();
    attach();
    attach();
    time.advance(4000);
    path.handleHeard();
    expect(done).toEqual(['silent', 'renew', 'ask', 'recovered']);
    expect(path.silent).toBe(false);
  });

  it('gives a restart four and a half seconds from when it was asked for', () => {
    const { time, done, path, attach } = setUp();
    path.start();
    path.handleDisconnected();
    time.advance(20_000);
    attach();
    time.advance(4400);
    expect(done).toEqual(['silent', 'renew', 'ask']);
    time.advance(100);
    expect(done.at(-1)).toBe('futile');
  });

  it('is not content with packets that were on their way as the network changed', () => {
    const { time, done, path, attach } = setUp();
    path.start();
    path.handleNetworkChange();
    path.handleHeard();
    attach();
    path.handleHeard();
    expect(done).toEqual(['renew', 'ask']);
    // Silent while that restart is under way: it has the rest of its time.
    time.advance(2500);
    expect(done).toEqual(['renew', 'ask', 'silent']);
    time.advance(2000);
    expect(done.at(-1)).toBe('futile');
  });

  it('goes on where the old network carries on beside the new one', () => {
    const { time, done, path, attach } = setUp();
    path.start();
    path.handleNetworkChange();
    attach();
    for (let i = 0; i < 20; i++) {
      time.advance(1000);
      path.handleHeard();
    }
    expect(done).toEqual(['renew', 'ask']);
  });

  it('asks anew where the network changes again', () => {
    const { time, done, path, attach } = setUp();
    path.start();
    path.handleNetworkChange();
    attach();
    time.advance(1000);
    path.handleNetworkChange();
    attach();
    expect(done).toEqual(['renew', 'ask', 'renew', 'ask']);
  });

  it('renews signaling only where there is no connection to restart', () => {
    const { time, done, path, attach } = setUp();
    path.handleNetworkChange();
    attach();
    path.start();
    path.handleNetworkChange();
    path.stop();
    attach();
    expect(done).toEqual(['renew', 'renew']);
    expect(time.pendingTimers).toBe(0);
  });
});
