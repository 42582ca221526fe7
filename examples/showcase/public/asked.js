// On /ideas: says what the last of the seven links asked for, until its page was whole: requests for it, and subscriptions with
// their arguments. Another link, and a way back or forward, end the count.
const box = document.createElement('output');
box.className = 'asked';
let way = '';
let path = '';
let [since, until] = [0, 0]; // milliseconds of the document's time
let requests = 0;
/** @type {string[]} */
let subscriptions = [];

const many = (count, what) => `${count || 'no'} ${what}${count === 1 ? '' : 's'}`;

function show() {
  if (!way || !document.querySelector('.ideas')) return box.remove();
  const list = subscriptions.length ? `: ${subscriptions.join(', ')}` : '';
  box.textContent = `${way}: ${many(requests, 'request')}, ${many(subscriptions.length, 'subscription')}${list}`;
  document.body.append(box);
}

addEventListener('click', ({ target }) => {
  const link = target instanceof Element && target.closest('a');
  if (!link) return;
  way = link.classList.contains('way') ? link.textContent : '';
  path = link.pathname;
  [since, until] = [performance.now(), Infinity];
  requests = 0;
  subscriptions = [];
  show();
}, true);

addEventListener('popstate', () => {
  until = Math.min(until, performance.now());
  show();
});

// Told some time after a request has ended.
new PerformanceObserver((list) => {
  requests += list.getEntriesByType('resource').filter(({ initiatorType, name, startTime }) =>
    initiatorType === 'fetch' && new URL(name).pathname === path && startTime >= since && startTime < until).length;
  show();
}).observe({ type: 'resource' });

const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (text) {
  const message = JSON.parse(text);
  if (message.type === 'subscribe' && performance.now() < until) {
    subscriptions.push([message.fn, ...Object.values(message.args)].join(' '));
    show();
  }
  return send.call(this, text);
};
