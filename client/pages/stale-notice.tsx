import { Icon } from './icon.tsx';

/** Says that what is shown may be out of date. */
export function StaleNotice() {
  return (
    <p class="notice" role="status">
      <Icon name="plug" />
      The server does not answer. This is what it said last; it is being asked again.
    </p>
  );
}
