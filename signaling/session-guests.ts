import type { Logger } from 'pino';
import { RockpoolError } from '../protocol/errors.ts';
import type {
  GuestAnswer,
  GuestEnded,
  GuestGrant,
  GuestRequest,
  GuestSignal,
  InviteLook,
  ShareRequest,
} from '../protocol/guest-messages.ts';
import {
  type GuestId,
  guestIdSchema,
  type PlayerId,
  type SessionId,
  sessionIdSchema,
} from '../protocol/ids.ts';
import type { SessionSignal } from '../protocol/session-signal.ts';
import type { EndReason } from '../protocol/session-state.ts';
import type { ContainerLink } from './container-link.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { IceOffer } from './ice-offer.ts';
import type { IdentityTokens, InviteClaims } from './identity-tokens.ts';
import { containerAway, isOver, notYours } from './session-refusals.ts';
import type { PlayerLink, SessionRegistry } from './session-registry.ts';

/** An offer and its candidates, of a guest whom signaling is about to know. */
const KEPT_SIGNALS = 64;

export interface SessionGuestsOptions {
  readonly sessions: SessionRegistry;
  readonly containers: ContainerRegistry;
  readonly tokens: IdentityTokens;
  readonly ice: IceOffer;
  readonly log: Logger;
}

interface Guest {
  readonly guestId: GuestId;
  readonly sessionId: SessionId;
  readonly containerId: ContainerLink['hello']['containerId'];
  readonly playerId: PlayerId;
  /** The socket it is relayed to; undefined while that is away. */
  player: PlayerLink | undefined;
}

/** A guest whom the container has let in may be heard of before its answer was read. */
interface Admissions {
  /** Who is coming in. */
  readonly joining: PlayerId[];
  readonly early: {
    readonly signal: GuestSignal;
    /** Who has been told; undefined where nobody was. */
    readonly told: PlayerLink | undefined;
  }[];
}

type Answer<K extends GuestAnswer['kind']> = Extract<GuestAnswer, { kind: K }>;

/**
 * Links into sessions, and the relay of those who came by one. Who may come in is decided where the
 * session runs: here it is proved which session a link is of. A guest is known to the other side by
 * an id of their visit, and learns no other.
 */
export class SessionGuests {
  readonly #options: SessionGuestsOptions;
  readonly #guests = new Map<GuestId, Guest>();
  readonly #admissions = new Map<SessionId, Admissions>();

  constructor(options: SessionGuestsOptions) {
    this.#options = options;
  }

  /**
   * What the player of a session asks concerning guests.
   * @returns the token of the link that was asked for.
   * @throws RockpoolError worded for the player.
   */
  async share(
    player: PlayerLink,
    { sessionId, request }: ShareRequest,
  ): Promise<string | undefined> {
    const session = this.#options.sessions.get(sessionId);
    if (session === undefined || session.assigning) throw isOver();
    if (session.playerId !== player.playerId) throw notYours();
    const { containerId, gameId } = session;
    const claims = { sessionId, containerId, gameId };
    if (request.kind === 'link') {
      await this.#ask(claims, { kind: 'look', inviteId: request.inviteId });
      return this.#options.tokens.issueInvite({ ...claims, inviteId: request.inviteId });
    }
    const answer = await this.#ask(claims, request);
    if (answer.kind !== 'invited') return undefined;
    return this.#options.tokens.issueInvite({ ...claims, inviteId: answer.inviteId });
  }

  /** What a link leads to. @throws RockpoolError why it leads nowhere. */
  async look(token: string): Promise<InviteLook> {
    const claims = await this.#claimsOf(token);
    const { inviteId, gameId } = claims;
    const { player, rights, full } = expect(
      await this.#ask(claims, { kind: 'look', inviteId }),
      'open',
    );
    return { gameId, player, rights, full };
  }

