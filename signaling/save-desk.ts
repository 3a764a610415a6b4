import type { RunningSession } from '../protocol/container-messages.ts';
import { RockpoolError } from '../protocol/errors.ts';
import type { ContainerId, SessionId } from '../protocol/ids.ts';
import type { SaveOrder, SaveOwner } from '../protocol/save-order.ts';
import type { IdentityTokens, SaveClaims } from './identity-tokens.ts';
import type { SaveVault } from './save-vault.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { Timers } from './timers.ts';

/**
 * How long after its session a container may still bring the save, and after a start of signaling, which
 * has then forgotten what ended meanwhile. Its back-off between attempts is at most a minute.
 */
export const RECENT_MS = 10 * 60_000;

const SWEEP_INTERVAL_MS = 60_000;

/**
 * What a player waits for the save of a game that they have just left on another machine: a game has
 * three seconds to end.
 */
const LEAVING_LIMIT_MS = 4_000;

export interface SaveDeskOptions {
  readonly vault: SaveVault;
  readonly sessions: SessionRegistry;
  readonly tokens: IdentityTokens;
  readonly timers: Timers;
  /** Tells other nodes what {@link SaveDesk.handleEnding} is told. */
  readonly tellEnding?: (
    ending: SaveOwner & { readonly sessionId: SessionId; readonly containerId: ContainerId },
    ended: Promise<unknown>,
  ) => void;
  /** Looks up a session that another node had, where there are several. */
  readonly recall?: (sessionId: SessionId) => Promise<RecalledSession | undefined>;
}

/** A session that has begun, at whatever node. */
export interface RecalledSession {
  readonly containerId: ContainerId;
  /** How long it has been over, in milliseconds; undefined while it runs. */
  readonly overForMs: number | undefined;
}

interface Stay extends SaveOwner {
  readonly containerId: ContainerId;
}

interface Issued extends Stay {
  /** Monotonic milliseconds since when the session is known to be over. */
  overMs: number | undefined;
}

/** Says to each container where the save of its session is, and who may come for which. */
export class SaveDesk {
  readonly #options: SaveDeskOptions;
  readonly #issued = new Map<SessionId, Issued>();
  /** With a promise that settles when there is nothing more to wait for. */
  readonly #leaving = new Map<Stay, Promise<unknown>>();
  readonly #startedMs: number;
  #cancelSweep = () => {};

  constructor(options: SaveDeskOptions) {
    this.#options = options;
    this.#startedMs = options.timers.nowMs();
    this.#sweepLater();
  }

  /** For a session that is about to begin. Waits a while for what the player has just left elsewhere. */
  async order(
    containerId: ContainerId,
    { sessionId, playerId, gameId }: SaveOwner & { readonly sessionId: SessionId },
  ): Promise<SaveOrder> {
    const { vault, tokens } = this.#options;
    this.#issued.set(sessionId, { playerId, gameId, containerId, overMs: undefined });
    const begun = vault.nextTurn();
    await this.#untilLeft({ playerId, gameId, containerId });
    const newest = await vault.newest({ playerId, gameId });
    // Another node's clock may be ahead.
    const turn = Math.max(begun, (newest?.turn ?? 0) + 1);
    const claims = { playerId, sessionId, containerId, gameId, turn };
    return { token: await tokens.issueSave(claims), turn, ...(newest && { newest }) };
  }

  /** A container says what it runs, some of it perhaps from before a restart of ours. */
  handleJoined(containerId: ContainerId, running: readonly RunningSession[]): void {
    for (const { sessionId, playerId, gameId } of running) {
      if (this.#options.sessions.get(sessionId)?.containerId !== containerId) continue;
      this.#issued.set(sessionId, { playerId, gameId, containerId, overMs: undefined });
    }
  }

  /** @param ended settles when the container has brought what the session kept, or will not. */
  handleEnding(sessionId: SessionId, ended: Promise<unknown>): void {
    const issued = this.#issued.get(sessionId);
    if (!issued) return;
    const { playerId, gameId, containerId } = issued;
    this.#await(issued, ended);
    this.#options.tellEnding?.({ sessionId, playerId, gameId, containerId }, ended);
  }

  /** The same, of a container of another node. */
  handleEndingElsewhere({ playerId, gameId, containerId }: Stay, ended: Promise<void>): void {
    this.#await({ playerId, gameId, containerId }, ended);
  }

  /**
   * What a token lets its container at.
   * @throws RockpoolError `unauthorised` where it is none for this save, or its session is long over.
   */
  async admit(token: string, { playerId, gameId }: SaveOwner): Promise<SaveClaims> {
    const claims = await this.#options.tokens.verifySave(token);
    const isTheirs = claims?.playerId === playerId && claims.gameId === gameId;
    if (!claims || !isTheirs || !(await this.#isRecent(claims))) {
      throw new RockpoolError(
        'unauthorised',
        'Saves are open to a container that has a session of that player and game, or just had one.',
      );
    }
    return claims;
  }

  close(): void {
    this.#cancelSweep();
  }

  async #isRecent({ sessionId, containerId }: SaveClaims): Promise<boolean> {
    const { sessions, timers, recall } = this.#options;
    const running = sessions.get(sessionId);
    if (running) return running.containerId === containerId;
    const overMs = this.#issued.get(sessionId)?.overMs;
    if (overMs !== undefined) return timers.nowMs() - overMs < RECENT_MS;
    if (this.#issued.has(sessionId) || timers.nowMs() - this.#startedMs < RECENT_MS) return true;
    const recalled = await recall?.(sessionId);
    return recalled?.containerId === containerId && (recalled.overForMs ?? 0) < RECENT_MS;
  }

  #await(stay: Stay, ended: Promise<unknown>): void {
    const done = () => this.#leaving.delete(stay);
    this.#leaving.set(stay, ended.then(done, done));
  }

  async #untilLeft(next: Stay): Promise<void> {
    const leaving = [...this.#leaving].flatMap(([{ playerId, gameId, containerId }, left]) => {
      const isTheirs = playerId === next.playerId && gameId === next.gameId;
      // A container waits by itself for what it is about to have.
      return isTheirs && containerId !== next.containerId ? [left] : [];
    });
    if (leaving.length === 0) return;
    let cancel = () => {};
    const limit = new Promise<void>((resolve) => {
      cancel = this.#options.timers.after(LEAVING_LIMIT_MS, resolve);
    });
    await Promise.race([Promise.all(leaving), limit]);
    cancel();
  }

  #sweepLater(): void {
    const { sessions, timers } = this.#options;
    this.#cancelSweep = timers.after(SWEEP_INTERVAL_MS, () => {
      const nowMs = timers.nowMs();
      for (const [sessionId, issued] of this.#issued) {
        if (sessions.get(sessionId)) continue;
        issued.overMs ??= nowMs;
        if (nowMs - issued.overMs >= RECENT_MS) this.#issued.delete(sessionId);
      }
      this.#sweepLater();
    });
  }
}
