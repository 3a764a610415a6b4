import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containerIdOf } from '../../../protocol/container-identity.ts';
import { containerIdSchema } from '../../../protocol/ids.ts';
import { ContainerIdentity } from '../../../server/agent/container-identity.ts';
import { readJoinStatement } from '../../../signaling/join-statement.ts';
import { fakeJoin } from '../../support/fake-container.ts';
import { temporaryFolder } from '../../support/rockpool-process.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe('the identity of a container', () => {
  it('is made on the first start, kept, and for its owner alone to read', async () => {
    const data = join(folder.path, 'data');
    const first = await ContainerIdentity.load(data);
    const again = await ContainerIdentity.load(data);
    expect(again.containerId).toBe(first.containerId);
    expect(again.publicKey).toBe(first.publicKey);
    expect(statSync(join(data, 'container-key.pem')).mode & 0o777).toBe(0o600);
    const other = await ContainerIdentity.load(join(folder.path, 'other'));
    expect(other.containerId).not.toBe(first.containerId);
  });

  it('has the fingerprint of its key for an id', async () => {
    const { containerId, publicKey } = await ContainerIdentity.create();
    expect(await containerIdOf(publicKey)).toBe(containerId);
    expect(containerIdSchema.parse(containerId)).toBe(containerId);
    expect(containerId[14]).toBe('8');
    // SHA-256 of 43 times "A", by another program (sha256sum).
    expect(await containerIdOf('A'.repeat(43))).toBe('0f007385-b6f9-84b7-aeb2-748605afe1a9');
  });

  it('signs what signaling can check, and nothing else passes for it', async () => {
    const identity = await ContainerIdentity.create();
    const statement = { ...fakeJoin(), socketId: 'of this connection' };
    const signed = await identity.sign(statement);
    const read = (key: string, socketId: string) => readJoinStatement(signed, key, socketId);
    expect(await read(identity.publicKey, 'of this connection')).toEqual(fakeJoin());
    const other = await ContainerIdentity.create();
    const refused = { code: 'unauthorised' };
    await expect(read(other.publicKey, 'of this connection')).rejects.toMatchObject(refused);
    await expect(read(identity.publicKey, 'of another')).rejects.toMatchObject(refused);
  });

  it.each([
    ['nothing', ''],
    ['no key', 'lost'],
  ])('refuses a file with %s in it, and leaves it as it is', async (_, text) => {
    mkdirSync(folder.path, { recursive: true });
    const path = join(folder.path, 'container-key.pem');
    writeFileSync(path, text);
    await expect(ContainerIdentity.load(folder.path)).rejects.toMatchObject({
      code: 'bad-configuration',
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
