import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { OciRegistry } from '../../../signaling/studio/blobs/oci-registry.ts';

it('asks again what a registry could not answer for a moment, and gives up in the end', async () => {
  const answers = [500, 503, 404, ...Array<number>(4).fill(502)];
  const server = createServer((_, response) => response.writeHead(answers.shift() ?? 200).end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const registry = new OciRegistry({ url: `http://127.0.0.1:${port}`, repository: 'pond' });
  try {
    expect(await registry.readManifest('latest')).toBeUndefined();
    await expect(registry.readManifest('latest')).rejects.toThrow('answered GET with 502');
    expect(answers).toEqual([]);
  } finally {
    server.close();
  }
});
