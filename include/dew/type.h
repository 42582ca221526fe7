/* dew/type.h - typed values: one X-macro list gives the C struct and the descriptor that drives its JSON codec, its
 * equality, its hash, its diff, its rows from SQL and its TypeScript declaration.
 *
 *     #define TASK(F) F(i64, id) F(str, title) F(opt(time), due)
 *     DEW_STRUCT(task, TASK)
 *     DEW_LIST(task_list, task, id)                 // keyed by task.id
 *
 * Kinds: bool, i32, i64, f64, str, bytes, time, json (raw, checked JSON text), opt(KIND), and every name declared by
 * DEW_STRUCT, DEW_ENUM, DEW_LIST and DEW_ARRAY before. A compiler that knows no type dew_c_x says: x is no kind. Absent is
 * not null: an absent optional is left out of the JSON.
 *
 * Wire form (docs/protocol.md): i64 as a decimal string; bytes as base64; time as RFC 3339 in UTC with six decimals;
 * enum as its name; struct as an object with its fields in declared order; list as an array.
 *
 * Ownership: text, bytes and list items of a value belong to the arena that the value was made in.
 * Needs GNU C (gcc, clang). C++ may include it and use the types. Native and wasm32. */
#ifndef DEW_TYPE_H
#define DEW_TYPE_H

#include <dew/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum dew_kind {
    DEW_KIND_BOOL = 1,
    DEW_KIND_I32,
    DEW_KIND_I64,
    DEW_KIND_F64,
    DEW_KIND_STR,
    DEW_KIND_BYTES,
    DEW_KIND_TIME,
    DEW_KIND_JSON,
    DEW_KIND_ENUM,
    DEW_KIND_STRUCT,
    DEW_KIND_LIST,
} dew_kind;

/* C types of the built-in kinds. */
typedef bool dew_c_bool;
typedef int32_t dew_c_i32;
typedef int64_t dew_c_i64;
typedef double dew_c_f64;
typedef dew_str dew_c_str;
typedef dew_str dew_c_bytes; /* any bytes, no UTF-8 asked */
typedef int64_t dew_c_time;  /* microseconds since 1970-01-01T00:00:00Z; years 0000 to 9999 */
typedef dew_str dew_c_json;  /* one JSON value, as text */

/* Optionals: `has` says whether `value` is there. value is zero when it is not. */
#define DEW_OPT_(kind) typedef struct dew_opt_##kind { bool has; dew_c_##kind value; } dew_opt_##kind;
DEW_OPT_(bool)
DEW_OPT_(i32)
DEW_OPT_(i64)
DEW_OPT_(f64)
DEW_OPT_(str)
DEW_OPT_(bytes)
DEW_OPT_(time)
DEW_OPT_(json)
/* A present optional: DEW_SOME(i64, 3). An absent one is {0}. */
#define DEW_SOME(kind, v) ((dew_opt_##kind){ true, (v) })

typedef struct dew_type dew_type;
struct dew_codec; /* private to src/type */
typedef const dew_type *dew_type_fn(void);

typedef struct dew_field {
    const char *name;
    uint16_t name_len;
    uint8_t kind;     /* dew_kind of the value itself */
    uint8_t optional; /* 1: the member is a dew_opt_… */
    uint32_t offset;
    uint32_t value_offset; /* of `value` inside the member when optional, else 0 */
    dew_type_fn *type;     /* of the value; never NULL */
} dew_field;

/* One per type, built-in kinds included, constant. */
struct dew_type {
    const char *name; /* in the browser NULL */
    uint8_t kind;      /* dew_kind */
    uint8_t item_kind; /* list: kind of its items */
    uint8_t key_kind;  /* list: kind of the key field; 0: not keyed */
    uint32_t size;     /* sizeof the C type, bytes */
    const dew_field *fields; /* struct */
    uint16_t field_count;
    const char *const *names; /* enum: one per constant, from 0 */
    uint16_t name_count;
    uint32_t item_size;    /* list: sizeof one item */
    dew_type_fn *item;     /* list: of its items */
    uint32_t key_offset;   /* list: offset of the key field within an item */
    const char *key_name;
    const struct dew_codec *codec; /* of f64, bytes, time, json: code that a program without such fields leaves out */
};

