import { randomUUID } from 'node:crypto';
import type { CursorMessage } from '../../protocol/control-messages.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { GameInfo } from '../../protocol/game-info.ts';
import {
  GUEST_PLAYERS,
  type GuestAnswer,
  type GuestRequest,
  type GuestRights,
  type GuestSeat,
  type Invite,
  MAX_INVITES,
  type Sharing,
} from '../../protocol/guest-messages.ts';
import {
  type GuestId,
  guestIdSchema,
  type InviteId,
  inviteIdSchema,
  type PlayerId,
} from '../../protocol/ids.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { EndReason } from '../../protocol/session-state.ts';
import type { Rumble } from '../../renderer/game-runtime.ts';
import { SessionGuest, type SessionGuestOptions } from './session-guest.ts';

type Admission = Extract<GuestRequest, { kind: 'admit' }>;

export interface SessionGuestsOptions
  extends Pick<SessionGuestOptions, 'inputs' | 'scheduler' | 'isWaiting' | 'cursor' | 'connect'> {
  readonly game: GameInfo;
  /** Guests who watch, at most. */
  readonly maxSpectators: number;
  readonly listener: SessionGuestsListener;
}

export interface SessionGuestsListener {
  handleSignal(guestId: GuestId, attempt: number, payload: SessionSignal['payload']): void;
  /** To be told to the session's player. */
  handleSharing(sharing: Sharing): void;
  handleGone(guestId: GuestId, reason: EndReason): void;
}

interface OpenInvite extends Invite {
  /** Were removed by the session's player: the link lets them in no more. */
  readonly removed: Set<PlayerId>;
}

/**
 * The guests of a session and the links that let them in. What is decided here holds, whatever
 * becomes of signaling meanwhile.
 */
export class SessionGuests {
  readonly #options: SessionGuestsOptions;
  readonly #invites = new Map<InviteId, OpenInvite>();
  readonly #guests = new Map<GuestId, SessionGuest>();
  #numbered = 0;
  #closed = false;

  constructor(options: SessionGuestsOptions) {
    this.#options = options;
  }

  describe(): Sharing {
    return {
      seats: this.#seats(),
      invites: [...this.#invites.values()].map(({ inviteId, player, rights }) => {
        return { inviteId, player, rights };
      }),
      guests: [...this.#guests.values()].map((guest) => guest.describe()),
    };
  }

