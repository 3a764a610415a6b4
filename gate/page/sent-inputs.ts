import { decodeInput, type InputMessage } from '../../protocol/input-messages.ts';
import { followSentMessages } from './sent-messages.ts';

/**
 * Tells every message that this page sends on a data channel named `input`, as it is sent, with the
 * time stamp of the browser's event that caused it. Neither the page's own numbering nor its idea
 * of when an input happened has to be believed.
 */
export function watchSentInputs(handle: (input: InputMessage, eventAtMs: number) => void): void {
  let eventAtMs = 0;
  const remember = (event: Event) => {
    eventAtMs = event.timeStamp;
  };
  addEventListener('keydown', remember, { capture: true });
  addEventListener('keyup', remember, { capture: true });
  followSentMessages((label, data) => {
    if (label === 'input') handle(decodeInput(data), eventAtMs);
  });
}
