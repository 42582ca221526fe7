/* form.h - the arguments of a call from a submitted form, the same on both sides: the server's /_dew/form endpoint
 * and the browser runtime, which reads the form itself (docs/protocol.md, Forms).
 *
 * The body is urlencoded: `_args` holds JSON of the arguments as the view gave them; every further field whose name is
 * a field of the arguments replaces that one; `_to` is where to go afterwards. All else is passed over.
 * Native and wasm32. */
#ifndef DEW_PAGE_FORM_H
#define DEW_PAGE_FORM_H

#include <dew/query.h>

/* Fills *args (fn->args) from the body; text in the arena. DEW_E_INVALID or DEW_E_TYPE name the field; *field (may be
 * NULL) is then its name, or empty when the fault is in `_args` itself. */
int dew_form_args(dew_arena *arena, const dew_fn *fn, dew_str body, void *args, dew_str *field,
                  dew_error *error) DEW_MUST_USE;

/* The same when the arguments as the view gave them are at hand as `json`; `_args` is passed over. */
int dew_form_merge(dew_arena *arena, const dew_fn *fn, dew_str json, dew_str body, void *args, dew_str *field,
                   dew_error *error) DEW_MUST_USE;

/* Where to go afterwards: `_to` when it is a path on this origin ("/…", not "//…" nor "/\…"), else `fallback`. Arena. */
dew_str dew_form_target(dew_arena *arena, dew_str body, dew_str fallback);

#endif
