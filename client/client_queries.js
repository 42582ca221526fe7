// client_queries.js - what client queries (dew/client_query.h) ask of the browser: answers of this origin, what it keeps, its size. Only in
// programs that have such queries. Answers wait here until the program takes them (src/page/client_query.client.c).

/**
 * @typedef {object} Host
 * @property {(from: number, len?: number) => string} text in the program's memory
 * @property {(text: string) => void} put
 * @property {() => void} changed render soon
 */

/** Imports of the program. @param {Host} host */
export function createClientQueries({ text, put, changed }) {
  /** @type {Map<number, { life: AbortController, status?: number, body: string }>} */
  const requests = new Map();

  return {
    /** @param {number} id @param {number} url @param {number} body 0: GET @param {number} len */
    client_fetch(id, url, body, len) {
      const life = new AbortController();
      requests.set(id, { life, body: '' });
      /** @param {number} status @param {string} [words] */
      const ended = (status, words = '') => {
        if (life.signal.aborted) return;
        requests.set(id, { life, status, body: words });
        changed();
      };
      const post = { method: 'POST', body: text(body, len), headers: { 'content-type': 'application/json' } };
      fetch(text(url), { mode: 'same-origin', signal: life.signal, ...(body && post) })
        .then(async (response) => ended(response.status, await response.text()))
        .catch(() => ended(0));
    },

    /** @param {number} id */
    client_take(id) {
      const { status = -1, body = '' } = requests.get(id) ?? {};
      if (status >= 0) {
        requests.delete(id);
        put(body);
      }
      return status;
    },

    /** @param {number} id */
    client_abort(id) {
      requests.get(id)?.life.abort();
      requests.delete(id);
    },

    client_now: () => performance.now(),

    /** @param {number} name */
    client_kept(name) {
      try {
        const value = localStorage.getItem(text(name));
        if (value !== null) put(value);
        return value !== null;
      } catch {
        return false; // none is kept here
      }
    },

    /** @param {number} name @param {number} value @param {number} len */
    client_keep(name, value, len) {
      try {
        localStorage.setItem(text(name), text(value, len));
      } catch {
        // full, or none is kept
      }
    },

    /** @param {boolean} isHeight */
    client_size: (isHeight) => (isHeight ? innerHeight : innerWidth),
  };
}
