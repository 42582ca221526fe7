/* copy.h - values that stand on their own. Pure; native and wasm32. */
#ifndef DEW_TYPE_COPY_H
#define DEW_TYPE_COPY_H

#include <dew/type.h>

/* Copies *from into *to with everything it points to; text, bytes and items go to the arena, text is NUL-terminated.
 * 0 or DEW_E_NOMEM; *to is written on success only. from and to may be the same. */
int dew_value_copy(dew_arena *arena, const dew_type *type, const void *from, void *to) DEW_MUST_USE;

/* Replaces what *value points to by copies in the arena, in place. 0 or DEW_E_NOMEM. */
int dew_value_own(dew_arena *arena, const dew_type *type, void *value) DEW_MUST_USE;

/* How many bytes of an arena that takes at most. */
size_t dew_value_owned_len(const dew_type *type, const void *value);

#endif
