import { ArchiveRefusal, told } from './archive-refusal.ts';
import type { UnpackLimits } from './unpack-limits.ts';

export function tooMany(entries: number, limits: Pick<UnpackLimits, 'entries'>): ArchiveRefusal {
  return new ArchiveRefusal(
    'too-many',
    `The archive holds ${entries} files and folders, and ${limits.entries} are taken. Put small files together, as engines do with packs of assets.`,
  );
}

export function tooLarge(name: string, limits: Pick<UnpackLimits, 'bytes'>): ArchiveRefusal {
  const size =
    limits.bytes >= 2 ** 30
      ? `${Math.round(limits.bytes / 2 ** 30)} GiB`
      : `${Math.round(limits.bytes / 2 ** 20)} MiB`;
  return new ArchiveRefusal(
    'too-large',
    `With ${told(name)} the build is larger than the ${size} that are taken. Leave out what players do not need, such as debug symbols.`,
  );
}

export function bomb(): ArchiveRefusal {
  return new ArchiveRefusal(
    'bomb',
    'The archive unpacks to far more than any game does, as a bomb would. If the build holds huge empty files, leave them out.',
  );
}

export function noRoomToUnpack(cause: unknown): ArchiveRefusal {
  return new ArchiveRefusal(
    'disk-full',
    'There is no room on the disk to unpack the build. Make some, or ask the operator to.',
    { cause },
  );
}