  /**
   * @param mayEncodeAnother whether the machine has room to encode the picture once more.
   * @throws RockpoolError worded for whoever asked.
   */
  handleRequest(request: GuestRequest, mayEncodeAnother = false): GuestAnswer {
    if (this.#closed) throw gone();
    switch (request.kind) {
      case 'invite':
        return { kind: 'invited', inviteId: this.#invite(request.player, request.rights) };
      case 'revoke':
        this.#revoke(request.inviteId);
        break;
      case 'set-rights':
        this.#find(request.guestId).setRights(request.rights);
        break;
      case 'remove':
        this.#remove(request.guestId);
        break;
      case 'look': {
        const { player, rights } = this.#open(request.inviteId);
        return { kind: 'open', player, rights, full: this.#isFull(player) };
      }
      case 'admit':
        return this.#admit(request, mayEncodeAnother);
      case 'leave':
        this.#end(this.#find(request.guestId).options.guestId, 'player-left');
        break;
    }
    return { kind: 'done' };
  }

  /** Nothing happens where that guest is gone. */
  handleSignal(guestId: GuestId, attempt: number, payload: SessionSignal['payload']): void {
    this.#guests.get(guestId)?.handleSignal(attempt, payload);
  }

  /** A second has passed. */
  handleSecond(): void {
    for (const guest of this.#guests.values()) guest.handleSecond();
  }

  handleRumble(rumble: Rumble): void {
    for (const guest of this.#guests.values()) guest.handleRumble(rumble);
  }

  handleCursor(cursor: CursorMessage): void {
    for (const guest of this.#guests.values()) guest.handleCursor(cursor);
  }

  /** The game waits for its player, or goes on. */
  handleWaiting(): void {
    for (const guest of this.#guests.values()) guest.tellStanding();
  }

  /** Tells every guest why and lets go of them. */
  async close(reason: EndReason): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#guests.values()].map((guest) => guest.close(reason)));
    this.#guests.clear();
    this.#invites.clear();
  }

  #seats(): GuestSeat[] {
    return [null, ...GUEST_PLAYERS.filter((player) => player <= this.#options.game.players)];
  }

  #invite(player: GuestSeat, rights: GuestRights): InviteId {
    if (!this.#seats().includes(player)) {
      throw new RockpoolError('bad-message', `This game has no player ${player}.`);
    }
    if (this.#invites.size >= MAX_INVITES) {
      throw new RockpoolError(
        'invite-full',
        `There are ${MAX_INVITES} links open. Revoke one of them to make another.`,
      );
    }
    // One place, one link: another one for it would let two people fight over the same boat.
    const same = [...this.#invites.values()].find(
      (one) => player !== null && one.player === player,
    );
    if (same) this.#revoke(same.inviteId);
    const inviteId = inviteIdSchema.parse(randomUUID());
    const granted = player === null ? 'none' : rights;
    this.#invites.set(inviteId, { inviteId, player, rights: granted, removed: new Set() });
    this.#tell();
    return inviteId;
  }

  #revoke(inviteId: InviteId): void {
    if (!this.#invites.delete(inviteId)) return;
    for (const { options } of [...this.#guests.values()]) {
      if (options.inviteId === inviteId) this.#end(options.guestId, 'guest-removed');
    }
    this.#tell();
  }

  /** A link for one goes with the one it was for. */
  #remove(guestId: GuestId): void {
    const { inviteId, playerId, player } = this.#find(guestId).options;
    if (player !== null) this.#revoke(inviteId);
    else {
      this.#invites.get(inviteId)?.removed.add(playerId);
      this.#end(guestId, 'guest-removed');
    }
  }

  #admit(admission: Admission, mayEncodeAnother: boolean): GuestAnswer {
    const { inviteId, playerId, attach, codecs, iceServers, relayOnly } = admission;
    const reach = { codecs, iceServers, relayOnly, mayEncodeAnother };
    const invite = this.#open(inviteId);
    const { player, rights } = invite;
    if (invite.removed.has(playerId)) throw revoked();
    const known = [...this.#guests.values()].find(
      ({ options }) => options.inviteId === inviteId && options.playerId === playerId,
    );
    if (attach && !known) throw gone();
    if (known) {
      if (!attach) known.connect(reach);
      return { kind: 'admitted', guestId: known.options.guestId, attempt: known.attempt };
    }
    if (this.#isFull(player)) throw full(player);
    const guestId = guestIdSchema.parse(randomUUID());
    const { listener } = this.#options;
    const guest = new SessionGuest({
      ...this.#options,
      ...{ guestId, playerId, inviteId, player, rights },
      number: this.#numbered + 1,
      listener: {
        handleSignal: (id, attempt, payload) => listener.handleSignal(id, attempt, payload),
        handleChange: () => this.#tell(),
        handleOver: (id, reason) => this.#end(id, reason),
      },
    });
    guest.connect(reach);
    // One who cannot be served was never here.
    this.#numbered++;
    this.#guests.set(guestId, guest);
    this.#tell();
    return { kind: 'admitted', guestId, attempt: guest.attempt };
  }

  #isFull(player: GuestSeat): boolean {
    const seated = [...this.#guests.values()].filter(({ options }) => options.player === player);
    return seated.length >= (player === null ? this.#options.maxSpectators : 1);
  }

  #end(guestId: GuestId, reason: EndReason): void {
    const guest = this.#guests.get(guestId);
    if (!guest) return;
    this.#guests.delete(guestId);
    void guest.close(reason);
    this.#options.listener.handleGone(guestId, reason);
    this.#tell();
  }

  #open(inviteId: InviteId): OpenInvite {
    const invite = this.#invites.get(inviteId);
    if (!invite) throw revoked();
    return invite;
  }

  #find(guestId: GuestId): SessionGuest {
    const guest = this.#guests.get(guestId);
    if (!guest) throw gone();
    return guest;
  }

  #tell(): void {
    if (!this.#closed) this.#options.listener.handleSharing(this.describe());
  }
}

function revoked(): RockpoolError {
  return new RockpoolError(
    'invite-revoked',
    'This link was taken back by whoever made it. Ask them for a new one.',
  );
}

function full(player: GuestSeat): RockpoolError {
  return new RockpoolError(
    'invite-full',
    player === null
      ? 'As many people watch this game as its machine serves. Try again in a while.'
      : `Somebody plays as player ${player} already. Ask for a link of your own.`,
  );
}

function gone(): RockpoolError {
  return new RockpoolError('unknown-session', 'That guest is not here any more.');
}
