import { beforeAll, expect, it } from 'vitest';
import { describeWithSmallDisks, onSmallDisk } from '../../support/full-disk.ts';

interface Refusal {
  readonly code: string;
  readonly message: string;
}

interface Found {
  readonly upload: {
    readonly refusal: Refusal;
    readonly arrived: number;
    readonly begun: Refusal;
    readonly isWhole: boolean;
  };
  readonly unpack: readonly { readonly refusal: Refusal; readonly left: readonly string[] }[];
  readonly blobs: {
    readonly refusal: Refusal;
    readonly left: readonly string[];
    readonly blobs: number;
    readonly again: Refusal | null;
    readonly after: { readonly blobs: number };
  };
  readonly checks: readonly {
    readonly waiting: string;
    readonly told: string;
    readonly unpacking: readonly string[];
    readonly after: string;
    readonly archives: readonly string[];
  }[];
  readonly checkNoMore: { readonly pending: number };
}

describeWithSmallDisks('on a disk that is full', () => {
  let found: Found;
  beforeAll(async () => {
    found = await onSmallDisk<Found>('studio');
  }, 180_000);

  it('an upload says so, keeps what has arrived, and goes on from there', () => {
    const { refusal, arrived, begun, isWhole } = found.upload;
    expect(refusal).toEqual({
      code: 'no-space',
      message:
        'The disk of this Rockpool has no room for it. Ask its operator to make some, and go on then: what has arrived is kept.',
    });
    expect(arrived).toBeGreaterThan(500_000);
    expect(begun.code).toBe('no-space');
    expect(isWhole).toBe(true);
  });

  it('an archive is refused by a sentence, and nothing of it is left, be it bytes or names', () => {
    expect(found.unpack).toHaveLength(3);
    for (const { refusal, left } of found.unpack) {
      expect(refusal).toEqual({
        code: 'bad-archive',
        message:
          'There is no room on the disk to unpack the build. Make some, or ask the operator to.',
      });
      expect(left).toEqual([]);
    }
  });

  it('a blob is not kept, not even in part, and is once there is room', () => {
    const { refusal, left, blobs, again, after } = found.blobs;
    expect(refusal).toEqual({
      code: 'no-space',
      message:
        'The disk that builds are stored on is full. Ask the operator of this Rockpool to make room, and try again.',
    });
    expect({ left, blobs, again }).toEqual({ left: [], blobs: 0, again: null });
    expect(after.blobs).toBe(1);
  });

  it('a build waits to be checked, says why, and is when there is room', () => {
    expect(found.checks).toHaveLength(2);
    for (const { told, ...rest } of found.checks) {
      expect(told).toBe(
        'The disk of this Rockpool is full. It is checked once there is room: ask the operator to make some.',
      );
      expect(rest).toEqual({ waiting: 'checking', unpacking: [], after: 'trying', archives: [] });
    }
  });

  it('a build that is not to be checked any more waits no longer', () => {
    expect(found.checkNoMore).toEqual({ pending: 0 });
  });
});
