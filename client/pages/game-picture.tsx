import type { PagePicture } from '../../protocol/public-game.ts';

const TYPES = {
  avif: 'image/avif',
  webp: 'image/webp',
  jpeg: 'image/jpeg',
  png: 'image/png',
} as const;

/** Formats that get their own choice of sizes, the smallest files first; a browser takes the first it knows. */
const BETTER = ['avif', 'webp'] as const;

export interface GamePictureProps {
  /** One picture in several sizes and formats; at least one. */
  readonly pictures: readonly PagePicture[];
  readonly alt: string;
  /** How wide it is shown, as CSS has it. */
  readonly sizes: string;
  readonly lazy?: boolean;
}

/** A picture in the smallest file that this browser and this screen can do with. */
export function GamePicture({ pictures, alt, sizes, lazy = false }: GamePictureProps) {
  const fallback = pictures
    .toSorted((a, b) => b.width - a.width)
    .find(({ format }, _, all) => format !== 'avif' || all.every((one) => one.format === 'avif'));
  if (!fallback) return null;
  return (
    <picture>
      {BETTER.map((format) => {
        const some = pictures.filter((picture) => picture.format === format);
        if (some.length === 0) return null;
        return (
          <source
            key={format}
            type={TYPES[format]}
            sizes={sizes}
            srcset={some.map(({ url, width }) => `${url} ${width}w`).join(', ')}
          />
        );
      })}
      <img
        src={fallback.url}
        width={fallback.width}
        height={fallback.height}
        alt={alt}
        decoding="async"
        loading={lazy ? 'lazy' : 'eager'}
      />
    </picture>
  );
}
