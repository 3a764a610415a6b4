import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { toRockpoolError } from '../../protocol/errors.ts';
import { StudioContext } from './studio-context.ts';

/** Something a person has set off, and what became of it. */
export interface Task {
  readonly busy: ReadonlySignal<boolean>;
  /** Why it did not work; undefined where it did, or is under way. */
  readonly problem: ReadonlySignal<string | undefined>;
  /** Does nothing while another is under way. @returns whether it worked. */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
}

export function useTask(): Task {
  const session = useContext(StudioContext);
  const busy = useSignal(false);
  const problem = useSignal<string | undefined>(undefined);
  const run = async (work: () => Promise<void>) => {
    if (busy.peek()) return false;
    busy.value = true;
    problem.value = undefined;
    try {
      await work();
      return true;
    } catch (thrown) {
      problem.value = toRockpoolError(thrown).message;
      await session.handleFailure(thrown);
      return false;
    } finally {
      busy.value = false;
    }
  };
  return { busy, problem, run };
}
