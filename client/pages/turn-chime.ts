/** Two notes a fifth apart, as a doorbell has. */
const NOTES_HZ = [659.3, 987.8] as const;
const NOTE_SECONDS = 0.35;
/** Often enough to be heard once by whoever comes back into the room. */
const REPEAT_MS = 5_000;
const TITLE_MS = 1_000;

/**
 * Calls a player whose turn it is: a sound, and a title that changes, until it is told to stop.
 * Browsers make no sound for a page that was never clicked; then the title alone calls.
 * @returns what stops it.
 */
export function ringForTurn(title: string): () => void {
  const before = document.title;
  let shown = false;
  const blink = () => {
    shown = !shown;
    document.title = shown ? `▶ ${title}` : before;
  };
  blink();
  const titleTimer = setInterval(blink, TITLE_MS);
  const audio = new AudioContext();
  const ring = () => playNotes(audio);
  ring();
  const soundTimer = setInterval(ring, REPEAT_MS);
  return () => {
    clearInterval(titleTimer);
    clearInterval(soundTimer);
    document.title = before;
    void audio.close();
  };
}

function playNotes(audio: AudioContext): void {
  NOTES_HZ.forEach((frequency, index) => {
    const startSeconds = audio.currentTime + index * NOTE_SECONDS * 0.6;
    const note = new OscillatorNode(audio, { frequency, type: 'sine' });
    const level = new GainNode(audio, { gain: 0 });
    level.gain.setValueAtTime(0.0001, startSeconds);
    level.gain.exponentialRampToValueAtTime(0.25, startSeconds + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, startSeconds + NOTE_SECONDS);
    note.connect(level).connect(audio.destination);
    note.start(startSeconds);
    note.stop(startSeconds + NOTE_SECONDS);
  });
}
