// The best score outlives the visit. In IndexedDB rather than localStorage, which Chromium writes to the
// disk as late as a minute afterwards: too late for a visit that is cut off.

const NAME = 'drift';
const STORE = 'scores';
const KEY = 'best';

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function withStore(mode, use) {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(use(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** 0 where there is none, or where this browser keeps nothing. */
export async function readBest() {
  try {
    const best = await withStore('readonly', (store) => store.get(KEY));
    return Number.isSafeInteger(best) ? best : 0;
  } catch (error) {
    console.error('The best score cannot be read.', error);
    return 0;
  }
}

export async function writeBest(score) {
  try {
    await withStore('readwrite', (store) => store.put(score, KEY));
  } catch (error) {
    console.error('The best score cannot be kept.', error);
  }
}
