import { describe, expect, it } from 'vitest';
import { DeferredRuntime } from '../../renderer/deferred-runtime.ts';
import type { GameRuntime, RuntimeOptions } from '../../renderer/game-runtime.ts';
import { FakeRuntime, fakeEntry } from '../support/fake-runtime.ts';
import { RecordingOutput } from '../support/recording-output.ts';

const HD = { width: 1280, height: 720 };
const SMALL = { width: 640, height: 360 };
const OPTIONS: RuntimeOptions = {
  game: fakeEntry(new FakeRuntime()).info,
  resolution: HD,
  frameRate: 60,
  seed: 1,
};

function open() {
  const inner = new FakeRuntime();
  let loaded: (runtime: GameRuntime) => void = () => undefined;
  const runtime = new DeferredRuntime(
    () =>
      new Promise((resolve) => {
        loaded = resolve;
      }),
  );
  return { inner, runtime, load: () => loaded(inner) };
}

describe('DeferredRuntime', () => {
  it('starts the loaded runtime and passes everything on', async () => {
    const { inner, runtime, load } = open();
    inner.saved = Uint8Array.of(1);
    const starting = runtime.start(OPTIONS, new RecordingOutput());
    load();
    await starting;
    runtime.handleInput({ type: 'key', seq: 1, down: true, code: 'KeyA' }, 0);
    await runtime.reshape(SMALL, 30);
    expect(inner.options).toMatchObject({ resolution: HD, frameRate: 60 });
    expect(inner.inputs).toHaveLength(1);
    expect(inner.shapes).toEqual([{ resolution: SMALL, frameRate: 30 }]);
    expect(await runtime.save()).toEqual(Uint8Array.of(1));
    await runtime.close();
    expect(inner.closed).toBe(true);
  });

  it('starts with what was asked for while it loaded', async () => {
    const { inner, runtime, load } = open();
    await runtime.reshape(HD, 120);
    const starting = runtime.start(OPTIONS, new RecordingOutput());
    runtime.setSuspended(true);
    await runtime.reshape(SMALL, 30);
    load();
    await starting;
    expect(inner.suspended).toBe(true);
    expect(inner.options).toMatchObject({ resolution: SMALL, frameRate: 30 });
  });

  it('starts nothing where it was closed while it loaded', async () => {
    const { inner, runtime, load } = open();
    const starting = runtime.start(OPTIONS, new RecordingOutput());
    const closing = runtime.close();
    load();
    await Promise.all([starting, closing]);
    expect(inner.options).toBeUndefined();
  });

  it('reports code that cannot be loaded to who starts it', async () => {
    const runtime = new DeferredRuntime(() => Promise.reject(new Error('no such module')));
    await expect(runtime.start(OPTIONS, new RecordingOutput())).rejects.toThrow('no such module');
    await runtime.close();
    expect(await runtime.save()).toBeUndefined();
  });
});
