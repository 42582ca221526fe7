/* kept.client.c - a subtree copied into one block. See kept.h. Two walks: how much memory, then the copy. */
#include "view/kept.h"

#include <stdlib.h>

#define ALIGNED(len) (((len) + 7) & ~(size_t)7)

static const attr *attrs_of(const node *n, const attr *attrs)
{
    return attrs != NULL ? attrs + n->attr_first : n->attrs;
}

static bool is_text_attr(const attr *a)
{
    return a->id == A_GIVEN || a->id >= A_NAMES;
}

static bool is_call(const attr *a)
{
    return a->id == A_ARGS || a->id == A_FALLBACK || (dew_attr_is_event(a) && a->id < A_REF && (a->id - A_ON) % 2 == 0);
}

static bool is_handler(const attr *a)
{
    return dew_attr_is_event(a) && a->id < A_REF && !is_call(a);
}

/* Most are: nothing is to be done for them. */
static inline bool is_literal(const attr *a)
{
    return a->id >= A_NAMES && (a->len & LITERAL) != 0;
}

static size_t text_len(uint32_t len)
{
    return len & LITERAL ? 0 : len;
}

/* Texts need no alignment and come last; `whole` counts what does. */
static __attribute__((noinline)) void measure_attr(const attr *a, size_t *whole, size_t *texts)
{
    if (is_text_attr(a)) {
        *texts += text_len(a->len);
    } else if (is_call(a)) {
        *whole += sizeof(dew_str);
        *texts += ((const dew_str *)a->call.args)->len;
    } else if (is_handler(a)) {
        *whole += sizeof *a->arg;
    }
}

typedef struct room {
    char *whole, *texts;
} room;

static const char *copy_text(room *to, const char *text, uint32_t len)
{
    if (len & LITERAL)
        return text;
    char *at = to->texts;
    to->texts += len;
    return memcpy(at, text, len);
}

static void *copy_whole(room *to, const void *what, size_t len)
{
    char *at = to->whole;
    to->whole += len;
    return memcpy(at, what, len);
}

static const void *copy_str(room *to, const dew_str *text)
{
    dew_str *copy = copy_whole(to, text, sizeof *text);
    copy->ptr = copy_text(to, text->ptr, (uint32_t)text->len);
    return copy;
}

static __attribute__((noinline)) void copy_attr(attr *a, room *to)
{
    if (is_text_attr(a))
        a->text = copy_text(to, a->text, a->len);
    else if (is_call(a))
        a->call.args = copy_str(to, a->call.args);
    else if (is_handler(a))
        a->arg = copy_whole(to, a->arg, sizeof *a->arg);
}

static const dew_str *key_text(const node *n)
{
    return (const dew_str *)(uintptr_t)(uint32_t)n->key;
}

static void copy_node(node *n, const attr *from, attr *to, room *rest)
{
    n->id = 0;
    n->attrs = to;
    if (n->flags & KEPT)
        return;
    if (n->len != 0)
        n->text = copy_text(rest, n->text, n->len);
    memcpy(to, from, n->attr_count * sizeof *to);
    for (attr *a = to; a < to + n->attr_count; a++)
        if (!is_literal(a))
            copy_attr(a, rest);
    if (n->flags & KEY_TEXT)
        n->key = (n->key & ~(int64_t)UINT32_MAX) | (uint32_t)(uintptr_t)copy_str(rest, key_text(n));
}

void dew_kept_free(dew_kept *kept)
{
    if (kept != NULL)
        free(kept->block);
}

dew_kept *dew_kept_copy(const node *n, const attr *attrs, size_t extra, char **extra_at)
{
    const node *const end = n + n->size;
    size_t whole = 0, texts = 0, attr_count = 0;
    for (const node *at = n; at < end; at++) {
        if (at->flags & KEPT)
            continue;
        texts += text_len(at->len);
        attr_count += at->attr_count;
        const attr *a = attrs_of(at, attrs);
        for (const attr *last = a + at->attr_count; a < last; a++)
            if (!is_literal(a))
                measure_attr(a, &whole, &texts);
        if (at->flags & KEY_TEXT) {
            whole += sizeof(dew_str);
            texts += key_text(at)->len;
        }
    }
    const size_t kept_len = ALIGNED(sizeof(dew_kept) + n->size * sizeof *n),
                 attrs_len = ALIGNED(attr_count * sizeof(attr));
    char *block = malloc(ALIGNED(extra) + kept_len + attrs_len + ALIGNED(whole) + texts);
    if (block == NULL)
        __builtin_trap();
    *extra_at = block;
    dew_kept *kept = (dew_kept *)(void *)(block + ALIGNED(extra));
    *kept = (dew_kept){ .block = block };
    memcpy(kept->nodes, n, n->size * sizeof *n);
    attr *to = (attr *)(void *)((char *)kept + kept_len);
    room rest = { (char *)to + attrs_len, (char *)to + attrs_len + ALIGNED(whole) };
    for (node *at = kept->nodes; n < end; n++, at++) {
        copy_node(at, attrs_of(n, attrs), to, &rest);
        to += at->attr_count;
        kept->has_kept |= (at->flags & KEPT) != 0;
        kept->wants_events |= dew_node_wants_events(at);
    }
    return kept;
}
