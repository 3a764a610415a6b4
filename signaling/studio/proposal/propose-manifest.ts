import { MANIFEST_FILE } from '../../../protocol/build-manifest.ts';
import type { BuildProblem, ManifestProposal } from '../../../protocol/build-report.ts';
import { gameIdFromTitle } from '../../../protocol/game-id-from-title.ts';
import { type FileLookup, nameOf } from '../builds/file-lookup.ts';
import { byConfidence, type Candidate } from './candidate.ts';
import { nativeCandidates } from './native-candidates.ts';
import { type NativeProgram, nativePrograms } from './native-programs.ts';
import { titleFromName } from './title-from-name.ts';
import { webCandidates } from './web-candidates.ts';

const MAX_ALTERNATIVES = 5;
const COVER = /^(?:[^/]+\/)?(?:cover|capsule|banner|keyart|thumbnail|splash)\.(?:png|jpe?g|webp)$/i;

/**
 * What a build without a `rockpool.json` seems to be: a proposal, or why there is none.
 * @returns both undefined for an empty build.
 */
export async function proposeManifest(files: FileLookup): Promise<{
  readonly proposal?: ManifestProposal;
  readonly problem?: BuildProblem;
}> {
  const programs = await nativePrograms(files);
  const candidates = [
    ...(await nativeCandidates(programs, files)),
    ...(await webCandidates(files)),
  ].sort(byConfidence);
  const [best, ...others] = candidates;
  return best
    ? { proposal: proposalOf(best, others, files) }
    : { problem: nothingToPlay(programs, files) };
}

function proposalOf(
  best: Candidate,
  others: readonly Candidate[],
  files: FileLookup,
): ManifestProposal {
  const title = best.title || titleFromName(files.name) || titleFromName(nameOf(best.entry));
  const cover = files.find(COVER)?.path;
  const { runtime, entry, kind, confidence, reasons } = best;
  return {
    manifest: {
      id: gameIdFromTitle(title) || 'game',
      title: title || 'Game',
      runtime,
      entry,
      ...(best.arguments ? { arguments: [...best.arguments] } : {}),
      ...(best.saves ? { saves: [...best.saves] } : {}),
      ...(best.packages ? { packages: [...best.packages] } : {}),
      ...(cover ? { cover } : {}),
    },
    kind,
    confidence,
    reasons: [...reasons],
    alternatives: others.slice(0, MAX_ALTERNATIVES).map((other) => ({
      runtime: other.runtime,
      entry: other.entry,
      reason: other.reasons.join(' '),
    })),
    questions: questionsOf(best, others, title, cover),
  };
}

function questionsOf(
  best: Candidate,
  others: readonly Candidate[],
  title: string,
  cover: string | undefined,
): ManifestProposal['questions'] {
  const rivals = others.filter(({ confidence }) => confidence === best.confidence);
  return [
    ...(best.confidence !== 'certain' && rivals.length > 0
      ? [{ field: 'entry', question: `Is the game started by ${best.entry}?` }]
      : []),
    ...(best.title === undefined
      ? [
          {
            field: 'title',
            question: title
              ? `Is the game called "${title}"? That is only the name of a file.`
              : 'What is the game called?',
          },
        ]
      : []),
    { field: 'summary', question: 'What is the game, in a sentence or two?' },
    {
      field: 'inputs',
      question: 'Is it played with gamepads or touch, beside keyboard and mouse?',
    },
    {
      field: 'pointerLock',
      question: 'Does the mouse turn the view? Then it needs its movement rather than a cursor.',
    },
    ...(best.runtime === 'linux' && !best.saves
      ? [
          {
            field: 'saves',
            question: 'In which files or folders of its home folder does it keep saved games?',
          },
        ]
      : []),
    ...(cover ? [] : [{ field: 'cover', question: 'Which picture, 16:9, stands for it?' }]),
    ...(best.questions ?? []),
  ];
}

/** A build that only other systems can play is told so by name. */
function nothingToPlay(programs: readonly NativeProgram[], files: FileLookup): BuildProblem {
  const appImage = programs.find(({ kind }) => kind === 'app-image');
  if (appImage) {
    return {
      path: appImage.path,
      what: `${appImage.path} is an AppImage, which mounts itself, and no game may mount anything.`,
      remedy: `Unpack it with "./${appImage.path} --appimage-extract", and upload the folder that comes of it.`,
    };
  }
  const windows = programs.find(({ kind }) => kind === 'windows-program');
  const mac = files.find(/(?:^|\/)[^/]+\.app\/Contents\/Info\.plist$/);
  const other = windows ?? mac;
  if (other) {
    return {
      path: other.path,
      what: `This is a build for ${windows ? 'Windows' : 'macOS'}: found ${other.path}, and nothing for Linux or the web.`,
      remedy: 'Export the game for Linux, or for the web.',
    };
  }
  const inner = files.find(/\.(?:zip|tar|tar\.gz|tgz|tar\.zst|7z|rar)$/i);
  if (inner) {
    return {
      path: inner.path,
      what: `Nothing to play was found, but an archive in it: ${inner.path}.`,
      remedy: 'Unpack that one, and upload the folder in it.',
    };
  }
  return {
    what: 'Nothing to play was found: neither a page nor a program for Linux.',
    remedy: `Upload the folder that the engine exported. Where the game is started in a way of its own, say so in a ${MANIFEST_FILE}.`,
  };
}
