import type { Readable } from 'node:stream';
import type { KeptSave, SaveOwner } from '../protocol/save-order.ts';

/** A save on its way out. Its content is to be read or destroyed. */
export interface StoredSave {
  readonly kept: KeptSave;
  readonly content: Readable;
}

/** Keeps the newest save of each player and game, for whatever machine they play on next. */
export interface SaveVault {
  newest(owner: SaveOwner): KeptSave | undefined | Promise<KeptSave | undefined>;
  /** Undefined where there is none. */
  read(owner: SaveOwner): Promise<StoredSave | undefined>;
  /**
   * Takes a save that is of the turn of the one kept, or of a later one. What is not taken leaves
   * everything as it was.
   * @param content may be left unread where the answer is false.
   * @returns false where a later turn has left its own already.
   * @throws RockpoolError `bad-message` where the content is not what `save` says of it; whatever
   * reading it throws.
   */
  write(owner: SaveOwner, save: KeptSave, content: AsyncIterable<Uint8Array>): Promise<boolean>;
  /** The number of a session that begins now: above every one before, of this node. */
  nextTurn(): number;
  /** Lets go of what it holds open. */
  close?(): Promise<void>;
}
