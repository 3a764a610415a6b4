import { z } from 'zod';
import { RockpoolError } from './errors.ts';
import {
  type GameInfo,
  gameControlSchema,
  gameInputSchema,
  touchButtonSchema,
} from './game-info.ts';
import { gameIdSchema } from './ids.ts';
import { MAX_PAD_BUTTONS } from './input-messages.ts';
import { KEY_CODES } from './key-codes.ts';

/** File that describes a build, in the build's top folder. */
export const MANIFEST_FILE = 'rockpool.json';

/** Where a build's files lie inside the sandbox, read-only. */
export const BUILD_MOUNT = '/game';
/** The only place inside the sandbox that a build may write to, beside `/tmp`. */
export const HOME_MOUNT = '/home/player';

/** A path below a folder: no leading slash, no `.` or `..` part, no backslash. */
const relativePathSchema = z
  .string()
  .min(1)
  .max(1024)
  .refine(
    (path) =>
      !path.startsWith('/') &&
      !/[\\\0]/.test(path) &&
      path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'a path inside the build, such as "bin/game", without "..", "." or a leading "/"',
  );

const programSchema = z.union(
  [relativePathSchema, z.string().regex(/^(?!.*(?:\/\.\.?(?:\/|$)|\/\/))\/usr\/[^\\\0]{1,1000}$/)],
  { error: 'a file of the build, such as "bin/game", or a program of the system below /usr/' },
);

const keyCodeSchema = z.literal(KEY_CODES, {
  error: 'a KeyboardEvent.code, such as "KeyW", "ArrowUp" or "Space"',
});

const mouseButtonSchema = z.enum(['left', 'middle', 'right'], {
  error: '"left", "middle" or "right"',
});

/** What a pad's button or half axis stands for in a game that knows no pads. */
const padTargetSchema = z.union([
  z.strictObject({ key: keyCodeSchema }),
  z.strictObject({ mouse: mouseButtonSchema }),
]);
export type PadTarget = z.infer<typeof padTargetSchema>;

/** A stick: four keys, or movement of the pointer. */
const padStickSchema = z.union([
  z.strictObject({
    up: keyCodeSchema,
    down: keyCodeSchema,
    left: keyCodeSchema,
    right: keyCodeSchema,
  }),
  z.strictObject({
    /** Pixels a second at full deflection. */
    pointerSpeed: z.number().min(10).max(10_000),
  }),
]);
export type PadStick = z.infer<typeof padStickSchema>;

const padButtonIndexSchema = z
  .string()
  .regex(
    /^(?:\d|1[0-6])$/,
    `a button of the W3C standard gamepad, "0" to "${MAX_PAD_BUTTONS - 1}"`,
  );

/** The longest that a scripted key or button is held, in milliseconds. */
const MAX_HOLD_MS = 10_000;

const stepTiming = {
  atMs: z.int().min(0).max(20_000).describe('From the first window on, in milliseconds.'),
  holdMs: z.int().min(1).max(MAX_HOLD_MS).default(100).describe('How long it is held.'),
};

/** One thing that is done to a game while it is tried out with nobody playing. */
export const tryOutStepSchema = z.union(
  [
    z.strictObject({ ...stepTiming, key: keyCodeSchema }),
    z.strictObject({
      ...stepTiming,
      pad: z
        .int()
        .min(0)
        .max(MAX_PAD_BUTTONS - 1)
        .describe('A button of the W3C standard gamepad.'),
    }),
    z.strictObject({
      ...stepTiming,
      click: z.strictObject({
        x: z.number().min(0).max(1).describe('0 at the left of the picture, 1 at its right.'),
        y: z.number().min(0).max(1).describe('0 at its top, 1 at its bottom.'),
        button: mouseButtonSchema.default('left'),
      }),
    }),
  ],
  {
    error:
      'one of {"atMs", "key"}, {"atMs", "pad"} or {"atMs", "click": {"x", "y"}}, such as {"atMs": 2000, "key": "Enter"}',
  },
);
export type TryOutStep = z.infer<typeof tryOutStepSchema>;

/** Pad to keys and pointer, for native games that know no pads or get none from the machine. */
export const padMappingSchema = z.strictObject({
  /** By index in the W3C standard gamepad layout. */
  buttons: z.record(padButtonIndexSchema, padTargetSchema).default({}),
  leftStick: padStickSchema.optional(),
  rightStick: padStickSchema.optional(),
});
export type PadMapping = z.infer<typeof padMappingSchema>;

const MIB = 'MiB';

/** Of what `rockpool.json` may say; rises when an earlier release would misread a later file. */
export const MANIFEST_VERSION = 1;

/** What one session of the build may use. The operator's machine may have less. */
export const buildLimitsSchema = z.strictObject({
  memoryMib: z.int().min(64).max(262_144).default(4096).describe(`Memory, ${MIB}.`),
  cpus: z.number().min(0.1).max(256).default(4).describe('Processor cores.'),
  processes: z.int().min(4).max(16_384).default(512).describe('Processes and threads.'),
  diskMib: z.int().min(1).max(262_144).default(512).describe(`Everything it writes, ${MIB}.`),
  openFiles: z.int().min(64).max(1_048_576).default(4096).describe('Open files of a process.'),
});
export type BuildLimits = z.infer<typeof buildLimitsSchema>;

