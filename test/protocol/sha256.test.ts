import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Sha256 } from '../../protocol/sha256.ts';

const byNode = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

it('agrees with the standard where padding takes another block, and where it does not', () => {
  for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 100_000]) {
    const content = new Uint8Array(length).map((_, i) => (i * 31) % 256);
    expect(new Sha256().update(content).hex()).toBe(byNode(content));
  }
});

it('is the same in whatever parts the content comes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 }), (parts) => {
      const hash = new Sha256();
      for (const part of parts) hash.update(part);
      expect(hash.hex()).toBe(byNode(Buffer.concat(parts)));
    }),
  );
});
