// Says that the connection is lost, once that has lasted a moment. Dew tells by events at the window.
const note = document.createElement('p');
note.className = 'offline';
note.setAttribute('role', 'status');
let timer;

addEventListener('dew:offline', () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    document.body.append(note);
    note.textContent = 'The connection is lost. What you see stays, and catches up by itself.';
  }, 1000);
});
addEventListener('dew:live', () => {
  clearTimeout(timer);
  note.remove();
});
