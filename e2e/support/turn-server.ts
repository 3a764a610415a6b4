import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';

const HOST = '127.0.0.1';
const SECRET = 'a secret of this test alone';

/** A relay on this machine that takes credentials made with a shared secret. */
export class TurnServer {
  readonly url: string;
  readonly secret = SECRET;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Resolves when it listens. */
  static async start(): Promise<TurnServer> {
    const port = await freePort();
    const child = spawn(
      'turnserver',
      [
        '-n',
        '--use-auth-secret',
        `--static-auth-secret=${SECRET}`,
        '--realm=rockpool',
        `--listening-ip=${HOST}`,
        `--relay-ip=${HOST}`,
        `--listening-port=${port}`,
        '--allow-loopback-peers',
        '--no-tls',
        '--no-dtls',
        '--no-cli',
        '--log-file=stdout',
        '--simple-log',
        '--pidfile=/dev/null',
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`turnserver ended:\n${output}`)));
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (/Total General servers/.test(output)) resolve();
      });
    });
    return new TurnServer(`turn:${HOST}:${port}?transport=udp`, child);
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await gone;
  }
}

/** One that nobody has now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}
