import { pino } from 'pino';
import type { JoinRequest } from '../../protocol/container-messages.ts';
import { type ControlPlane, createControlPlane } from '../../signaling/control-plane.ts';
import { IceOffer } from '../../signaling/ice-offer.ts';
import type { IdentityTokens } from '../../signaling/identity-tokens.ts';
import type { NodeIdentity } from '../../signaling/nodes/pool-nodes.ts';
import { MemoryStore } from '../../signaling/store/memory-store.ts';
import type { MortalTimers, PairingClock } from './pairing-clock.ts';
import type { PairingLink } from './pairing-link.ts';
import type { PairingTab } from './pairing-tab.ts';

const log = pino({ level: 'silent' });
const EPOCH_MS = 1_800_000_000_000;

/** A signaling node without sockets: the real control plane, and what its gateways would do. */
export class PairingNode {
  readonly plane: ControlPlane;
  readonly timers: MortalTimers;
  readonly links = new Set<PairingLink>();
  /** The connected ones. */
  readonly tabs: PairingTab[] = [];
  /** Undefined where it knows of no other. */
  readonly identity: NodeIdentity | undefined;
  alive = true;

  constructor(clock: PairingClock, tokens: IdentityTokens, identity?: NodeIdentity) {
    this.identity = identity;
    this.timers = clock.timers();
    const wallClockMs = () => EPOCH_MS + clock.nowMs;
    this.plane = createControlPlane({
      store: new MemoryStore(),
      tokens,
      ice: new IceOffer({
        iceServers: [],
        turnUrls: [],
        turnSecret: undefined,
        relayOnly: false,
        wallClockMs,
      }),
      timers: this.timers,
      wallClockMs,
      log,
      handlePaired: () => {},
      identity,
    });
  }

  /** Takes a container in. @param answer is called as the gateway would acknowledge. */
  async handleJoin(link: PairingLink, request: JoinRequest, answer: () => void): Promise<void> {
    const { history, containers, hosted } = this.plane;
    history.recall(link.hello.containerId);
    if (!link.open) return;
    containers.join(link, request);
    history.handleJoined(link.hello, request);
    hosted.handleContainerJoined(link, request.sessions);
    answer();
  }

  /** A connection is gone, and this node sees it. */
  handleLinkLost(link: PairingLink): void {
    this.links.delete(link);
    const { containers, hosted, history } = this.plane;
    if (containers.leave(link)) {
      hosted.handleContainerLost(link.hello.containerId);
      history.handleLeft(link.hello);
    }
    link.cut();
  }

  /** Nothing of it is left; nobody is told. */
  crash(): void {
    this.alive = false;
    this.timers.kill();
    void this.identity?.bus.close();
    for (const link of this.links) link.die();
  }
}
