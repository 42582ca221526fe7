// calls.js - mutations and actions that wait for an answer (docs/protocol.md §3, call).
//
//   add ──open──→ sent ──answer──→ over
//    │              │ connection lost: a mutation is sent again, in order, with its seq (the server does it once);
//    └─ waits       └                  an action is over with CLOSED, for it must not be done twice
//
// Every call ends once, by ended(): nothing is dropped in silence.

const CALLS_MAX = 1_000; // waiting at once; past it a call is refused, as the server would

/**
 * @template From
 * @typedef {object} Call
 * @property {number} id
 * @property {string} fn
 * @property {any} [args]
 * @property {string} [fields] of a form, instead
 * @property {string} [seq] of a mutation
 * @property {boolean} sent on the present connection
 * @property {From} from whoever made it
 */

/**
 * @template From
 * @param {{ send: (message: object) => void, ended: (from: From, answer: { value?: any, error?: { code: string, message: string } }) => void }} host
 */
export function createCalls({ send, ended }) {
  /** @type {Map<number, Call<From>>} */
  const waiting = new Map();
  let lastId = 0;
  let lastSeq = 0;
  let open = false;

  /** @param {Call<From>} call */
  function sendCall(call) {
    const { id, fn, args, fields, seq } = call;
    call.sent = true;
    send({ type: 'call', id, fn, args, fields, seq });
  }

  /** @param {string} code @param {string} message */
  const failure = (code, message) => ({ error: { code, message } });

  return {
    /** @param {string} fn @param {boolean} isMutation @param {any} args @param {From} from @param {string} [fields] */
    add(fn, isMutation, args, from, fields) {
      if (waiting.size === CALLS_MAX) return ended(from, failure('LIMIT', 'Too many changes wait for the server.'));
      /** @type {Call<From>} */
      const call = { id: ++lastId, fn, ...(fields ? { fields } : { args }), seq: isMutation ? String(++lastSeq) : undefined, sent: false, from };
      waiting.set(call.id, call);
      if (open) sendCall(call);
    },

    opened() {
      open = true;
      for (const call of waiting.values()) sendCall(call);
    },

    closed() {
      open = false;
      for (const call of [...waiting.values()]) {
        if (call.sent && !call.seq) {
          waiting.delete(call.id);
          ended(call.from, failure('CLOSED', 'The connection was lost before an answer came: look whether it was done.'));
        }
        call.sent = false;
      }
    },

    /** @param {any} message the server's "answer"; others are passed over */
    received(message) {
      const call = message.type === 'answer' && waiting.get(message.id);
      if (!call) return;
      waiting.delete(call.id);
      ended(call.from, message);
    },

    get count() {
      return waiting.size;
    },
  };
}
