const KEY = 'rockpool.visit';

type Kept = Pick<Storage, 'getItem' | 'setItem'>;

/** Keeps which link this browser has followed in: its place there may still be its own. */
export function rememberVisit(invite: string, storage: Kept = localStorage): void {
  storage.setItem(KEY, invite);
}

/** Whether the last visit from this browser was by this link. */
export function wasVisiting(invite: string, storage: Kept = localStorage): boolean {
  return storage.getItem(KEY) === invite;
}
