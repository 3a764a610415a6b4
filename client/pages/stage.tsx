import type { RefObject } from 'preact';
import { Icon } from './icon.tsx';

export interface StageProps {
  readonly stage: RefObject<HTMLDivElement | null>;
  readonly video: RefObject<HTMLVideoElement | null>;
  /** Of the game. */
  readonly title: string;
  readonly onClick: () => void;
}

/** The picture of a game. It takes every key and pointer, as a game does: that is what its role is for. */
export function Stage({ stage, video, title, onClick }: StageProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click captures the mouse; no key does.
    <div
      class="stage"
      ref={stage}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is the game's input.
      tabIndex={0}
      role="application"
      aria-label={`${title}: game picture. F2 opens the controls.`}
      onClick={onClick}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: a live game has no captions to give. */}
      <video ref={video} playsInline disablePictureInPicture />
    </div>
  );
}

export interface SoundPillProps {
  readonly onTouch: boolean;
  readonly onEnable: () => void;
}

/** Browsers hold sound back until somebody does something. */
export function SoundPill({ onTouch, onEnable }: SoundPillProps) {
  return (
    <button type="button" class="pill strong" onClick={onEnable}>
      <Icon name="muted" />
      {onTouch ? 'Tap for sound' : 'Click for sound'}
    </button>
  );
}
