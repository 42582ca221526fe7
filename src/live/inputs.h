/* inputs.h - what a loader may learn about who asks (identity, cookies, headers), and what it did learn (design rule 2).
 *
 * An asker answers questions about one request or connection. Whatever a loader asked becomes part of its result's key,
 * as a list of inputs (scope/scope.h: sorted, no two alike); a re-run asks an asker made from exactly these, and a question
 * outside of them is noticed: the result is then nobody's, and every subscriber is looked up anew with its own asker.
 *
 * Worker's thread. Counts are not atomic: an asker stays on its worker. */
#ifndef DEW_LIVE_INPUTS_H
#define DEW_LIVE_INPUTS_H

#include "base/buffer.h"
#include "scope/scope.h"

/* Longest bytes of one loader's inputs, names and values. */
#define DEW_INPUTS_LEN_MAX (16u << 10)

typedef struct dew_asker dew_asker;
struct dew_asker {
    unsigned refs;
    /* The value, borrowed while the asker lives; empty when absent. Header names come in lower case. False: not known here,
     * which only an asker of captured inputs says. */
    bool (*get)(dew_asker *asker, dew_input_kind kind, dew_str name, dew_str *value);
    void (*destroy)(dew_asker *asker);
};

static inline dew_asker *dew_asker_ref(dew_asker *asker)
{
    asker->refs++;
    return asker;
}

static inline void dew_asker_unref(dew_asker *asker)
{
    if (asker != NULL && --asker->refs == 0)
        asker->destroy(asker);
}

/* An asker that knows the inputs of `bytes` (dew_inputs_write) alone; copies them. One reference; NULL when out of memory. */
dew_asker *dew_asker_of_inputs(dew_str bytes) DEW_MUST_USE;

/* Appends the inputs as unambiguous bytes: equal bytes, equal inputs. */
void dew_inputs_write(const dew_scope_input *inputs, dew_buf *out);

/* Appends what dew_inputs_write would, for inputs of the same names with this asker's values. `bytes` gives the names.
 * False, and nothing useful appended, when the asker does not know one. */
bool dew_inputs_ask(dew_str bytes, dew_asker *asker, dew_buf *out);

/* Is where the reader is among them? */
static inline bool dew_inputs_are_located(const dew_scope_input *inputs)
{
    while (inputs != NULL && inputs->kind < DEW_INPUT_PATTERN)
        inputs = inputs->next;
    return inputs != NULL;
}

/* Is who asks among them: identity, cookies, headers? */
static inline bool dew_inputs_are_personal(const dew_scope_input *inputs)
{
    return inputs != NULL && inputs->kind < DEW_INPUT_PATTERN;
}

/* Walks the bytes: false at the end. Borrowed from them; strings are followed by NUL. */
typedef struct dew_input_view {
    dew_input_kind kind;
    dew_str name, value;
} dew_input_view;
bool dew_inputs_next(dew_str *rest, dew_input_view *out);

#endif
