import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import pg from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import { RockpoolError } from '../protocol/errors.ts';
import { type KeptSave, keptSaveSchema, type SaveOwner } from '../protocol/save-order.ts';
import { MAX_VAULT_BYTES } from './folder-save-vault.ts';
import type { SaveVault, StoredSave } from './save-vault.ts';
import { databaseError } from './store/database-errors.ts';

/** Of one statement; a save has up to 64 of them. */
const PART_BYTES = 2 ** 20;

/** Whoever reads a save that is replaced meanwhile reads it to the end; an upload takes no longer either. */
const PARTS_KEPT_MS = 10 * 60_000;

const TIDY_INTERVAL_MS = 60_000;

const MAX_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 30_000;

export interface PostgresSaveVaultOptions {
  /** Of a database that the store has brought up to date. */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
  readonly maxBytes?: number;
}

const rowSchema = z
  .object({
    turn: z.coerce.number(),
    sha256: z.string(),
    bytes: z.coerce.number(),
    upload_id: z.uuid(),
  })
  .transform(({ upload_id, ...kept }) => ({
    uploadId: upload_id,
    kept: keptSaveSchema.parse(kept),
  }));

/**
 * Saves in the Postgres that nodes share. An upload is written part by part, and a save is replaced by
 * one statement that points at it where its turn is not overtaken: there is the old one or the new, and
 * no node needs to know of another.
 */
export class PostgresSaveVault implements SaveVault {
  readonly #pool: pg.Pool;
  readonly #options: PostgresSaveVaultOptions;
  #lastTurn = 0;
  #tidiedMs = Number.NEGATIVE_INFINITY;

  constructor(options: PostgresSaveVaultOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      application_name: 'rockpool-saves',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      max: MAX_CONNECTIONS,
      statement_timeout: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS + 1_000,
    });
    this.#pool.on('error', (error) =>
      options.log.warn({ reason: error.message }, 'lost a connection to Postgres'),
    );
  }

  async newest(owner: SaveOwner): Promise<KeptSave | undefined> {
    return (await this.#find(owner))?.kept;
  }

  async read(owner: SaveOwner): Promise<StoredSave | undefined> {
    const found = await this.#find(owner);
    if (!found) return undefined;
    return { kept: found.kept, content: Readable.from(this.#parts(found.uploadId)) };
  }

  async write(
    owner: SaveOwner,
    save: KeptSave,
    content: AsyncIterable<Uint8Array>,
  ): Promise<boolean> {
    const newest = await this.newest(owner);
    if (newest && newest.turn > save.turn) return false;
    const uploadId = randomUUID();
    let isKept = false;
    try {
      await this.#upload(uploadId, save, content);
      isKept = await this.#pointAt(uploadId, owner, save);
    } finally {
      if (!isKept) {
        await this.#ask('delete from rockpool.save_parts where upload_id = $1', [uploadId]);
      }
    }
    await this.#tidy();
    return isKept;
  }

  nextTurn(): number {
    this.#lastTurn = Math.max(this.#lastTurn + 1, Math.floor(this.#options.wallClockMs()));
    return this.#lastTurn;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #find({ playerId, gameId }: SaveOwner) {
    const [row] = await this.#ask(
      `select turn, sha256, bytes, upload_id from rockpool.saves
       where player_id = $1 and game_id = $2`,
      [playerId, gameId],
    );
    return row === undefined ? undefined : rowSchema.parse(row);
  }

  async *#parts(uploadId: string): AsyncGenerator<Buffer> {
    for (let part = 0; ; part++) {
      const [row] = await this.#ask(
        'select content from rockpool.save_parts where upload_id = $1 and part = $2',
        [uploadId, part],
      );
      if (row === undefined) return;
      yield z.object({ content: z.instanceof(Buffer) }).parse(row).content;
    }
  }

  /** @throws RockpoolError `bad-message` */
  async #upload(
    uploadId: string,
    { bytes, sha256 }: KeptSave,
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const begunMs = Math.floor(this.#options.wallClockMs());
    const hash = createHash('sha256');
    let received = 0;
    let part = 0;
    for await (const piece of inParts(content)) {
      received += piece.byteLength;
      if (received > bytes) break;
      hash.update(piece);
      await this.#ask(
        `insert into rockpool.save_parts (upload_id, part, begun_at_ms, content)
         values ($1, $2, $3, $4)`,
        [uploadId, part++, begunMs, piece],
      );
    }
    if (received !== bytes || hash.digest('hex') !== sha256) {
      throw new RockpoolError('bad-message', 'The save is not what its length and digest say.');
    }
  }

  /** @returns false where a later turn has left its own meanwhile. */
  async #pointAt(
    uploadId: string,
    { playerId, gameId }: SaveOwner,
    { turn, sha256, bytes }: KeptSave,
  ): Promise<boolean> {
    const rows = await this.#ask(
      `insert into rockpool.saves as kept
         (player_id, game_id, turn, sha256, bytes, upload_id, saved_at_ms)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (player_id, game_id) do update set
         turn = excluded.turn, sha256 = excluded.sha256, bytes = excluded.bytes,
         upload_id = excluded.upload_id, saved_at_ms = excluded.saved_at_ms
       where kept.turn <= excluded.turn
       returning kept.turn`,
      [playerId, gameId, turn, sha256, bytes, uploadId, Math.floor(this.#options.wallClockMs())],
    );
    return rows.length > 0;
  }

  /** Drops what nobody points at any more, and beyond the limit those that were not saved for longest. */
  async #tidy(): Promise<void> {
    const nowMs = this.#options.wallClockMs();
    if (nowMs - this.#tidiedMs < TIDY_INTERVAL_MS) return;
    this.#tidiedMs = nowMs;
    await this.#ask(
      `delete from rockpool.saves as old using (
         select player_id, game_id, sum(bytes) over (order by saved_at_ms desc, player_id, game_id)
           as up_to, row_number() over (order by saved_at_ms desc, player_id, game_id) as place
         from rockpool.saves) as aged
       where old.player_id = aged.player_id and old.game_id = aged.game_id
         and aged.up_to > $1 and aged.place > 1`,
      [this.#options.maxBytes ?? MAX_VAULT_BYTES],
    );
    await this.#ask(
      `delete from rockpool.save_parts as part
       where part.begun_at_ms < $1 and not exists (
         select from rockpool.saves where upload_id = part.upload_id)`,
      [Math.floor(nowMs - PARTS_KEPT_MS)],
    );
  }

  /** One statement. @throws RockpoolError `internal` */
  async #ask(statement: string, values: unknown[]): Promise<readonly unknown[]> {
    try {
      return (await this.#pool.query(statement, values)).rows;
    } catch (thrown) {
      throw databaseError(thrown);
    }
  }
}

/** The same bytes in pieces of one size, of which the last may be smaller. */
async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    for (let from = 0; from < chunk.byteLength; ) {
      const piece = chunk.subarray(from, from + PART_BYTES - length);
      pieces.push(piece);
      length += piece.byteLength;
      from += piece.byteLength;
      if (length < PART_BYTES) continue;
      yield Buffer.concat(pieces);
      pieces = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(pieces);
}