  /**
   * Lets a guest in, or in again. `answer` is called before any signal is relayed to them.
   * @throws RockpoolError worded for the guest.
   */
  async join(
    player: PlayerLink,
    request: { readonly token: string; readonly attach?: boolean | undefined } & Pick<
      Extract<GuestRequest, { kind: 'admit' }>,
      'codecs'
    >,
    answer: (grant: GuestGrant) => void,
  ): Promise<void> {
    const claims = await this.#claimsOf(request.token);
    const { sessionId, containerId, gameId, inviteId } = claims;
    const { iceServers, relayOnly = false } = this.#options.ice.for(player.playerId);
    const admissions = this.#admissionsOf(sessionId);
    const { playerId } = player;
    admissions.joining.push(playerId);
    try {
      const { guestId, attempt } = expect(
        await this.#ask(claims, {
          kind: 'admit',
          ...{ inviteId, playerId, codecs: request.codecs },
          ...{ iceServers, relayOnly, attach: request.attach ?? false },
        }),
        'admitted',
      );
      const guest = { guestId, sessionId, containerId, playerId, player };
      this.#bind(guest);
      if (!player.connected) {
        this.handlePlayerGone(player);
        return;
      }
      answer({ guestId, gameId, attempt });
      for (const { signal, told } of admissions.early) {
        if (signal.guestId === guestId && told !== player) this.#relay(guest, signal);
      }
      if (!request.attach) this.#log(guest, attempt > 0 ? 'guest is back' : 'guest joined');
    } finally {
      admissions.joining.splice(admissions.joining.indexOf(playerId), 1);
      if (admissions.joining.length === 0) this.#admissions.delete(sessionId);
    }
  }

  /** Ends a visit. @throws RockpoolError where it is another's. */
  async leave(player: PlayerLink, guestId: GuestId): Promise<void> {
    const guest = this.#mustBe(guestId, player);
    this.#guests.delete(guestId);
    await this.#ask(guest, { kind: 'leave', guestId });
  }

  /** Whether a signal of a player concerns a visit of theirs, and no session. */
  isGuest({ sessionId }: SessionSignal): boolean {
    return this.#guests.has(guestIdSchema.parse(sessionId));
  }

  /** @throws RockpoolError where the visit is not relayed to this socket, or its container is away. */
  async relayFromGuest(player: PlayerLink, signal: SessionSignal): Promise<void> {
    const guest = this.#mustBe(guestIdSchema.parse(signal.sessionId), player);
    const link = this.#options.containers.link(guest.containerId);
    if (!link) throw containerAway();
    const told = this.#options.ice.passOn(signal);
    const { guestId, sessionId } = guest;
    if (told) await link.guestSignal({ ...told, sessionId, guestId });
  }

  /** @throws RockpoolError where that guest is not on this container. */
  handleContainerSignal(link: ContainerLink, signal: GuestSignal): void {
    this.#mustRun(link, signal.sessionId);
    this.handleSignalElsewhere(signal);
  }

  /** The same, of a container of another node. */
  handleSignalElsewhere(signal: GuestSignal): void {
    const known = this.#guests.get(signal.guestId);
    const guest = known?.sessionId === signal.sessionId ? known : undefined;
    if (guest) this.#relay(guest, signal);
    const admissions = this.#admissions.get(signal.sessionId);
    if (!admissions || admissions.early.length >= KEPT_SIGNALS) return;
    // Of one who is here it may be for the page that they are coming in with again.
    if (guest && !admissions.joining.includes(guest.playerId)) return;
    admissions.early.push({ signal, told: guest?.player });
  }

  /** One that is not known here is no error. @throws RockpoolError where it is another container's. */
  handleGuestEnded(link: ContainerLink, { sessionId, guestId, reason }: GuestEnded): void {
    this.#mustRun(link, sessionId);
    this.handleEndedElsewhere({ sessionId, guestId, reason });
  }

  /** The same, of a container of another node. */
  handleEndedElsewhere({ sessionId, guestId, reason }: GuestEnded): void {
    const guest = this.#guests.get(guestId);
    if (guest?.sessionId === sessionId) this.#conclude(guest, reason);
  }

  /** The links of a session end with it, wherever its player goes on. */
  handleSessionEnded(sessionId: SessionId, reason: EndReason): void {
    const told = reason === 'player-left' || reason === 'abandoned' ? 'host-left' : reason;
    for (const guest of [...this.#guests.values()]) {
      if (guest.sessionId === sessionId) this.#conclude(guest, told);
    }
  }

  /** The visit goes on without this socket: media does not flow through here. */
  handlePlayerGone(player: PlayerLink): void {
    for (const guest of this.#guests.values()) {
      if (guest.player === player) guest.player = undefined;
    }
  }

  async #claimsOf(token: string): Promise<InviteClaims> {
    const claims = await this.#options.tokens.verifyInvite(token);
    if (claims) return claims;
    throw new RockpoolError(
      'invite-revoked',
      'This link is not whole, or not of this Rockpool. Ask for it once more.',
    );
  }

  /** @throws RockpoolError the session's own, or why it cannot be asked. */
  async #ask(
    { sessionId, containerId }: Pick<Guest, 'sessionId' | 'containerId'>,
    request: GuestRequest,
  ): Promise<GuestAnswer> {
    const { containers, sessions } = this.#options;
    await containers.untilJoined(containerId);
    const session = sessions.get(sessionId);
    if (session?.containerId !== containerId) throw hasEnded();
    const link = containers.link(containerId);
    if (!link) throw containerAway();
    return link.guests({ sessionId, request });
  }

  #bind(guest: Guest): void {
    const { guestId, player } = guest;
    const earlier = this.#guests.get(guestId)?.player;
    this.#guests.set(guestId, guest);
    if (!earlier || earlier === player) return;
    earlier.sessionEnded({
      sessionId: sessionIdSchema.parse(guestId),
      reason: 'player-left',
      detail: 'This game was opened in another tab.',
    });
  }

  #relay({ guestId, player }: Guest, { attempt, payload }: GuestSignal): void {
    const told = this.#options.ice.passOn({
      ...{ sessionId: sessionIdSchema.parse(guestId), attempt, payload },
    });
    if (told) player?.signal(told);
  }

  #conclude(guest: Guest, reason: EndReason): void {
    this.#guests.delete(guest.guestId);
    guest.player?.sessionEnded({ sessionId: sessionIdSchema.parse(guest.guestId), reason });
    this.#log(guest, `guest gone: ${reason}`);
  }

  #mustBe(guestId: GuestId, player: PlayerLink): Guest {
    const guest = this.#guests.get(guestId);
    if (!guest) throw isOver();
    if (guest.player !== player) throw notYours();
    return guest;
  }

  #mustRun({ hello }: ContainerLink, sessionId: SessionId): void {
    const session = this.#options.sessions.get(sessionId);
    if (session && session.containerId !== hello.containerId) throw notYours();
  }

  #admissionsOf(sessionId: SessionId): Admissions {
    const known = this.#admissions.get(sessionId);
    if (known) return known;
    const admissions: Admissions = { joining: [], early: [] };
    this.#admissions.set(sessionId, admissions);
    return admissions;
  }

  #log({ guestId, sessionId, containerId }: Guest, what: string): void {
    this.#options.log.info({ guestId, sessionId, containerId }, what);
  }
}

function hasEnded(): RockpoolError {
  return new RockpoolError(
    'unknown-session',
    'This game has ended, or goes on on another machine. Ask its player for a new link.',
  );
}

/** @throws RockpoolError `bad-message` where a container answers something else. */
function expect<K extends GuestAnswer['kind']>(answer: GuestAnswer, kind: K): Answer<K> {
  if (answer.kind === kind) return answer as Answer<K>;
  throw new RockpoolError('bad-message', `The machine answered "${answer.kind}" to a guest.`);
}
