import { describe, expect, it } from 'vitest';
import { watchNetwork } from '../../../../client/player/connection/network-changes.ts';
import { BrowserTime } from '../../../support/browser-time.ts';

class FakeConnection extends EventTarget {
  type: string | undefined;

  changeTo(type: string | undefined): void {
    this.type = type;
    this.dispatchEvent(new Event('change'));
  }
}

function setUp(type?: string) {
  const time = new BrowserTime();
  const window = new EventTarget();
  const connection = new FakeConnection();
  connection.type = type;
  const changes: number[] = [];
  const informative = connection as EventTarget & { readonly type?: string };
  const stop = watchNetwork(window, informative, time, () => changes.push(time.now()));
  return { time, window, connection, changes, stop };
}

describe('watchNetwork', () => {
  it('tells of another kind of network and of being online again, once for both', () => {
    const { time, window, connection, changes } = setUp('wifi');
    connection.changeTo('none');
    connection.changeTo('cellular');
    window.dispatchEvent(new Event('online'));
    time.advance(1000);
    expect(changes).toHaveLength(1);
    connection.changeTo('wifi');
    time.advance(1000);
    expect(changes).toHaveLength(2);
  });

  it('does not take a lost network, or a new estimate of the old one, for another', () => {
    const { time, connection, changes } = setUp('wifi');
    connection.changeTo('wifi');
    connection.changeTo('none');
    time.advance(1000);
    expect(changes).toEqual([]);
    const nameless = setUp();
    nameless.connection.changeTo(undefined);
    nameless.time.advance(1000);
    expect(nameless.changes).toEqual([]);
  });

  it('does without the Network Information API', () => {
    const time = new BrowserTime();
    const window = new EventTarget();
    let changes = 0;
    watchNetwork(window, undefined, time, () => changes++);
    window.dispatchEvent(new Event('online'));
    time.advance(100);
    expect(changes).toBe(1);
  });

  it('stops with nothing left behind', () => {
    const { time, window, connection, changes, stop } = setUp('wifi');
    window.dispatchEvent(new Event('online'));
    stop();
    window.dispatchEvent(new Event('online'));
    connection.changeTo('cellular');
    expect(time.pendingTimers).toBe(0);
    time.advance(1000);
    expect(changes).toEqual([]);
  });
});
