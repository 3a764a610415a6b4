// A page that draws all the time, counts presses of the space bar and keeps the count.

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const opening = indexedDB.open('counter', 1);
opening.onupgradeneeded = () => opening.result.createObjectStore('presses');
const database = await settled(opening);
const store = (mode) =>
  database.transaction('presses', mode, { durability: 'strict' }).objectStore('presses');

let presses = (await settled(store('readonly').get('count'))) ?? 0;
addEventListener('keydown', ({ code, repeat }) => {
  if (code === 'Space' && !repeat) store('readwrite').put(++presses, 'count');
});

const context = document.querySelector('canvas').getContext('2d');
let frame = 0;
function draw() {
  frame++;
  context.fillStyle = '#15202b';
  context.fillRect(0, 0, 64, 36);
  context.fillStyle = '#e8e8e8';
  context.fillRect(frame % 64, 4, 8, 8);
  context.fillRect(4, 20, 4 * (presses % 14), 8);
  requestAnimationFrame(draw);
}
draw();
