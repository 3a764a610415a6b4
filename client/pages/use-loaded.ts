import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useContext, useEffect, useRef } from 'preact/hooks';
import { toRockpoolError } from '../../protocol/errors.ts';
import { StudioContext } from './studio-context.ts';
import { wasGivenUp } from './studio-requests.ts';

/** Something the server tells, kept up to date with what is changed here. */
export interface Loaded<T> {
  /** Undefined until it is there. */
  readonly value: ReadonlySignal<T | undefined>;
  /** Why it is not there, or not up to date. */
  readonly failure: ReadonlySignal<string | undefined>;
  readonly reload: () => Promise<void>;
}

/** @param key what it is of: for another one it is loaded anew. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const session = useContext(StudioContext);
  const value = useSignal<T | undefined>(undefined);
  const failure = useSignal<string | undefined>(undefined);
  const wanted = useSignal(key);
  wanted.value = key;
  // Answers may come in another order than they were asked for.
  const asked = useRef(0);
  const told = useRef(0);
  const reload = async () => {
    const turn = ++asked.current;
    const isNews = () => wanted.peek() === key && turn > told.current;
    try {
      const loaded = await load();
      if (!isNews()) return;
      told.current = turn;
      value.value = loaded;
      failure.value = undefined;
    } catch (thrown) {
      if (wasGivenUp(thrown)) return;
      if (isNews()) failure.value = toRockpoolError(thrown).message;
      await session.handleFailure(thrown);
    }
  };
  // Not with `load`, which is another one at each render.
  useEffect(() => void reload(), [key]);
  return { value, failure, reload };
}
