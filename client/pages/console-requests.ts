import type { z } from 'zod';
import {
  type MachineHistory,
  type MachineLog,
  type MachineReport,
  machineHistorySchema,
  machineLogSchema,
  machineReportSchema,
} from '../../protocol/console-report.ts';
import { parseMessage, RockpoolError, wireErrorSchema } from '../../protocol/errors.ts';
import { emptySchema } from '../../protocol/player-messages.ts';
import type { FetchJson } from './polled.ts';

/** Asks signaling about one machine, and for what can be done with it. All reject with RockpoolError. */
export class ConsoleRequests {
  readonly #fetch: FetchJson;
  readonly #token: string;

  constructor(fetchJson: FetchJson, token: string) {
    this.#fetch = fetchJson;
    this.#token = token;
  }

  report(): Promise<MachineReport> {
    return this.#ask('GET', '/machine', machineReportSchema);
  }

  history(): Promise<MachineHistory> {
    return this.#ask('GET', '/machine/sessions', machineHistorySchema);
  }

  log(): Promise<MachineLog> {
    return this.#ask('GET', '/machine/log', machineLogSchema);
  }

  /** Has the machine take no new games. */
  async drain(): Promise<void> {
    await this.#ask('POST', '/machine/drain', emptySchema);
  }

  /** Has the machine take games again. */
  async resume(): Promise<void> {
    await this.#ask('POST', '/machine/resume', emptySchema);
  }

  async #ask<T>(method: string, path: string, schema: z.ZodType<T>): Promise<T> {
    const headers = { accept: 'application/json', authorization: `Bearer ${this.#token}` };
    let response: Response;
    let body: unknown;
    try {
      response = await this.#fetch(`/api/console${path}`, { method, headers });
      body = await response.json();
    } catch (cause) {
      throw new RockpoolError('timeout', 'The server could not be reached.', { cause });
    }
    if (response.ok) return parseMessage(schema, body, 'the answer of the server');
    const { code, message } = parseMessage(wireErrorSchema, body, 'the error of the server');
    throw new RockpoolError(code, message);
  }
}
