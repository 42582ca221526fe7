/* diff.h - changes of keyed lists: what a frame carries instead of the whole value.
 *
 * The text of a change, in this order, each part left out when it is empty:
 *
 *     {"del":[key,…],"put":[[index,item],…]}
 *
 *     del   keys of items to take out, in the wire form of the key's kind
 *     put   items to put in, whole, in rising order of `index`
 *
 * To apply it: first take out every item whose key stands in `del`; a key that is not there is passed over. Then, for
 * each pair of `put` in turn: if an item with the same key is there, the new one takes its place, where it stands;
 * otherwise it is inserted so that `index` items stand before it, or at the end when there are fewer. In a change made
 * here, `index` is the item's place in the new list. Applying a change never fails for what the list holds or lacks.
 * Pure; any thread; native and wasm32. */
#ifndef DEW_TYPE_DIFF_H
#define DEW_TYPE_DIFF_H

#include "base/buffer.h"

#include <dew/type.h>

/* Appends the change that makes *to of *from ("{}" when they are equal). 0, or DEW_E_UNSUPPORTED when the value has to
 * be sent whole: the type is no keyed list, a key stands in a list twice, items that stayed changed their order, or the
 * text would be longer than `limit` bytes (the length of the whole); or an error of dew_json_write. When it is not 0,
 * `out` ends where it did (its sticky error stays). */
int dew_diff_write(dew_buf *out, const dew_type *type, const void *from, const void *to, size_t limit) DEW_MUST_USE;

/* Makes *to of *from by the change. *to owns everything it points to, in the arena; *from may go. *to is written on
 * success only, and may be *from. 0, DEW_E_NOMEM, DEW_E_UNSUPPORTED (no keyed list), or an error of dew_json_read. */
int dew_patch(dew_arena *arena, const dew_type *type, const void *from, dew_str change, void *to,
              dew_error *error) DEW_MUST_USE;

#endif
