import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import { MemoryStore } from '../../../signaling/store/memory-store.ts';
import {
  describeJoinTokenContract,
  describeStoreClosing,
  describeStoreContract,
} from '../../contract/store.ts';
import { newContainerId } from '../../support/store-records.ts';

describe('the store that the other tests use', () => {
  describeStoreContract(() => new MemoryStore());
  describeJoinTokenContract(() => new MemoryStore());
  describeStoreClosing(() => new MemoryStore());

  it('can be a database that is away', async () => {
    const store = new MemoryStore();
    store.failure = new RockpoolError('internal', 'The database cannot be reached.');
    await expect(store.container(newContainerId())).rejects.toBe(store.failure);
    store.failure = undefined;
    expect(await store.container(newContainerId())).toBeUndefined();
  });
});
