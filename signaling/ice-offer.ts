import { createHmac } from 'node:crypto';
import type { PlayerId } from '../protocol/ids.ts';
import type { IceServer, SessionSignal } from '../protocol/session-signal.ts';

/** A relay refuses to go on with a connection whose credentials are older: longer than anybody plays. */
const CREDENTIAL_LIFETIME_MS = 24 * 60 * 60 * 1000;

export interface IceOfferOptions {
  /** As configured, with credentials that never change, if any. */
  readonly iceServers: readonly IceServer[];
  /** Relays that take credentials made here. */
  readonly turnUrls: readonly string[];
  /** Shared with those relays. */
  readonly turnSecret: string | undefined;
  /** Whether the two sides of a session meet at a relay and nowhere else. */
  readonly relayOnly: boolean;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

/** What the two sides of a session are told of how to reach one another. */
export interface Ice {
  readonly iceServers: IceServer[];
  readonly relayOnly: boolean;
}

/** Names STUN and TURN servers, and keeps the addresses of players and machines to themselves. */
export class IceOffer {
  readonly #options: IceOfferOptions;

  constructor(options: IceOfferOptions) {
    this.#options = options;
  }

  /** For one player and the machine they play on; relays count their traffic by the player. */
  for(playerId: PlayerId): Ice {
    const { iceServers, turnUrls, turnSecret, relayOnly } = this.#options;
    const servers = iceServers.map((server) => ({ ...server }));
    if (turnSecret !== undefined && turnUrls.length > 0) {
      servers.push({ urls: [...turnUrls], ...this.#credentials(turnSecret, playerId) });
    }
    return { iceServers: servers, relayOnly };
  }

  /**
   * What may be told the other side of a signal: where relays alone are used, nothing of any other way.
   * @returns undefined where nothing is left.
   */
  passOn(signal: SessionSignal): SessionSignal | undefined {
    const { payload } = signal;
    if (!this.#options.relayOnly || payload.kind === 'restart-ice') return signal;
    if (payload.kind === 'candidate') {
      return isRelayed(payload.candidate.candidate) ? signal : undefined;
    }
    const { type, sdp } = payload.description;
    const kept = sdp
      .split('\r\n')
      .filter((line) => !line.startsWith('a=candidate:') || isRelayed(line));
    const description = { type, sdp: kept.join('\r\n') };
    return { ...signal, payload: { kind: 'description', description } };
  }

  /** As relays check them without asking anybody (draft-uberti-behave-turn-rest-00 §2.2). */
  #credentials(secret: string, playerId: PlayerId): Pick<IceServer, 'username' | 'credential'> {
    const expiresMs = this.#options.wallClockMs() + CREDENTIAL_LIFETIME_MS;
    const username = `${Math.floor(expiresMs / 1000)}:${playerId}`;
    const credential = createHmac('sha1', secret).update(username).digest('base64');
    return { username, credential };
  }
}

/**
 * Whether a candidate (RFC 8839 §5.1) is of a relay. It also names the address it was reached from as
 * `raddr`, which browsers leave out where only relays may be used.
 */
function isRelayed(candidate: string): boolean {
  return /\styp\srelay(\s|$)/.test(candidate);
}
