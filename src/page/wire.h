/* wire.h - what the server says to the browser (docs/protocol.md §3, §4), as typed structs: the JSON codec reads them.
 * Values stay raw JSON until a view asks for them. */
#ifndef DEW_PAGE_WIRE_H
#define DEW_PAGE_WIRE_H

#include <dew/type.h>

/* [commit, topic] */
DEW_ARRAY(dew_wire_at, i64)

#define DEW_WIRE_ERROR(F) F(str, code) F(str, message)
DEW_STRUCT(dew_wire_error, DEW_WIRE_ERROR)

/* One query's value in a page's state, or a preload token (then with dew and epoch). */
#define DEW_WIRE_TOKEN(F)                                                                                             \
    F(opt(i32), dew) F(opt(str), epoch) F(str, fn) F(opt(str), schema) F(json, args) F(opt(str), shard)               \
    F(dew_wire_at, at) F(opt(str), hash) F(json, value)
DEW_STRUCT(dew_wire_token, DEW_WIRE_TOKEN)
DEW_ARRAY(dew_wire_tokens, dew_wire_token)

#define DEW_WIRE_STATE(F)                                                                                             \
    F(i32, dew) F(opt(str), build) F(str, prefix) F(str, location) F(i32, status) F(opt(dew_wire_error), error)       \
    F(i64, commit) F(str, epoch) F(dew_wire_tokens, queries)
DEW_STRUCT(dew_wire_state, DEW_WIRE_STATE)

/* One query's step. */
#define DEW_WIRE_CHANGE(F)                                                                                            \
    F(str, query) F(opt(dew_wire_at), from) F(opt(dew_wire_at), to) F(opt(json), ops) F(opt(json), value)             \
    F(opt(str), hash) F(opt(dew_wire_error), error)
DEW_STRUCT(dew_wire_change, DEW_WIRE_CHANGE)
DEW_ARRAY(dew_wire_changes, dew_wire_change)

/* Every message of the server, fields by `type`. */
#define DEW_WIRE_MESSAGE(F)                                                                                           \
    F(str, type) F(opt(i32), protocol) F(opt(str), build) F(opt(i64), commit) F(opt(str), epoch) F(opt(i32), id)      \
    F(opt(str), query) F(opt(str), status) F(opt(dew_wire_at), at) F(opt(i64), to)                                    \
    F(opt(dew_wire_changes), changes) F(opt(json), value) F(opt(str), hash) F(opt(dew_wire_error), error)             \
    F(opt(str), code) F(opt(str), message) F(opt(i32), retry_ms)
DEW_STRUCT(dew_wire_message, DEW_WIRE_MESSAGE)

#endif