/* ---- expansion helpers ---- */
#define dew_c_opt(kind) dew_opt_##kind
enum {
    dew_k_bool = DEW_KIND_BOOL, dew_k_i32 = DEW_KIND_I32, dew_k_i64 = DEW_KIND_I64, dew_k_f64 = DEW_KIND_F64,
    dew_k_str = DEW_KIND_STR, dew_k_bytes = DEW_KIND_BYTES, dew_k_time = DEW_KIND_TIME, dew_k_json = DEW_KIND_JSON,
    DEW_K_OPT_ = 0x80 /* beside a kind: optional */
};
#define dew_k_opt(kind) (dew_k_##kind | DEW_K_OPT_)
const dew_type *dew_tf_bool(void);
const dew_type *dew_tf_i32(void);
const dew_type *dew_tf_i64(void);
const dew_type *dew_tf_f64(void);
const dew_type *dew_tf_str(void);
const dew_type *dew_tf_bytes(void);
const dew_type *dew_tf_time(void);
const dew_type *dew_tf_json(void);
#define dew_tf_opt(kind) dew_tf_##kind
#define DEW_MEMBER_(kind, field) dew_c_##kind field;
#define DEW_DESCRIBE_(kind_, field_)                                                                                  \
    { #field_, sizeof(#field_) - 1, (uint8_t)(dew_k_##kind_ & 0x7f), (uint8_t)((dew_k_##kind_ & DEW_K_OPT_) != 0),     \
      (uint32_t)offsetof(dew_self, field_), (uint32_t)dew_vo_##kind_, dew_tf_##kind_ },
enum { dew_vo_bool, dew_vo_i32 = 0, dew_vo_i64 = 0, dew_vo_f64 = 0, dew_vo_str = 0, dew_vo_bytes = 0, dew_vo_time = 0, dew_vo_json = 0 };
#define dew_vo_opt(kind) offsetof(dew_opt_##kind, value)
#include <dew/same.h>

#ifdef __cplusplus
#define DEW_ONCE_ inline
#define DEW_STATIC_ASSERT_ static_assert
#else
#define DEW_ONCE_ __attribute__((weak))
#define DEW_STATIC_ASSERT_ _Static_assert
#endif
/* For messages, which the browser half does not have. */
#ifdef __wasm__
#define DEW_TYPE_NAME_(name) NULL
#else
#define DEW_TYPE_NAME_(name) #name
#endif
/* Most fields of one struct. */
#define DEW_FIELDS_MAX 256
/* what every declared name needs so that it can stand as a kind in another list */
#define DEW_KIND_OF_(name, kind_)                                                                                     \
    typedef name dew_c_##name;                                                                                        \
    typedef struct dew_opt_##name { bool has; name value; } dew_opt_##name;                                           \
    enum { dew_k_##name = (kind_), dew_vo_##name = 0 };                                                               \
    const dew_type *dew_tf_##name(void);

/* DEW_STRUCT(task, TASK) →
 *     typedef struct task { int64_t id; dew_str title; … } task;
 *     const dew_type *dew_tf_task(void);      // DEW_TYPE(task) */
#define DEW_STRUCT(name_, LIST)                                                                                       \
    typedef struct name_ { LIST(DEW_MEMBER_) } name_;                                                                 \
    DEW_KIND_OF_(name_, DEW_KIND_STRUCT)                                                                              \
    DEW_SAME_(name_, LIST)                                                                                            \
    DEW_ONCE_ const dew_type *dew_tf_##name_(void)                                                                    \
    {                                                                                                                 \
        typedef name_ dew_self;                                                                                       \
        static const dew_field fields[] = { LIST(DEW_DESCRIBE_) };                                                    \
        DEW_STATIC_ASSERT_(sizeof fields / sizeof *fields <= DEW_FIELDS_MAX, "a struct has too many fields");         \
        static const dew_type type = { DEW_TYPE_NAME_(name_), DEW_KIND_STRUCT, 0, 0, (uint32_t)sizeof(name_), fields,                \
                                       (uint16_t)(sizeof fields / sizeof *fields), NULL, 0, 0, NULL, 0, NULL, NULL }; \
        return &type;                                                                                                 \
    }

/* #define COLUMN(V) V(column, todo) V(column, doing) V(column, done)
 * DEW_ENUM(column, COLUMN) → typedef enum column { column_todo, column_doing, column_done } column;   // "todo", … */
#define DEW_ENUM(name_, LIST)                                                                                         \
    typedef enum name_ { LIST(DEW_ENUM_CONSTANT_) } name_;                                                                              \
    DEW_KIND_OF_(name_, DEW_KIND_ENUM)                                                                                \
    DEW_ONCE_ const dew_type *dew_tf_##name_(void)                                                                    \
    {                                                                                                                 \
        static const char *const names[] = { LIST(DEW_ENUM_NAME_) };                                                  \
        static const dew_type type = { DEW_TYPE_NAME_(name_), DEW_KIND_ENUM, 0, 0, (uint32_t)sizeof(name_), NULL, 0, names,          \
                                       (uint16_t)(sizeof names / sizeof *names), 0, NULL, 0, NULL, NULL };            \
        return &type;                                                                                                 \
    }
#define DEW_ENUM_NAME_(prefix, constant) #constant,
#define DEW_ENUM_CONSTANT_(prefix, constant) prefix##_##constant,

/* DEW_LIST(task_list, task, id) → typedef struct task_list { task *items; size_t count, room_; } task_list;
 * keyed: no two items have the same key; the key is an i32, i64, time, str, bytes or enum, not optional. `room_` is
 * dew_list_add's: leave it 0 when you set items yourself. */
#define DEW_LIST(name_, item_, key_)                                                                                  \
    typedef struct name_ { dew_c_##item_ *items; size_t count, room_; } name_;                                              \
    DEW_KIND_OF_(name_, DEW_KIND_LIST)                                                                                \
    DEW_ONCE_ const dew_type *dew_tf_##name_(void)                                                                    \
    {                                                                                                                 \
        static const dew_type type = { DEW_TYPE_NAME_(name_), DEW_KIND_LIST, (uint8_t)dew_k_##item_, DEW_KEY_KIND_(item_, key_),     \
                                       (uint32_t)sizeof(name_), NULL, 0, NULL, 0, (uint32_t)sizeof(dew_c_##item_),    \
                                       dew_tf_##item_, (uint32_t)offsetof(dew_c_##item_, key_), #key_, NULL };        \
        return &type;                                                                                                 \
    }                                                                                                                 \
    DEW_LIST_ADD_(name_, item_)

/* DEW_ARRAY(tags, str): a list without keys, compared and sent whole. */
#define DEW_ARRAY(name_, item_)                                                                                       \
    typedef struct name_ { dew_c_##item_ *items; size_t count, room_; } name_;                                              \
    DEW_KIND_OF_(name_, DEW_KIND_LIST)                                                                                \
    DEW_ONCE_ const dew_type *dew_tf_##name_(void)                                                                    \
    {                                                                                                                 \
        static const dew_type type = { DEW_TYPE_NAME_(name_), DEW_KIND_LIST, (uint8_t)dew_k_##item_, 0, (uint32_t)sizeof(name_),     \
                                       NULL, 0, NULL, 0, (uint32_t)sizeof(dew_c_##item_), dew_tf_##item_, 0, NULL,    \
                                       NULL };                                                                        \
        return &type;                                                                                                 \
    }                                                                                                                 \
    DEW_LIST_ADD_(name_, item_)

/* task *task_list_add(dew_arena *, task_list *): appends one zeroed item, amortised constant; NULL when out of memory.
 * The items move when the list grows. */
#define DEW_LIST_ADD_(name_, item_)                                                                                   \
    __attribute__((unused)) static inline dew_c_##item_ *name_##_add(dew_arena *arena, name_ *list)                   \
    {                                                                                                                 \
        return (dew_c_##item_ *)dew_list_add(arena, list, sizeof(dew_c_##item_));                                     \
    }

/* The shape that all lists share: how code that knows only a list's descriptor reads and fills it. */
typedef struct __attribute__((may_alias)) dew_list {
    void *items;
    size_t count;
    size_t room; /* items that fit where they stand; 0: the memory is not dew_list_add's */
} dew_list;
/* What name_add does, for any list: `list` points to a value of a list type. */
void *dew_list_add(dew_arena *arena, void *list, size_t item_size) DEW_MUST_USE;

/* The kind by which a key is compared; what cannot be a key does not compile. A time compares as i64, bytes as str. */
#ifdef __cplusplus
extern "C++" {
template <typename key> struct dew_key_kind_; /* no definition: not a key */
template <> struct dew_key_kind_<int32_t> { enum { value = DEW_KIND_I32 }; };
template <> struct dew_key_kind_<int64_t> { enum { value = DEW_KIND_I64 }; };
template <> struct dew_key_kind_<dew_str> { enum { value = DEW_KIND_STR }; };
}
#define DEW_KEY_KIND_(item_, key_) (uint8_t) dew_key_kind_<decltype(dew_c_##item_::key_)>::value
#else
/* an enum is compatible with unsigned int: C17 §6.7.2.2, as gcc and clang choose */
#define DEW_KEY_KIND_(item_, key_)                                                                                    \
    _Generic(((dew_c_##item_ *)0)->key_, int32_t: DEW_KIND_I32, int64_t: DEW_KIND_I64, dew_str: DEW_KIND_STR,         \
             unsigned: DEW_KIND_ENUM)
#endif

/* The descriptor of a declared type. */
#define DEW_TYPE(name) (dew_tf_##name())

/* What has no value, or takes no arguments: {}. */
typedef struct dew_none { char none; } dew_none;
DEW_KIND_OF_(dew_none, DEW_KIND_STRUCT)

#ifdef __cplusplus
}
#endif
#endif
