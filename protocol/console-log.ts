import { z } from 'zod';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How many of its own log lines a container keeps for the console. */
export const KEPT_LOG_LINES = 200;
const MAX_MESSAGE_CHARS = 500;
const MAX_DETAIL_CHARS = 2000;

/** One line of a container's log. */
export const logLineSchema = z.strictObject({
  /** Epoch milliseconds by the container's clock. */
  atMs: z.int().min(0),
  level: z.enum(LOG_LEVELS),
  message: z.string().max(MAX_MESSAGE_CHARS),
  /** What else the line has, as `name=value`; may be empty. */
  detail: z.string().max(MAX_DETAIL_CHARS),
});
export type LogLine = z.infer<typeof logLineSchema>;

/** Cuts a line to what may travel. */
export function shortenLogLine({ atMs, level, message, detail }: LogLine): LogLine {
  return {
    atMs,
    level,
    message: message.slice(0, MAX_MESSAGE_CHARS),
    detail: detail.slice(0, MAX_DETAIL_CHARS),
  };
}

/** The answer to the command `log`: oldest first. */
export const logAnswerSchema = z.strictObject({
  lines: z.array(logLineSchema).max(KEPT_LOG_LINES),
});
export type LogAnswer = z.infer<typeof logAnswerSchema>;
