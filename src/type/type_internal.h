/* type_internal.h - what the files of this room share: places inside values, and the parts of writer and reader. */
#ifndef DEW_TYPE_INTERNAL_H
#define DEW_TYPE_INTERNAL_H

#include "base/buffer.h"
#include "base/format.h"

#include <dew/type.h>

/* Where in a value we are, for messages: a chain on the C stack, from the innermost to the root (NULL). */
typedef struct dew_place {
#ifdef __wasm__
    char none; /* see dew_code_only */
#else
    const struct dew_place *up;
    dew_str field; /* ptr NULL: an item of a list */
    size_t index;
#endif
} dew_place;

static inline dew_place dew_place_field(const dew_place *up, dew_str field)
{
#ifdef __wasm__
    (void)up, (void)field;
    return (dew_place){ 0 };
#else
    return (dew_place){ up, field, 0 };
#endif
}
static inline dew_place dew_place_item(const dew_place *up, size_t index)
{
#ifdef __wasm__
    (void)up, (void)index;
    return (dew_place){ 0 };
#else
    return (dew_place){ up, { NULL, 0 }, index };
#endif
}

/* Sets "where.tasks[2].title: " and the message; returns `code`. */
int dew_place_fail(const dew_place *place, const char *where, dew_error *error, int code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The member of a struct value, and whether it is there. */
static inline bool dew_member_is_there(const dew_field *field, const void *value)
{
    return !field->optional || *(const bool *)((const char *)value + field->offset);
}
static inline void *dew_member_value(const dew_field *field, const void *value)
{
    return (char *)(uintptr_t)value + field->offset + field->value_offset;
}

/* The field of that name, or NULL. `hint` is tried first: fields come in order. */
const dew_field *dew_field_find(const dew_type *type, dew_str name, size_t hint);

/* The descriptor of the key of a keyed list. */
const dew_field *dew_list_key_field(const dew_type *list);

/* ---- the writer, part by part ---- */
typedef struct dew_json_writer {
    dew_buf *out;
    dew_error *error;
} dew_json_writer;

int dew_json_write_value(dew_json_writer *writer, const dew_type *type, const void *value,
                         const dew_place *place) DEW_MUST_USE;

/* ---- the reader, part by part ---- */
typedef struct dew_json_reader {
    const char *start, *at, *end;
    dew_arena *arena;
    const char *where;
    dew_error *error;
    int depth;
} dew_json_reader;

dew_json_reader dew_json_reader_make(dew_arena *arena, dew_str text, const char *where, dew_error *error);

/* Reads one value of the type into zeroed memory. */
int dew_json_read_value(dew_json_reader *reader, const dew_type *type, void *out, const dew_place *place) DEW_MUST_USE;

/* Takes '{' or '['. */
int dew_json_enter(dew_json_reader *reader, char open, const dew_place *place) DEW_MUST_USE;

/* Before each element: 1 when one follows, 0 when the closing bracket was taken, negative on error. *first is true
 * before the first element, and then cleared. */
int dew_json_next(dew_json_reader *reader, char close, bool *first, const dew_place *place) DEW_MUST_USE;

/* Takes a field's name and the colon. The name is borrowed from the text or the arena; NULL: not wanted. */
int dew_json_read_name(dew_json_reader *reader, dew_str *name, const dew_place *place) DEW_MUST_USE;

/* Nothing may follow. */
int dew_json_finish(dew_json_reader *reader) DEW_MUST_USE;

/* ---- kinds that bring much code of their own ---- */
struct dew_codec {
    int (*write)(dew_json_writer *writer, const void *value, const dew_place *place);
    int (*read)(dew_json_reader *reader, void *out, const dew_place *place);
    /* from plain text (type/text.h); a bare code */
    int (*from_text)(dew_arena *arena, dew_str text, void *out);
};

/* What the codecs use of the reader and the writer: see json_read.c and json_write.c. */
char dew_json_peek(dew_json_reader *reader);
int dew_json_fail_kind(dew_json_reader *reader, const dew_place *place, const char *expected) DEW_MUST_USE;
int dew_json_read_string(dew_json_reader *reader, const dew_place *place, const char *expected, bool keep,
                         dew_str *out) DEW_MUST_USE;
int dew_json_skip_string(dew_json_reader *reader, const dew_place *place) DEW_MUST_USE;
int dew_json_read_number(dew_json_reader *reader, const dew_place *place, const char *expected,
                         dew_str *text) DEW_MUST_USE;
/* Says what is wrong with a number that did not parse. */
int dew_json_fail_number(dew_json_reader *reader, const dew_place *place, dew_str text, const char *expected,
                         bool is_integer) DEW_MUST_USE;
bool dew_json_is_number(dew_str text);
bool dew_json_take_word(dew_json_reader *reader, const char *word, size_t len);
int dew_json_buffer_error(dew_json_writer *writer) DEW_MUST_USE;

/* As dew_place_fail, and adds where in the text the reader stands; returns `code`. */
int dew_json_fail(dew_json_reader *reader, int code, const dew_place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* In the browser the code is all there is: it reads what the server wrote, and words cost bytes. */
#ifdef __wasm__
int dew_code_only(dew_error *error, int code);
/* sizeof: the message is looked at by the compiler and not evaluated */
#define dew_json_fail(reader, code, place, ...)                                                                       \
    ((void)sizeof(dew_format(NULL, 0, __VA_ARGS__)), (void)(place), dew_code_only((reader)->error, code))
#define dew_place_fail(place, where, error, code, ...)                                                                \
    ((void)sizeof(dew_format(NULL, 0, __VA_ARGS__)), (void)(where), (void)(place), \
     dew_code_only(error, code))
#endif

#endif
