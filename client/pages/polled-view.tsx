import type { ComponentChildren } from 'preact';
import { FailurePanel } from './failure-panel.tsx';
import type { Polled } from './polled.ts';
import { StaleNotice } from './stale-notice.tsx';

export interface PolledViewProps<T> {
  readonly polled: Polled<T>;
  readonly failureTitle: string;
  /** What stands there until it is read for the first time. */
  readonly skeleton: ComponentChildren;
  readonly children: (value: T) => ComponentChildren;
}

/** What the server tells, or that it does not. */
export function PolledView<T>({ polled, failureTitle, skeleton, children }: PolledViewProps<T>) {
  const state = polled.state.value;
  switch (state.name) {
    case 'loading':
      return <>{skeleton}</>;
    case 'failed':
      return (
        <FailurePanel
          title={failureTitle}
          message={state.message}
          onRetry={() => void polled.retry()}
        />
      );
    case 'ready':
      return (
        <>
          {state.stale && <StaleNotice />}
          {children(state.value)}
        </>
      );
  }
}
