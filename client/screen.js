// screen.js - when what has changed is rendered: soon, once for all that comes at the same time, and not while it is held
// back. After a render that took long the browser gets a turn before the next.

const SLOW_MS = 8;

/**
 * @param {() => void} render
 * @param {import('./connection.js').Clock} clock
 * @returns {{ schedule: () => void, hold: (on: boolean) => void }} schedule: something that shows is different
 */
export function createScreen(render, clock) {
  let isHeld = false;
  let isDirty = false;
  let isScheduled = false;

  function schedule() {
    isDirty = true;
    if (isScheduled || isHeld) return;
    isScheduled = true;
    queueMicrotask(flush);
  }

  function flush() {
    isScheduled = isDirty = false;
    const before = clock.now();
    render();
    if (clock.now() - before < SLOW_MS) return;
    isScheduled = true;
    clock.set(() => {
      isScheduled = false;
      if (isDirty) schedule();
    }, 0);
  }

  return {
    schedule,
    hold(on) {
      isHeld = on;
      if (isDirty) schedule();
    },
  };
}
