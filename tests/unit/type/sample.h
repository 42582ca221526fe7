/* sample.h - types of every kind, and random values of any type, for the tests of this room. */
#ifndef TEST_TYPE_SAMPLE_H
#define TEST_TYPE_SAMPLE_H

#include <dew/type.h>

#define COLUMN(V) V(column, todo) V(column, doing) V(column, done)
DEW_ENUM(column, COLUMN)
DEW_ARRAY(tags, str)
DEW_ARRAY(numbers, f64)
#define TASK(F) F(i64, id) F(str, title) F(column, column) F(opt(time), due) F(bool, is_urgent) F(opt(tags), labels)
DEW_STRUCT(task, TASK)
DEW_LIST(task_list, task, id)
#define EVERYTHING(F)                                                                                                 \
    F(bool, flag) F(i32, small) F(i64, large) F(f64, real) F(str, text) F(bytes, raw) F(time, at) F(json, any)        \
    F(column, col) F(task, first) F(task_list, tasks) F(numbers, reals) F(opt(bool), o_flag) F(opt(i32), o_small)     \
    F(opt(i64), o_large) F(opt(f64), o_real) F(opt(str), o_text) F(opt(bytes), o_raw) F(opt(time), o_at)              \
    F(opt(json), o_any) F(opt(column), o_col) F(opt(task), o_first) F(opt(task_list), o_tasks)
DEW_STRUCT(everything, EVERYTHING)
#define NAMED(F) F(str, name) F(i32, count)
DEW_STRUCT(named, NAMED)
DEW_LIST(named_list, named, name)

/* xorshift64*: the tests' randomness, from a seed */
static inline uint64_t sample_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u;
}

static inline double sample_f64(uint64_t *state)
{
    uint64_t bits = sample_random(state);
    double value;
    memcpy(&value, &bits, sizeof value);
    switch (bits % 4) {
    case 0:
        return (double)(int64_t)(bits >> 20) / 1000;
    case 1:
        return (double)(int32_t)(bits >> 32);
    default:
        return value - value == 0 ? value : 0;
    }
}

static inline dew_str sample_text(dew_arena *arena, uint64_t *state)
{
    static const char *const pieces[] = { "a",
                                          "Zz9",
                                          "\"",
                                          "\\",
                                          "\n",
                                          "\x01",
                                          "é",
                                          "漢字",
                                          "😀",
                                          "<script>",
                                          "\xE2\x80\xA8",
                                          " ",
                                          "the quick brown fox",
                                          "\x7f",
                                          "/" };
    char text[256];
    size_t len = 0;
    for (uint64_t n = sample_random(state) % 8; n > 0; n--) {
        const char *piece = pieces[sample_random(state) % (sizeof pieces / sizeof *pieces)];
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return dew_arena_str(arena, dew_str_make(text, len));
}

/* Fills zeroed memory with a random value of the type. */
static inline void sample_value(dew_arena *arena, uint64_t *state, const dew_type *type, void *out)
{
    static const char *const raws[] = { "null", "1", "[1,2,{}]", "{\"a\":\"\\u00e9\"}", "\"x\"" };
    switch (type->kind) {
    case DEW_KIND_BOOL:
        *(bool *)out = sample_random(state) % 2 != 0;
        return;
    case DEW_KIND_I32:
        *(int32_t *)out = (int32_t)(sample_random(state) >> 32 >> sample_random(state) % 32);
        return;
    case DEW_KIND_I64:
        *(int64_t *)out = (int64_t)(sample_random(state) >> sample_random(state) % 64);
        return;
    case DEW_KIND_F64:
        *(double *)out = sample_f64(state);
        return;
    case DEW_KIND_TIME:
        *(int64_t *)out = (int64_t)(sample_random(state) % 315569520000000000u) - 62167219200000000;
        return;
    case DEW_KIND_STR:
    case DEW_KIND_BYTES:
        *(dew_str *)out = sample_text(arena, state);
        return;
    case DEW_KIND_JSON:
        *(dew_str *)out = dew_str_of(raws[sample_random(state) % 5]);
        return;
    case DEW_KIND_ENUM:
        *(unsigned *)out = (unsigned)(sample_random(state) % type->name_count);
        return;
    case DEW_KIND_STRUCT:
        for (size_t i = 0; i < type->field_count; i++) {
            const dew_field *field = &type->fields[i];
            bool is_there = !field->optional || sample_random(state) % 2 != 0;
            if (field->optional)
                *(bool *)((char *)out + field->offset) = is_there;
            if (is_there)
                sample_value(arena, state, field->type(), (char *)out + field->offset + field->value_offset);
        }
        return;
    case DEW_KIND_LIST:
        for (uint64_t n = sample_random(state) % 6; n > 0; n--) {
            void *item = dew_list_add(arena, out, type->item_size);
            if (item != NULL)
                sample_value(arena, state, type->item(), item);
        }
        return;
    default:
        return;
    }
}

#endif
