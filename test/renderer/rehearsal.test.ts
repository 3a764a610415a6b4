import { describe, expect, it } from 'vitest';
import { rehearseGame } from '../../renderer/rehearsal.ts';
import { FakeRuntime, fakeEntry } from '../support/fake-runtime.ts';

/** Draws as soon as its clock moves, like a real one. */
class EagerRuntime extends FakeRuntime {
  override async start(...args: Parameters<FakeRuntime['start']>): Promise<void> {
    await super.start(...args);
    for (let i = 0; i < 2; i++) setImmediate(() => this.drawFrame());
  }
}

describe('rehearsal of a game', () => {
  it('draws, gives every frame back and closes', async () => {
    const runtime = new EagerRuntime();
    await rehearseGame(fakeEntry(runtime));
    expect(runtime.released).toBe(2);
    expect(runtime.closed).toBe(true);
  });

  it('says why a game cannot be rehearsed, and closes it', async () => {
    const runtime = new FakeRuntime();
    runtime.startError = new Error('no driver');
    await expect(rehearseGame(fakeEntry(runtime))).rejects.toThrow('no driver');
    expect(runtime.closed).toBe(true);
  });
});
