/* form.h - the arguments of a call from a submitted form, which comes to /_dew/form or as the `fields` of a call on a socket
 * (docs/protocol.md §2, §3).
 *
 * The body is urlencoded: `_args` holds JSON of the arguments as the view gave them; every further field whose name is
 * a field of the arguments replaces that one; `_to` is where to go afterwards. All else is passed over. Server only. */
#ifndef DEW_PAGE_FORM_H
#define DEW_PAGE_FORM_H

#include <dew/query.h>

/* Fills *args (fn->args) from the body; text in the arena. DEW_E_INVALID or DEW_E_TYPE name the field; *field (may be
 * NULL) is then its name, or empty when the fault is in `_args` itself. */
int dew_form_args(dew_arena *arena, const dew_fn *fn, dew_str body, void *args, dew_str *field,
                  dew_error *error) DEW_MUST_USE;

/* Where to go afterwards: `_to` when it is a path on this origin ("/…", not "//…" nor "/\…"), else `fallback`. Arena. */
dew_str dew_form_target(dew_arena *arena, dew_str body, dew_str fallback);

#endif
