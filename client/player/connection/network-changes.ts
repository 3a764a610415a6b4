import type { Scheduler } from '../scheduler.ts';

/** The Network Information API where the browser has it; `type` only where it knows the hardware. */
export type NetworkInformation = EventTarget & { readonly type?: string };

/** One change comes as several events within some milliseconds. */
const SETTLE_MS = 100;

/**
 * Says when this machine got another network: it is online again, or on another kind of network. What
 * browsers report besides (estimates of rate and round trip) changes no path.
 * @returns ends it.
 */
export function watchNetwork(
  window: EventTarget,
  connection: NetworkInformation | undefined,
  scheduler: Scheduler,
  handleChange: () => void,
): () => void {
  let type = connection?.type;
  let cancel: (() => void) | undefined;
  const settle = () => {
    cancel?.();
    cancel = scheduler.after(SETTLE_MS, handleChange);
  };
  const compare = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    if (type !== 'none') settle();
  };
  window.addEventListener('online', settle);
  connection?.addEventListener('change', compare);
  return () => {
    cancel?.();
    window.removeEventListener('online', settle);
    connection?.removeEventListener('change', compare);
  };
}
