import { describe, expect, it } from 'vitest';
import type { RockpoolError } from '../../../protocol/errors.ts';
import type { EncoderFactory } from '../../../server/encode/encoder.ts';
import { type EncoderPlan, EncoderRotation } from '../../../server/encode/encoder-rotation.ts';
import { FakeEncoderFactory } from '../../support/fake-encoder.ts';

function rotationOf(): {
  rotation: EncoderRotation;
  used: string[];
  causes: (RockpoolError | undefined)[];
} {
  const used: string[] = [];
  const causes: (RockpoolError | undefined)[] = [];
  const rotation: EncoderRotation = new EncoderRotation(1_000_000, {
    handleEncoder: ({ name }, cause) => {
      used.push(name);
      causes.push(cause);
    },
    handleReady: () => rotation.advance(),
  });
  return { rotation, used, causes };
}

function plan(...factories: EncoderFactory[]): EncoderPlan {
  return { factories, width: 64, height: 32, frameRate: 60, threads: 1 };
}

describe('EncoderRotation', () => {
  it('waits for the encoder wanted last, where another was wanted before any had opened', async () => {
    const first = new FakeEncoderFactory('first', { holdOpening: true });
    const second = new FakeEncoderFactory('second', { holdOpening: true });
    const { rotation, used } = rotationOf();
    rotation.want(plan(first));
    const opened = rotation.opened();
    rotation.want(plan(second));
    first.finishOpening();
    second.finishOpening();
    await opened;
    expect(used).toEqual(['second']);
    expect(first.last.closed).toBe(true);
    expect(rotation.current?.name).toBe('second');
    rotation.close();
    expect(second.last.closed).toBe(true);
  });

  it('does not mind that an encoder no longer wanted fails to open', async () => {
    const first = new FakeEncoderFactory('first', { holdOpening: true, refuseToOpen: true });
    const second = new FakeEncoderFactory('second', { holdOpening: true });
    const { rotation, used } = rotationOf();
    rotation.want(plan(first));
    const opened = rotation.opened();
    rotation.want(plan(second));
    first.finishOpening();
    second.finishOpening();
    await opened;
    expect(used).toEqual(['second']);
    rotation.close();
  });

  it('fails where the only encoder wanted does not open, and tries it again when asked', async () => {
    const { rotation, used } = rotationOf();
    const refusing = plan(new FakeEncoderFactory('refusing', { refuseToOpen: true }));
    for (let i = 0; i < 2; i++) {
      rotation.want(refusing);
      await expect(rotation.opened()).rejects.toMatchObject({ code: 'encoder-failed' });
    }
    expect(used).toEqual([]);
    rotation.close();
  });

  it('tells of an encoder that falls down its ladder while it is in use, and why', async () => {
    const failing = new FakeEncoderFactory('failing', { failAtCall: 1 });
    const { rotation, used, causes } = rotationOf();
    rotation.want(plan(failing, new FakeEncoderFactory('good')));
    await rotation.opened();
    await rotation.current?.encode(new Uint8Array(64 * 48), 0, true);
    expect(used).toEqual(['failing', 'good']);
    expect(causes.map((cause) => cause?.message)).toEqual([undefined, 'failing broke.']);
    rotation.close();
  });

  it('gives every later encoder the bitrate it was told', async () => {
    const { rotation } = rotationOf();
    rotation.setBitrate(3_000_000);
    rotation.want(plan(new FakeEncoderFactory('fake')));
    rotation.setBitrate(2_000_000);
    await rotation.opened();
    expect(rotation.current?.settings.bitrateBps).toBe(2_000_000);
    rotation.close();
  });
});
