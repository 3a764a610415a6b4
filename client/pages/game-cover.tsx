import { useState } from 'preact/hooks';
import { PlaceholderCover } from './placeholder-cover.tsx';

export interface GameCoverProps {
  readonly title: string;
  readonly coverUrl: string | null;
}

/** A game's own picture, or one that stands for it. */
export function GameCover({ title, coverUrl }: GameCoverProps) {
  const [broken, setBroken] = useState<string>();
  return (
    <div class="cover">
      {coverUrl === null || coverUrl === broken ? (
        <PlaceholderCover title={title} />
      ) : (
        <img
          class="cover-art"
          src={coverUrl}
          alt=""
          width="1280"
          height="720"
          decoding="async"
          loading="lazy"
          onError={() => setBroken(coverUrl)}
        />
      )}
    </div>
  );
}
