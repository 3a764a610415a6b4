import { Icon, type IconName } from './icon.tsx';

export interface IllustrationProps {
  readonly icon: IconName;
  /** Rings spread while something is under way, and rest otherwise. */
  readonly moving?: boolean;
}

/** A pool seen from above with the state's sign in it. */
export function Illustration({ icon, moving = false }: IllustrationProps) {
  return (
    <div class={moving ? 'pool moving' : 'pool'}>
      <svg viewBox="0 0 160 104" aria-hidden="true">
        <ellipse class="ring" cx="80" cy="62" rx="76" ry="38" />
        <ellipse class="ring" cx="80" cy="62" rx="57" ry="28.500" />
        <ellipse class="water" cx="80" cy="62" rx="39" ry="19.500" />
      </svg>
      <span class="sign">
        <Icon name={icon} />
      </span>
    </div>
  );
}
