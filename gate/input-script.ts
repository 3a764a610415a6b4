import { z } from 'zod';
import { MAX_PAD_BUTTONS, MAX_PADS } from '../protocol/input-messages.ts';
import { KEY_CODES } from '../protocol/key-codes.ts';

/** An hour: more than anybody plays to measure. */
export const MAX_MS = 3_600_000;
/** A mouse at 250 reports a second for ten minutes. */
export const MAX_EVENTS = 150_000;

/** `KeyboardEvent.code`. */
const keySchema = z.enum(KEY_CODES, 'is no key such as KeyW, ArrowLeft or Space');

/** Milliseconds since the script began. */
const atMsSchema = z.number().min(0).max(MAX_MS);
/** Fraction of the picture, from its left or top edge. */
const fractionSchema = z.number().min(0).max(1);
/** The first pad is 0. */
const padSchema = z
  .int()
  .min(0)
  .max(MAX_PADS - 1);
const axisSchema = z.number().min(-1).max(1);
/** CSS pixels: more than any screen has, several times over. */
const movementSchema = z.int().min(-100_000).max(100_000);

export const inputEventSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('key'),
    atMs: atMsSchema,
    code: keySchema,
    down: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('button'),
    atMs: atMsSchema,
    /** `MouseEvent.button`. */
    button: z.int().min(0).max(4),
    down: z.boolean(),
    x: fractionSchema,
    y: fractionSchema,
  }),
  z.strictObject({
    type: z.literal('pointer'),
    atMs: atMsSchema,
    x: fractionSchema,
    y: fractionSchema,
  }),
  z.strictObject({
    type: z.literal('wheel'),
    atMs: atMsSchema,
    /** CSS pixels. */
    dx: z.number(),
    dy: z.number(),
  }),
  /** The page takes the pointer for itself, or frees it. */
  z.strictObject({
    type: z.literal('capture'),
    atMs: atMsSchema,
    captured: z.boolean(),
  }),
  /** By how far a captured pointer moved. */
  z.strictObject({
    type: z.literal('movement'),
    atMs: atMsSchema,
    dx: movementSchema,
    dy: movementSchema,
  }),
  /** A gamepad is plugged in, or out. */
  z.strictObject({
    type: z.literal('pad'),
    atMs: atMsSchema,
    pad: padSchema,
    connected: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('pad-button'),
    atMs: atMsSchema,
    pad: padSchema,
    /** Of the W3C standard gamepad layout. */
    button: z
      .int()
      .min(0)
      .max(MAX_PAD_BUTTONS - 1),
    down: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('pad-sticks'),
    atMs: atMsSchema,
    pad: padSchema,
    /** Left x and y, right x and y, as the game gets them: without their dead zone. */
    axes: z.tuple([axisSchema, axisSchema, axisSchema, axisSchema]),
    /** Left and right. */
    triggers: z.tuple([fractionSchema, fractionSchema]),
  }),
]);
/** One thing a player did. */
export type InputEvent = z.infer<typeof inputEventSchema>;

/** What a player did, as `rockpool record` writes it. */
const recordedSchema = z
  .strictObject({
    kind: z.literal('recorded'),
    /** When it begins again, where a run is longer; once only where left out. */
    repeatAfterMs: z.number().min(100).max(MAX_MS).optional(),
    events: z.array(inputEventSchema).min(1).max(MAX_EVENTS),
  })
  .refine(
    ({ events }) => events.every(({ atMs }, i) => atMs >= (events[i - 1]?.atMs ?? 0)),
    'events must be in the order in which they happened',
  )
  .refine(
    ({ events, repeatAfterMs = MAX_MS }) => (events.at(-1)?.atMs ?? 0) <= repeatAfterMs,
    'events must be over when the script begins again',
  );

/** Presses of one key for as long as a run lasts, for a scene that shows nothing but presses. */
const pressesSchema = z
  .strictObject({
    kind: z.literal('presses'),
    code: keySchema,
    heldMs: z.number().min(1).max(10_000),
    /** From one press to the next: drawn by chance, so that they meet the frame grid in every phase. */
    leastMs: z.number().min(1).max(60_000),
    mostMs: z.number().min(1).max(60_000),
  })
  .refine(
    ({ heldMs, leastMs, mostMs }) => heldMs < leastMs && leastMs <= mostMs,
    'a press must be over when the next one begins: heldMs < leastMs ≤ mostMs',
  );

export const inputScriptSchema = z.discriminatedUnion('kind', [recordedSchema, pressesSchema]);
export type InputScript = z.infer<typeof inputScriptSchema>;

/** Whether a gamepad is touched in a script. */
export function usesPads(script: InputScript): boolean {
  return script.kind === 'recorded' && script.events.some(({ type }) => type.startsWith('pad'));
}

/**
 * The events of a script for as long as a run lasts, each when it is due.
 * @param random 0 to 1 (exclusive); a seed makes the runs of a comparison press at the same times.
 */
export function* inputEvents(
  script: InputScript,
  durationMs: number,
  random: () => number,
): Generator<InputEvent> {
  if (script.kind === 'recorded') yield* recordedEvents(script, durationMs);
  else yield* pressEvents(script, durationMs, random);
}

function* recordedEvents(
  { events, repeatAfterMs }: z.infer<typeof recordedSchema>,
  durationMs: number,
): Generator<InputEvent> {
  for (let beganMs = 0; ; beganMs += repeatAfterMs ?? 0) {
    for (const event of events) {
      if (beganMs + event.atMs > durationMs) return;
      yield { ...event, atMs: beganMs + event.atMs };
    }
    if (repeatAfterMs === undefined) return;
  }
}

function* pressEvents(
  { code, heldMs, leastMs, mostMs }: z.infer<typeof pressesSchema>,
  durationMs: number,
  random: () => number,
): Generator<InputEvent> {
  let atMs = leastMs + random() * (mostMs - leastMs);
  while (atMs + heldMs <= durationMs) {
    yield { type: 'key', atMs, code, down: true };
    yield { type: 'key', atMs: atMs + heldMs, code, down: false };
    atMs += leastMs + random() * (mostMs - leastMs);
  }
}
