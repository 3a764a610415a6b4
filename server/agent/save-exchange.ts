import type { Logger } from 'pino';
import type { AssignRequest } from '../../protocol/container-messages.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { KeptSave, SaveOrder, SaveOwner } from '../../protocol/save-order.ts';
import type { RemoteSaves } from './remote-saves.ts';
import type { SaveOrigin, SaveStore } from './save-store.ts';
import { SaveUploader } from './save-uploader.ts';

/** A game starts without its save where that takes longer; and a second more for each 16 MiB. */
const FETCH_LIMIT_MS = 3_000;
const BYTES_PER_SECOND = 16 * 2 ** 20;

export interface SaveExchangeOptions {
  readonly store: SaveStore;
  readonly remote: RemoteSaves;
  /** Runs once after so many milliseconds; what it returns cancels that. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly log: Pick<Logger, 'debug' | 'warn' | 'error'>;
}

interface PlayedGame extends SaveOwner {
  readonly sessionId: SessionId;
}

/** Where the saves of a session go. */
export interface SessionSaves extends PlayedGame {
  /** Undefined where its saves stay here. */
  readonly order: Pick<SaveOrder, 'token' | 'turn'> | undefined;
}

/**
 * Lets saves travel with their player: each session starts from the newest there is, whichever machine
 * it was saved on, and what it saves is kept here and brought to signaling.
 */
export class SaveExchange {
  readonly #options: SaveExchangeOptions;
  readonly #store: SaveStore;
  readonly #uploader: SaveUploader;
  /** None of them fails. */
  readonly #keeping = new Map<Promise<void>, SaveOwner>();

  constructor(options: SaveExchangeOptions) {
    const { store, remote, after, random, log } = options;
    this.#options = options;
    this.#store = store;
    this.#uploader = new SaveUploader({
      remote,
      read: ({ playerId, gameId }) => store.read(playerId, gameId),
      after,
      random,
      log,
    });
  }

  /**
   * What a session plays from. Never fails for signaling's sake: then it starts from what there is here,
   * or anew.
   */
  async begin(
    request: Pick<AssignRequest, 'sessionId' | 'playerId' | 'gameId' | 'save'>,
  ): Promise<{ readonly save: Uint8Array | undefined; readonly saves: SessionSaves }> {
    const { sessionId, playerId, gameId, save: order } = request;
    const session = { sessionId, playerId, gameId };
    const own = await this.#store.choose(playerId, gameId, order?.newest);
    if (order && own.standing === 'newer' && own.save) this.#uploader.offer(session, order.token);
    const { newest } = order ?? {};
    if (!order || !newest || own.standing !== 'older') {
      return { save: own.save, saves: { ...session, order } };
    }
    const save = await this.#fetch(session, newest, order);
    if (save) {
      await this.#write(session, { turn: newest.turn }, save);
      return { save, saves: { ...session, order } };
    }
    // The newer one stays with signaling: this session's saves may not take its place.
    return { save: own.save, saves: { ...session, order: undefined } };
  }

  /** Keeps a save of a running session. */
  async keep(session: SessionSaves, save: Uint8Array): Promise<void> {
    const keeping = this.#keep(session, save);
    this.#keeping.set(keeping, session);
    await keeping;
    this.#keeping.delete(keeping);
  }

  /**
   * Resolves when signaling has what was kept of a session, or will not have it now, or as many
   * milliseconds later.
   */
  async untilBrought({ playerId, gameId }: SaveOwner, limitMs: number): Promise<void> {
    const keeping = [...this.#keeping].filter(
      ([, owner]) => owner.playerId === playerId && owner.gameId === gameId,
    );
    await Promise.all(keeping.map(([kept]) => kept));
    await this.#uploader.settled({ playerId, gameId }, limitMs);
  }

  /** Resolves when everything is written that was to be. */
  async close(): Promise<void> {
    this.#uploader.close();
    await this.#store.close();
  }

  async #keep(session: SessionSaves, save: Uint8Array): Promise<void> {
    const { sessionId, order } = session;
    const origin = { sessionId, ...(order && { turn: order.turn }) };
    const written = await this.#write(session, origin, save);
    if (written && order) this.#uploader.offer(session, order.token);
  }

  async #write(
    { sessionId, playerId, gameId }: PlayedGame,
    origin: SaveOrigin,
    save: Uint8Array,
  ): Promise<boolean> {
    try {
      await this.#store.write(playerId, gameId, origin, save);
      return true;
    } catch (err) {
      this.#options.log.error({ err, sessionId }, 'a save could not be written');
      return false;
    }
  }

  /** Undefined where it could not be had. */
  async #fetch(
    { sessionId, playerId, gameId }: PlayedGame,
    { bytes }: KeptSave,
    { token }: SaveOrder,
  ): Promise<Uint8Array | undefined> {
    const { remote, after, log } = this.#options;
    const limit = new AbortController();
    const limitMs = FETCH_LIMIT_MS + (1000 * bytes) / BYTES_PER_SECOND;
    const cancel = after(limitMs, () => limit.abort());
    try {
      return await remote.read({ playerId, gameId }, token, limit.signal);
    } catch (err) {
      log.warn(
        { err, sessionId, bytes },
        'the newest save could not be fetched: what is here is used',
      );
      return undefined;
    } finally {
      cancel();
    }
  }
}
