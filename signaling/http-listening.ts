import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { RockpoolError } from '../protocol/errors.ts';
import type { SignalingConfig } from './config.ts';

/** The connections there are, web sockets included: closing a server waits for them. */
export function trackConnections(http: HttpServer): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  http.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return connections;
}

/** @throws RockpoolError `bad-configuration` where the address cannot be bound. */
export async function listen(
  http: HttpServer,
  { host, port }: Pick<SignalingConfig, 'host' | 'port'>,
): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(port, host, () => {
        http.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    throw new RockpoolError('bad-configuration', bindProblem(cause, host, port), { cause });
  }
}

function bindProblem(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Set ROCKPOOL_PORT to another port, or to 0 for any free one.`;
    case 'EACCES':
      return `Port ${port} needs privileges this process does not have. Set ROCKPOOL_PORT to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine. Set ROCKPOOL_HOST to one, or to 0.0.0.0 for all.`;
    default:
      return `Cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** What a person types: browsers trust `localhost` without TLS. */
export function displayHost(host: string): string {
  if (['127.0.0.1', '0.0.0.0', '::1', '::', 'localhost'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
