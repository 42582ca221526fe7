// calls.js - mutations and actions that wait for an answer (docs/protocol.md §3, call).
//
//   add ──connected──→ sent ──answer──→ over
//    │                   ├ taken back: the server is told, answers what came of it, and nothing is sent again
//    │                   ├ connection lost: a mutation is sent again, in order, with its seq (the server does it once);
//    └─ waits            │   not after RESEND_MS, for the server forgets, and not to another database: over, with a word
//                        └ an action is over with CLOSED, for it must not be done twice
//
// They wait in memory: they end with the page. Every call ends once, by ended(): nothing is dropped in silence.

const CALLS_MAX = 1_000; // waiting at once; past it a call is refused, as the server would
const RESEND_MS = 23 * 3_600_000; // the server keeps answers for a day; an hour is for clocks and slow ways

/**
 * @template From
 * @typedef {object} Call
 * @property {number} id
 * @property {string} fn
 * @property {any} [args]
 * @property {string} [fields] of a form, instead
 * @property {string} [location] of the page that it was made on
 * @property {string} [seq] of a mutation that may be sent again
 * @property {boolean} sent on the present connection
 * @property {number} [firstSent] by the wall clock, which goes on while a computer sleeps
 * @property {From} from whoever made it
 */

/**
 * @template From
 * @typedef {object} Host
 * @property {(message: object) => void} send
 * @property {(from: From, answer: { value?: any, error?: { code: string, message: string } }) => void} ended
 * @property {(some: boolean) => void} [waits] the first one waits, or none does any more
 * @property {() => string | undefined} [place] the address of the page that shows
 * @property {() => number} [now] milliseconds of the wall clock
 */

/** @template From @param {Host<From>} host */
export function createCalls({ send, ended, waits, place, now = Date.now }) {
  /** @type {Map<number, Call<From>>} */
  const waiting = new Map();
  let lastId = 0;
  let lastSeq = 0;
  let open = false;

  /** @param {Call<From>} call */
  function sendCall(call) {
    const { id, fn, args, fields, seq, location } = call;
    call.sent = true;
    call.firstSent ??= now();
    send({ type: 'call', id, fn, args, fields, seq, location });
  }

  /** @param {Call<From>} call @param {any} answer */
  function end(call, answer) {
    waiting.delete(call.id);
    if (!waiting.size) waits?.(false);
    ended(call.from, answer);
  }

  /** @param {string} code @param {string} message */
  const failure = (code, message) => ({ error: { code, message } });

  /** @param {boolean} isReplaced the calls were made on other data than the server's */
  function opened(isReplaced) {
    open = true;
    for (const call of [...waiting.values()])
      if (isReplaced) end(call, failure('CONFLICT', 'The data here was replaced: do it again if it is still right.'));
      else if (call.firstSent && now() - call.firstSent > RESEND_MS) end(call, failure('TIMEOUT', 'No answer came for a day: look whether it was done.'));
      else sendCall(call);
  }

  /** @param {Call<From>} call */
  function cancel(call) {
    if (!waiting.has(call.id)) return;
    call.seq = undefined; // not to be sent again
    if (call.sent) send({ type: 'cancel', id: call.id });
    else end(call, failure('CANCELLED', 'Taken back before an answer came.'));
  }

  return {
    /**
     * @param {string} fn @param {boolean} isMutation @param {any} args @param {From} from @param {string} [fields]
     * @param {AbortSignal} [signal] takes it back; it ends all the same, with what came of it
     */
    add(fn, isMutation, args, from, fields, signal) {
      if (waiting.size === CALLS_MAX) return ended(from, failure('LIMIT', 'Too many changes wait for the server.'));
      /** @type {Call<From>} */
      const call = { id: ++lastId, fn, ...(fields ? { fields } : { args }), seq: isMutation ? String(++lastSeq) : undefined, location: place?.(), sent: false, from };
      if (!waiting.size) waits?.(true);
      waiting.set(call.id, call);
      if (signal?.aborted) return cancel(call);
      signal?.addEventListener('abort', () => cancel(call));
      if (open) sendCall(call);
    },

    closed() {
      open = false;
      for (const call of [...waiting.values()]) {
        if (call.sent && !call.seq) end(call, failure('CLOSED', 'The connection was lost: look whether it was done.'));
        call.sent = false;
      }
    },

    /** @param {any} message the server's "connected" or "answer"; others are passed over */
    received(message) {
      if (message.type === 'connected') opened(message.replaced);
      const call = message.type === 'answer' && waiting.get(message.id);
      if (call) end(call, message);
    },

    get count() {
      return waiting.size;
    },
  };
}
