import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';

export interface FailurePanelProps {
  readonly title: string;
  /** What is wrong, as far as it is known. */
  readonly message: string;
  readonly onRetry: () => void;
}

/** Nothing can be shown: why, and a way to try again. */
export function FailurePanel({ title, message, onRetry }: FailurePanelProps) {
  return (
    <section class="panel" role="alert">
      <Illustration icon="plug" />
      <h2>{title}</h2>
      <p>{message} Check that Rockpool is running, then try again.</p>
      <div class="panel-actions" data-focus-first>
        <button type="button" class="button primary" onClick={onRetry}>
          <Icon name="retry" />
          Try again
        </button>
      </div>
    </section>
  );
}
