import {
  KEPT_LOG_LINES,
  LOG_LEVELS,
  type LogLevel,
  type LogLine,
  shortenLogLine,
} from '../../protocol/console-log.ts';

/** What its provider needs not be told: itself on each line, and who its players are. */
const LEFT_OUT = new Set(['level', 'time', 'msg', 'containerId', 'playerId']);

/** Signed tokens (RFC 7515 §7.1) of whatever kind. */
const TOKENS = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;

/** A destination of pino's that keeps the last lines, without their secrets. */
export class LogRing {
  readonly #secrets: readonly string[];
  readonly #lines: string[] = [];

  /** @param secrets never told, wherever they stand. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter((secret) => secret !== '');
  }

  /** @param text one line as pino writes it. */
  write(text: string): void {
    this.#lines.push(text);
    if (this.#lines.length > KEPT_LOG_LINES) this.#lines.shift();
  }

  /** Oldest first. */
  lines(): LogLine[] {
    return this.#lines.map((text) => this.#lineOf(text));
  }

  #lineOf(text: string): LogLine {
    const fields: Record<string, unknown> = JSON.parse(text);
    const rest = Object.entries(fields).filter(([name]) => !LEFT_OUT.has(name));
    const detail = rest.map(([name, value]) => `${name}=${plain(value)}`).join(' ');
    return shortenLogLine({
      atMs: Number(fields.time),
      level: levelOf(Number(fields.level)),
      message: this.#withoutSecrets(String(fields.msg ?? '')),
      detail: this.#withoutSecrets(detail),
    });
  }

  #withoutSecrets(text: string): string {
    let safe = text.replace(TOKENS, '…');
    for (const secret of this.#secrets) safe = safe.replaceAll(secret, '…');
    return safe;
  }
}

/** An error in one line: its stack is for the log itself. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'message' in value && 'type' in value) {
    return `${value.type}: ${value.message}`;
  }
  return JSON.stringify(value);
}

/** Pino's levels are ten apart, from 10. */
function levelOf(number: number): LogLevel {
  return LOG_LEVELS[Math.round(number / 10) - 1] ?? 'info';
}
