import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Guest } from '../../protocol/guest-messages.ts';
import { arrivals } from './share-words.ts';

/** Long enough to read while a game goes on behind it. */
const SHOWN_MS = 5_000;

/** Says for a moment who has come or gone. */
export function GuestNotice({ guests }: { readonly guests: readonly Guest[] }) {
  const before = useRef<readonly Guest[]>(guests);
  const text = useSignal<string | undefined>(undefined);
  useEffect(() => {
    const news = arrivals(before.current, guests);
    before.current = guests;
    if (news === undefined) return;
    text.value = news;
  }, [guests, text]);
  const said = text.value;
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => {
      text.value = undefined;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said, text]);
  return (
    <div role="status" class="guest-notice">
      {said !== undefined && <p class="pill">{said}</p>}
    </div>
  );
}
