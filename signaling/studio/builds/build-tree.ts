import { collisionKey } from '../../../protocol/build-path.ts';
import { ArchiveRefusal, told } from './archive-refusal.ts';
import { tooMany } from './limit-refusals.ts';
import type { UnpackLimits } from './unpack-limits.ts';

/** As Linux: more links in a row are a circle (ELOOP). */
const MAX_HOPS = 40;

interface Node {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Of a link. */
  readonly target: string;
}

/**
 * What an archive is about to become, name by name, before anything is on disk. Paths are as
 * `readBuildPath` gives them.
 */
export class BuildTree {
  readonly #limits: Pick<UnpackLimits, 'entries' | 'depth'>;
  /** By what they are called where case does not count. */
  readonly #nodes = new Map<string, Node>();

  constructor(limits: Pick<UnpackLimits, 'entries' | 'depth'>) {
    this.#limits = limits;
  }

  /** Files, folders and links, those included that only the names of others speak of. */
  get size(): number {
    return this.#nodes.size;
  }

  get links(): readonly { readonly path: string; readonly target: string }[] {
    return [...this.#nodes.values()].filter(({ kind }) => kind === 'link');
  }

  /**
   * A folder may be named more than once.
   * @throws ArchiveRefusal
   */
  addFolder(path: string): void {
    const parts = path.split('/');
    if (parts.length > this.#limits.depth) {
      throw new ArchiveRefusal(
        'too-deep',
        `${told(path)} lies in ${parts.length} folders within one another, and ${this.#limits.depth} are taken. Move it up.`,
      );
    }
    for (let depth = 1; depth <= parts.length; depth++) {
      this.#addFolder(parts.slice(0, depth).join('/'), path);
    }
  }

  /** @throws ArchiveRefusal */
  addFile(path: string): void {
    this.#addLeaf({ path, kind: 'file', target: '' });
  }

  /**
   * A symbolic link. Where it leads is known only when the whole archive is: {@link checkLinks}.
   * @throws ArchiveRefusal
   */
  addLink(path: string, target: string): void {
    if (target === '' || /[\p{Cc}\p{Surrogate}\\]/u.test(target)) {
      throw unsafeLink(path, target, 'a target that cannot be one');
    }
    if (target.startsWith('/')) throw unsafeLink(path, target, 'an absolute target');
    this.#addLeaf({ path, kind: 'link', target });
  }

  /**
   * A further name of a file that came before.
   * @throws ArchiveRefusal
   */
  addHardLink(path: string, of: string): void {
    const node = this.#find(of);
    if (node?.kind !== 'file') {
      throw new ArchiveRefusal(
        'unsafe-link',
        `${told(path)} is a hard link to ${told(of)}, which is no file of the archive that comes before it. Pack the build with "tar --hard-dereference".`,
      );
    }
    this.addFile(path);
  }

  /**
   * Follows every symbolic link as Linux would, through others too.
   * @returns the links that lead to nothing, which harms nobody.
   * @throws ArchiveRefusal `unsafe-link` where one leads out of the build or in a circle.
   */
  checkLinks(): readonly string[] {
    return this.links.filter((link) => !this.#follow(link)).map(({ path }) => path);
  }

  #follow({ path, target }: { readonly path: string; readonly target: string }): boolean {
    const here = path.split('/').slice(0, -1);
    const left = target.split('/');
    let hops = 1;
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (here.pop() === undefined) throw unsafeLink(path, target, 'a target outside the build');
        continue;
      }
      here.push(part);
      const node = this.#find(here.join('/'));
      if (!node) return false;
      if (node.kind === 'link') {
        if (++hops > MAX_HOPS) throw unsafeLink(path, target, 'a target that leads back to it');
        here.pop();
        left.unshift(...node.target.split('/'));
      } else if (node.kind === 'file' && left.some((further) => further !== '')) {
        return false;
      }
    }
    return true;
  }

  #find(path: string): Node | undefined {
    const node = this.#nodes.get(collisionKey(path));
    return node?.path === path ? node : undefined;
  }

  #addFolder(path: string, of: string): void {
    const key = collisionKey(path);
    const there = this.#nodes.get(key);
    if (!there) {
      this.#set(key, { path, kind: 'folder', target: '' });
      return;
    }
    if (there.path !== path) throw collision(there.path, path);
    if (there.kind === 'link') {
      throw new ArchiveRefusal(
        'unsafe-link',
        `${told(of)} lies below ${told(path)}, which is a symbolic link. Put the folder itself there.`,
      );
    }
    if (there.kind === 'file') {
      throw new ArchiveRefusal(
        'duplicate',
        `${told(path)} is a file and a folder at once. Rename one of them.`,
      );
    }
  }

  #addLeaf(node: Node): void {
    const { path } = node;
    const slash = path.lastIndexOf('/');
    if (slash >= 0) this.addFolder(path.slice(0, slash));
    const key = collisionKey(path);
    const there = this.#nodes.get(key);
    if (!there) {
      this.#set(key, node);
      return;
    }
    if (there.path !== path) throw collision(there.path, path);
    throw new ArchiveRefusal(
      'duplicate',
      there.kind === 'folder'
        ? `${told(path)} is a file and a folder at once. Rename one of them.`
        : `${told(path)} is in the archive twice. Pack the build's folder again.`,
    );
  }

  #set(key: string, node: Node): void {
    this.#nodes.set(key, node);
    const { size } = this.#nodes;
    if (size > this.#limits.entries) throw tooMany(size, this.#limits);
  }
}

function collision(first: string, second: string): ArchiveRefusal {
  const why =
    first.normalize('NFC') === second.normalize('NFC')
      ? 'the way their accents are written'
      : 'case';
  return new ArchiveRefusal(
    'name-collision',
    `${told(first)} and ${told(second)} differ by ${why} alone, and are one on some machines. Rename one of them.`,
  );
}

function unsafeLink(path: string, target: string, what: string): ArchiveRefusal {
  return new ArchiveRefusal(
    'unsafe-link',
    `${told(path)} is a symbolic link with ${what}, ${told(target)}. Put the file itself there.`,
  );
}
