import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import { MemoryStore } from '../../../signaling/store/memory-store.ts';
import { describeGameStoreContract } from '../../contract/game-store.ts';
import { describeStudioStoreContract } from '../../contract/studio-store.ts';
import { personRecord } from '../../support/studio-records.ts';

describe('the store of studios that the other tests use', () => {
  describeStudioStoreContract(() => new MemoryStore().studio);
  describeGameStoreContract(() => new MemoryStore().studio);

  it('shares the life of the store it is part of', async () => {
    const store = new MemoryStore();
    store.failure = new RockpoolError('internal', 'The database cannot be reached.');
    const { personId } = personRecord();
    await expect(store.studio.person(personId)).rejects.toBe(store.failure);
    await expect(store.studio.transact(async () => undefined)).rejects.toBe(store.failure);
    store.failure = undefined;
    await store.close();
    await expect(store.studio.person(personId)).rejects.toMatchObject({ message: /closed/ });
  });
});
