import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerProcess, RockpoolApart } from '../../e2e/support/rockpool-apart.ts';
import { idleSpareBelow } from '../../gate/machine/rockpool-processes.ts';
import type { Address } from '../../gate/network/candidates.ts';
import type { LinkModel } from '../../gate/network/link-model.ts';
import { PROFILES, profileSchema } from '../../gate/network/profiles.ts';
import type { RelayClient } from '../../gate/network/relay-client.ts';
import { startRelay } from '../network/measure/profile-runs.ts';
import { until } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';

/** Beginning with this UDP port each container has as many of its own: by them it is told from the others. */
const FIRST_PORT = 42_000;
const PORTS = 200;

export interface Place {
  readonly name: string;
  /** What its operator says, and nobody should believe. */
  readonly region: string;
  readonly roundTripMs: number;
}

/** A container with a network of its own between it and whoever plays on it. */
export class PlacedContainer {
  readonly place: Place;
  readonly #container: ContainerProcess;
  readonly #relay: RelayClient;
  readonly #firstPort: number;

  private constructor(
    place: Place,
    container: ContainerProcess,
    relay: RelayClient,
    firstPort: number,
  ) {
    this.place = place;
    this.#container = container;
    this.#relay = relay;
    this.#firstPort = firstPort;
  }

  static async start(
    place: Place,
    number: number,
    apart: RockpoolApart,
    belongings: Belongings,
  ): Promise<PlacedContainer> {
    const { name, region, roundTripMs } = place;
    const firstPort = FIRST_PORT + number * PORTS;
    const container = await apart.addContainer(name, {
      ROCKPOOL_REGION: region,
      ROCKPOOL_UDP_PORTS: `${firstPort}-${firstPort + PORTS - 1}`,
      ROCKPOOL_LOG_LEVEL: 'error',
    });
    const lan = PROFILES.get('lan');
    if (!lan) throw new Error('There is no profile of a network without delay.');
    const link: LinkModel = { ...lan.down, delayMs: roundTripMs / 2 };
    const profile = profileSchema.parse({ name, down: link, up: link });
    return new PlacedContainer(
      place,
      container,
      await startRelay(profile, number, belongings),
      firstPort,
    );
  }

  /** Whether an address is one of its sessions'. */
  hasPort(port: number): boolean {
    return port >= this.#firstPort && port < this.#firstPort + PORTS;
  }

  /** Opens a way to an address of its sessions. */
  open(target: Address): Promise<Address> {
    return this.#relay.open(target);
  }

  /** Waits until nobody plays there and the next worker is ready. */
  async untilAtRest(): Promise<void> {
    await until(
      `one idle worker of ${this.place.name}`,
      async () => (await idleSpareBelow(this.#container.pid, sleep)) !== undefined,
    );
  }
}
