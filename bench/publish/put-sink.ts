/** The program of a plain HTTP server that writes what it is sent to a file, and nothing else. */
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

const [, , path = ''] = process.argv;

const server = createServer(async (request, response) => {
  await pipeline(request, createWriteStream(path, { highWaterMark: 2 ** 20 }));
  response.end();
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
