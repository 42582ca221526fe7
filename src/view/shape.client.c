/* shape.client.c - what memoised components look like: elements with the same tags, attributes and literals, which differ in
 * texts alone. The second of a kind that is made leaves a template with the host, and from the third on they are cloned. See kept.h.
 *
 * The places where a template's clones differ (slots) are told as a walk through the template, in ops.h's words; their
 * texts follow each clone in the same order. */
#include "view/kept.h"
#include "view/serial.h"

#include <stdlib.h>

#define SHAPES_MAX 4 /* of one site: what renders very differently is made element by element */

struct shape {
    struct shape *next;
    uint32_t template; /* the host's number; 0: none yet */
    dew_kept *example;
};

static uint32_t template_count;

/* ---- alike ---- */

/* Literals are the same when they are at the same address; what is none may differ. */
static bool is_alike_text(const char *a, uint32_t a_len, const char *b, uint32_t b_len)
{
    return ((a_len | b_len) & LITERAL) == 0 || (a == b && a_len == b_len);
}

static bool is_alike_attr(const attr *a, const attr *b)
{
    if (a->id != b->id)
        return false;
    if (a->id == A_GIVEN)
        return a[0].len == b[0].len && memcmp(a[0].text, b[0].text, a[0].len) == 0;
    if (a->id >= A_NAMES)
        return is_alike_text(a->text, a->len, b->text, b->len);
    return dew_attr_is_event(a) || a->call.fn == b->call.fn;
}

static bool is_alike(const node *a, const node *b)
{
    if (a->tag != b->tag || a->size != b->size || a->attr_count != b->attr_count ||
        ((a->flags ^ b->flags) & (ONE_TEXT | SVG | MATH)))
        return false;
    if (dew_markup_used && ((a->flags | b->flags) & MARKUP) != 0)
        return false;
    if (!is_alike_text(a->text, a->len, b->text, b->len))
        return false;
    const attr *x = a->attrs, *y = b->attrs;
    for (const attr *end = x + a->attr_count; x < end; y += dew_attr_after(x) - x, x = dew_attr_after(x))
        if (!is_alike_attr(x, y))
            return false;
    return true;
}

static struct shape *find(const dew_kept *kept)
{
    struct shape *shape = *kept->shapes;
    for (; shape != NULL; shape = shape->next) {
        const node *a = shape->example->nodes, *b = kept->nodes;
        const node *const end = a + a->size;
        while (a < end && is_alike(a, b))
            a++, b++;
        if (a == end)
            return shape;
    }
    return NULL;
}

/* ---- slots ---- */

static bool has_slot(const node *n)
{
    for (const node *end = n + n->size; n < end; n++) {
        if (dew_node_is_hole(n))
            return true;
        for (const attr *a = n->attrs, *last = a + n->attr_count; a < last; a = dew_attr_after(a))
            if (dew_attr_is_hole(a))
                return true;
    }
    return false;
}

/* The walk is at `n`. `ups`, 0 before: how often it has to go up to be there again. */
static void write_walk(const node *n, uint32_t *ups)
{
    for (const attr *a = n->attrs, *last = a + n->attr_count; a < last; a = dew_attr_after(a))
        if (dew_attr_is_hole(a)) {
            dew_write_word(DEW_SLOT_ATTR);
            dew_write_word(a->id == A_GIVEN   ? 0
                           : a->id >= A_NAMES ? (uint32_t)a->id
                                              : (uint32_t)(uintptr_t)dew_attr_value_);
            if (a->id == A_GIVEN)
                dew_write_string(a->text, a->len);
        }
    if (dew_node_is_hole(n))
        dew_write_word(n->tag == NULL ? DEW_SLOT_NODE : DEW_SLOT_TEXT);
    uint32_t steps = 1; /* to the child */
    bool is_inside = false;
    for (const node *child = n + 1, *end = n + n->size; child < end; child += child->size, steps++) {
        if (!has_slot(child))
            continue;
        for (; *ups > 0; --*ups)
            dew_write_word(DEW_SLOT_UP);
        for (; steps > 0; steps--, is_inside = true)
            dew_write_word(is_inside ? DEW_SLOT_NEXT : DEW_SLOT_DOWN);
        write_walk(child, ups);
    }
    *ups += is_inside;
}

static void write_texts(const dew_kept *kept)
{
    for (const node *n = kept->nodes, *end = n + n->size; n < end; n++) {
        for (const attr *a = n->attrs, *last = a + n->attr_count; a < last; a = dew_attr_after(a))
            if (dew_attr_is_hole(a)) {
                const dew_str value = dew_attr_value(a);
                dew_write_string(value.ptr, (uint32_t)value.len);
            }
        if (dew_node_is_hole(n))
            dew_write_string(n->text, n->len);
    }
}

/* ---- clones ---- */

bool dew_shape_clone(dew_kept *kept)
{
    const struct shape *shape = kept->has_kept ? NULL : find(kept);
    if (shape == NULL || shape->template == 0)
        return false;
    dew_write_op(DEW_OP_MORE, DEW_MORE_CLONE | (kept->wants_events ? DEW_MORE_EVENTS : 0), kept->nodes->id);
    dew_write_word(shape->template);
    write_texts(kept);
    return true;
}

/* A new one, unless there are enough. */
static void add(const dew_kept *kept)
{
    uint32_t count = 0;
    for (struct shape *other = *kept->shapes; other != NULL; other = other->next)
        count++;
    if (count == SHAPES_MAX)
        return;
    char *none;
    struct shape *shape = malloc(sizeof *shape); /* for the program's life */
    if (shape == NULL)
        __builtin_trap();
    *shape = (struct shape){ .next = *kept->shapes, .example = dew_kept_copy(kept->nodes, NULL, 0, &none) };
    *kept->shapes = shape;
}

bool dew_shape_is_new(const dew_kept *kept)
{
    if (find(kept) != NULL)
        return false;
    add(kept);
    return true;
}

void dew_shape_learn(dew_kept *kept)
{
    if (kept->has_kept)
        return;
    struct shape *shape = find(kept);
    if (shape == NULL) {
        add(kept);
        return;
    }
    shape->template = ++template_count;
    dew_write_op(DEW_OP_MORE, DEW_MORE_TEMPLATE, shape->template);
    uint32_t ups = 0;
    write_walk(kept->nodes, &ups);
    dew_write_word(DEW_SLOT_END);
}
