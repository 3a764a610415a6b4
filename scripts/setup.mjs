// Everything between a fresh clone and a program that runs. Quick when nothing is missing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSystemPackages } from './system-packages.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Written inside what it vouches for, so that deleting the folder asks for the work again. */
const PACKAGES_STAMP = join(ROOT, 'node_modules', '.rockpool-setup');
const BUILD_STAMP = join(ROOT, 'dist', '.rockpool-build');
const SOURCES = ['cli', 'signaling', 'server', 'gate', 'renderer', 'protocol', 'client'];
const BUILD_FILES = [
  'package-lock.json',
  'scripts/bundle.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Rockpool needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Runs a command in the project's root and ends this process with its status where it fails. */
export function runOrExit(command, args) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function stampHolds(stamp, value) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === value;
}

function ensurePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (stampHolds(PACKAGES_STAMP, lock)) return;
  const packages = lstatSync(dirname(PACKAGES_STAMP), { throwIfNoEntry: false });
  if (packages?.isSymbolicLink()) {
    // npm empties a folder before it fills it, and this one is somebody else's, too.
    console.error(
      'node_modules is a link to packages of another package-lock.json. Remove the link, and run this again.',
    );
    process.exit(1);
  }
  console.log('Installing npm packages…');
  // No dependency's install script is run: none is needed, and some download.
  runOrExit('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(PACKAGES_STAMP, lock);
}

/** Of all WebAssembly there is: its text, and beside it what that is assembled to. */
function assemblies() {
  return SOURCES.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => name.endsWith('.wat'))
      .map((name) => join(folder, name))
      .map((text) => ({ text, code: text.replace(/\.wat$/, '.wasm') })),
  );
}

/** Assembles WebAssembly beside its text, where sources and tests find it; the build copies it. */
async function assemble() {
  for (const paths of assemblies()) {
    const [text, code] = [join(ROOT, paths.text), join(ROOT, paths.code)];
    if (existsSync(code) && statSync(code).mtimeMs >= statSync(text).mtimeMs) continue;
    const { default: openWabt } = await import('wabt');
    const wabt = await openWabt();
    const parsed = wabt.parseWat(paths.text, readFileSync(text, 'utf8'), { simd: true });
    parsed.validate();
    writeFileSync(code, parsed.toBinary({}).buffer);
    parsed.destroy();
  }
}

/** Name, size and time of every source file: changes when any of them does. */
function sourceStamp() {
  const hash = createHash('sha256');
  const add = (path) => {
    const stat = statSync(join(ROOT, path));
    if (stat.isDirectory())
      for (const name of readdirSync(join(ROOT, path)).sort()) add(`${path}/${name}`);
    else hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
  };
  for (const path of [...SOURCES, ...BUILD_FILES]) add(path);
  return hash.digest('hex');
}

/**
 * Compiles server code with tsc and pages with Vite, unless nothing changed since. `npm test` checks
 * the types: what is emitted does not depend on them, and they are four fifths of the compiler's work.
 */
export function build() {
  const stamp = sourceStamp();
  if (stampHolds(BUILD_STAMP, stamp)) return;
  console.log('Building…');
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck'];
  runOrExit(process.execPath, compiler);
  for (const { code } of assemblies()) cpSync(join(ROOT, code), join(ROOT, 'dist', code));
  runOrExit(process.execPath, ['scripts/bundle.mjs']);
  runOrExit(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn']);
  mkdirSync(dirname(BUILD_STAMP), { recursive: true });
  writeFileSync(BUILD_STAMP, stamp);
}

/** @param needs which system packages this use of Rockpool wants. */
export async function setUp(needs) {
  checkNode();
  ensurePackages();
  await assemble();
  ensureSystemPackages(needs);
}
