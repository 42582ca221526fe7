// On /ideas: says what the last of the seven links asked for, requests and messages, until its page was whole.
const box = document.createElement('output');
box.className = 'asked';
let way = '';
let requests = 0;
let messages = [];

function show() {
  if (!way || !document.querySelector('.ideas')) return box.remove();
  const said = messages.length ? `, ${messages.length} subscription${messages.length > 1 ? 's' : ''}: ${messages.join(', ')}` : ', no subscription';
  box.textContent = `${way}: ${requests} request${requests === 1 ? '' : 's'}${said}`;
  document.body.append(box);
}

addEventListener('click', ({ target }) => {
  const link = target instanceof Element && target.closest('.ideas a');
  if (!link) return;
  way = link.classList.contains('way') ? link.textContent : '';
  requests = 0;
  messages = [];
  show();
}, true);

new PerformanceObserver((list) => {
  requests += list.getEntries().filter(({ initiatorType, name }) => initiatorType === 'fetch' && new URL(name).pathname.includes('/ideas')).length;
  show();
}).observe({ type: 'resource' });

const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (text) {
  const message = JSON.parse(text);
  if (message.type === 'subscribe') {
    messages.push(message.fn);
    show();
  }
  return send.call(this, text);
};
