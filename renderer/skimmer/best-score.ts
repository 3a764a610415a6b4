import { z } from 'zod';

const saveSchema = z.strictObject({ version: z.literal(1), best: z.int().min(0) });

export function encodeBestScore(best: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ version: 1, best }));
}

/** The best score of a save, or 0 where there is none or it makes no sense: a save never stops play. */
export function decodeBestScore(save: Uint8Array | undefined): number {
  if (!save) return 0;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(save));
  } catch {
    return 0;
  }
  const parsed = saveSchema.safeParse(value);
  return parsed.success ? parsed.data.best : 0;
}
