import { RockpoolProcess, temporaryFolder } from '../../test/support/rockpool-process.ts';
import { ONE_GAME } from './one-game.ts';

/** A container of its own, as a provider runs it. */
export class ContainerProcess {
  readonly name: string;
  readonly #process: RockpoolProcess;
  readonly #remove: () => void;

  private constructor(name: string, process: RockpoolProcess, remove: () => void) {
    this.name = name;
    this.#process = process;
    this.#remove = remove;
  }

  static async start(
    url: string,
    token: string,
    name: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ContainerProcess> {
    const data = temporaryFolder();
    const process = new RockpoolProcess(['container', '--join', url, `--token=${token}`], {
      ROCKPOOL_DATA: data.path,
      ROCKPOOL_NAME: name,
      ROCKPOOL_LOOPBACK_ONLY: 'true',
      ROCKPOOL_SLOTS: '4',
      ROCKPOOL_DRAIN_SECONDS: '0',
      // Measuring the others takes most of a start.
      ROCKPOOL_ENCODERS: 'libx264',
      ...ONE_GAME,
      ...environment,
    });
    await process.printed(/This container serves/);
    return new ContainerProcess(name, process, data.remove);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get exited(): Promise<unknown> {
    return this.#process.exited;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits until it printed something that matches. */
  async printed(pattern: RegExp): Promise<void> {
    await this.#process.printed(pattern);
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    this.#remove();
  }
}

/** Signaling and containers as processes of their own, as an operator of several machines runs them. */
export class RockpoolApart {
  readonly url: string;
  readonly #token: string;
  readonly #data: { readonly path: string; remove(): void };
  readonly #containers: ContainerProcess[] = [];
  #signaling: RockpoolProcess;

  private constructor(
    url: string,
    token: string,
    signaling: RockpoolProcess,
    data: { readonly path: string; remove(): void },
  ) {
    this.url = url;
    this.#token = token;
    this.#signaling = signaling;
    this.#data = data;
  }

  /** Signaling alone. */
  static async start(): Promise<RockpoolApart> {
    const data = temporaryFolder();
    const signaling = new RockpoolProcess(['signaling'], {
      ROCKPOOL_PORT: '0',
      ROCKPOOL_DATA: data.path,
    });
    const url = await signaling.ready();
    const [, token = ''] = await signaling.printed(/--token=(\S+)/);
    return new RockpoolApart(url, token, signaling, data);
  }

  async addContainer(
    name: string,
    environment?: Readonly<Record<string, string>>,
  ): Promise<ContainerProcess> {
    const container = await ContainerProcess.start(this.url, this.#token, name, environment);
    this.#containers.push(container);
    return container;
  }

  /** As a crash or a pulled plug ends it. */
  async killSignaling(): Promise<void> {
    this.#signaling.kill('SIGKILL');
    await this.#signaling.exited;
  }

  /** On the port and with the data folder it had before. */
  async restartSignaling(): Promise<void> {
    this.#signaling = new RockpoolProcess(['signaling'], {
      ROCKPOOL_PORT: new URL(this.url).port,
      ROCKPOOL_DATA: this.#data.path,
    });
    await this.#signaling.ready();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#containers.map((container) => container.stop()));
    await this.#signaling.stop();
    this.#data.remove();
  }
}
