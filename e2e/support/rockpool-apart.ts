import { RockpoolProcess, temporaryFolder } from '../../test/support/rockpool-process.ts';

/** Signaling and one container as two processes, as an operator of several machines runs them. */
export class RockpoolApart {
  readonly url: string;
  readonly #signalingData: string;
  readonly #remove: () => void;
  readonly #container: RockpoolProcess;
  #signaling: RockpoolProcess;

  private constructor(
    url: string,
    signaling: RockpoolProcess,
    signalingData: string,
    container: RockpoolProcess,
    remove: () => void,
  ) {
    this.url = url;
    this.#signaling = signaling;
    this.#signalingData = signalingData;
    this.#container = container;
    this.#remove = remove;
  }

  static async start(): Promise<RockpoolApart> {
    const signalingData = temporaryFolder();
    const containerData = temporaryFolder();
    const signaling = new RockpoolProcess(['signaling'], {
      ROCKPOOL_PORT: '0',
      ROCKPOOL_DATA: signalingData.path,
    });
    const url = await signaling.ready();
    const [, token = ''] = await signaling.printed(/--token (\S+)/);
    const container = new RockpoolProcess(['container', '--join', url, '--token', token], {
      ROCKPOOL_DATA: containerData.path,
      ROCKPOOL_LOOPBACK_ONLY: 'true',
      ROCKPOOL_SLOTS: '4',
    });
    await container.printed(/This container serves/);
    return new RockpoolApart(url, signaling, signalingData.path, container, () => {
      signalingData.remove();
      containerData.remove();
    });
  }

  /** Of the container. */
  get pid(): number {
    return this.#container.pid;
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
      ROCKPOOL_DATA: this.#signalingData,
    });
    await this.#signaling.ready();
  }

  async stop(): Promise<void> {
    await this.#container.stop();
    await this.#signaling.stop();
    this.#remove();
  }
}