/** The whole of `rockpool.json`. */
export const buildManifestSchema = z.strictObject({
  $schema: z.string().optional().describe('Where editors find this schema.'),
  manifestVersion: z
    .literal(MANIFEST_VERSION)
    .optional()
    .describe('Of this format; 1 where left out.'),
  id: gameIdSchema.describe('Name in addresses: lower-case letters, digits and dashes.'),
  title: z.string().min(1).max(80).describe('Name in the library.'),
  summary: z.string().max(280).default('').describe('A sentence or two below it.'),
  runtime: z
    .enum(['linux', 'web'], { error: '"linux" or "web"' })
    .describe('"linux": a program under X11. "web": static files shown by a browser.'),
  entry: programSchema.describe(
    'linux: the program, a file of the build or one below /usr/. web: the page, such as "index.html".',
  ),
  arguments: z.array(z.string().max(4096)).max(256).default([]).describe('Of the program.'),
  environment: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/), z.string().max(4096))
    .default({})
    .describe('Variables of the program.'),
  workingFolder: relativePathSchema
    .optional()
    .describe('Folder of the build in which the program starts; its top folder where left out.'),
  resolution: z
    .strictObject({
      width: z.int().min(320).max(3840).multipleOf(2, 'an even number'),
      height: z.int().min(200).max(2160).multipleOf(2, 'an even number'),
    })
    .default({ width: 1280, height: 720 })
    .describe('Pixels of the display at the start.'),
  resizable: z
    .boolean()
    .default(false)
    .describe('Whether the game follows a display that changes its size.'),
  frameRate: z.int().min(1).max(240).default(60).describe('Frames a second, at most.'),
  inputs: z.array(gameInputSchema).max(4).default(['keyboard', 'mouse']),
  pointerLock: z
    .boolean()
    .default(false)
    .describe('Whether the game takes relative movement of the mouse rather than a cursor.'),
  controls: z.array(gameControlSchema).max(16).default([]).describe('The how-to-play list.'),
  touchButtons: z.array(touchButtonSchema).max(6).default([]),
  pad: padMappingSchema.optional(),
  nativePads: z
    .boolean()
    .default(true)
    .describe('linux: whether the game knows gamepads, and gets real ones where the machine can.'),
  players: z.int().min(1).max(4).default(1),
  saves: z
    .array(relativePathSchema)
    .max(32)
    .default([])
    .describe('Files and folders below the home folder that are kept for each player.'),
  network: z
    .boolean()
    .default(false)
    .describe('Whether it needs the internet; the operator decides.'),
  limits: buildLimitsSchema.prefault({}),
  packages: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]{1,127}$/, 'a Debian package name'))
    .max(64)
    .default([])
    .describe('Debian packages it needs; installed on first play where the container may.'),
  cover: relativePathSchema.optional().describe('A picture of the build for the library, 16:9.'),
  tryOut: z
    .array(tryOutStepSchema)
    .max(64)
    .optional()
    .describe(
      'What is pressed while the build is tried out; Start of a pad, Enter and Space where left out.',
    ),
});
export type BuildManifest = z.infer<typeof buildManifestSchema>;

/** What the library says of a build. */
export function gameInfoOf(manifest: BuildManifest): GameInfo {
  const { id, title, summary, inputs, players, pointerLock, controls, touchButtons } = manifest;
  return {
    id,
    title,
    summary,
    inputs,
    players,
    diagnostic: false,
    pointerLock,
    controls,
    touchButtons,
  };
}

/**
 * @param text of a `rockpool.json`.
 * @throws RockpoolError `bad-manifest` that names every field at fault and what it may be.
 */
export function parseManifest(text: string): BuildManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RockpoolError('bad-manifest', `${MANIFEST_FILE} is not JSON: ${why}`, { cause });
  }
  refuseNewer(value);
  const result = buildManifestSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `  ${path.length > 0 ? path.join('.') : MANIFEST_FILE}: ${message}`,
  );
  throw new RockpoolError(
    'bad-manifest',
    `${MANIFEST_FILE} has ${problems.length === 1 ? 'a problem' : 'problems'}:\n${problems.join('\n')}`,
  );
}

/** Whatever else a later version of the file says, it would only be misread here. */
function refuseNewer(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('manifestVersion' in value)) return;
  const { manifestVersion: version } = value;
  if (typeof version !== 'number' || version <= MANIFEST_VERSION) return;
  throw new RockpoolError(
    'bad-manifest',
    `${MANIFEST_FILE} is of version ${version}, and this Rockpool reads version ${MANIFEST_VERSION}: update Rockpool, or write the file for version ${MANIFEST_VERSION}.`,
  );
}

/** JSON Schema (draft 2020-12) of `rockpool.json`, for editors. */
export function manifestJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(buildManifestSchema, { io: 'input' }),
    title: 'A Rockpool build',
    description: 'Describes a game that Rockpool runs.',
  };
}
