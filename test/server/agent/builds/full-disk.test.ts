import { expect, it } from 'vitest';
import { describeWithSmallDisks, onSmallDisk } from '../../../support/full-disk.ts';

const NO_ROOM = {
  code: 'resource-limit',
  message:
    'The machine has no room on its disk for this game. Its operator can free some, or lower ROCKPOOL_BUILD_CACHE_GB.',
};

describeWithSmallDisks('a container whose disk is full', () => {
  it('says so, leaves nothing half-done, and lets go of what nobody plays for what is', async () => {
    expect(await onSmallDisk('container')).toEqual({
      midway: NO_ROOM,
      parts: [],
      games: [],
      before: NO_ROOM,
      isThere: true,
      played: NO_ROOM,
      staysWhilePlayed: true,
      madeWay: true,
    });
  }, 120_000);
});
