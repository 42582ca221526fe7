/* ref.client.c - handles to elements: which node has one, and what is asked of it. See dew/ref.h.
 *
 * The tree says which element has the handle (A_REF). Where that was last is remembered, and looked for anew when it is not so
 * any more. */
#include "view/ref.h"

#include "base/buffer.h"
#include "type/json.h"
#include "view/kept.h"

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define JSON_MAX (16u << 20) /* bytes of what is told at once */

/* Calls that method of the node, without arguments. */
IMPORT(node_do) void host_node_do(uint32_t node, const char *method);
IMPORT(node_rect) void host_node_rect(uint32_t node, dew_box *to);
IMPORT(node_emit) void host_node_emit(uint32_t node, const char *name, const char *json, size_t json_len);

struct dew_ref_place {
    dew_place place;
    uint32_t node;    /* where it was last; 0: nowhere */
    const char *wish; /* a method to be called after the next render; NULL: none */
};

/* ---- where it is ---- */

IMPORT(dom_apply) void host_apply(const dew_ops *ops);

/* A node on the way down, and which child of the one above it is. */
typedef struct spot {
    node *n;
    uint32_t place;
    const struct spot *up;
} spot;

static bool has_ref(const node *n, dew_ref ref)
{
    for (uint32_t i = 0; i < n->attr_count; i++)
        if (n->attrs[i].id == A_REF && n->attrs[i].ref == ref)
            return true;
    return false;
}

/* Inside a memoised component's block it gets its number when it is asked for. */
static uint32_t number_of(const spot *at)
{
    if (dew_memo_used && at->n->id == 0 && at->up != NULL) {
        const uint32_t parent = number_of(at->up);
        dew_node_number(at->n);
        dew_write_op(DEW_OP_MORE, DEW_MORE_NUMBER, at->n->id);
        dew_write_word(parent);
        dew_write_word(at->place);
    }
    return at->n->id;
}

static uint32_t search(const spot *at, dew_ref ref)
{
    if (has_ref(at->n, ref))
        return number_of(at);
    uint32_t found = 0;
    spot inside = { .up = at };
    node *const end = at->n + at->n->size;
    for (node *child = at->n + 1; child < end && found == 0; child = dew_node_after(child), inside.place++) {
        inside.n = dew_node_real(child);
        found = search(&inside, ref);
    }
    return found;
}

uint32_t dew_ref_node(dew_ref ref)
{
    const node *known = dew_node_of(ref->node);
    if (ref->node != 0 && known != NULL && has_ref(known, ref))
        return ref->node;
    const spot root = { .n = dew_view.standing->nodes };
    ref->node = search(&root, ref);
    const dew_ops *numbers = dew_write_flush();
    if (dew_memo_used && numbers->word_count != 0)
        host_apply(numbers);
    return ref->node;
}

void dew_tree_ref_(dew_ref ref)
{
    dew_attr_add(A_REF)->ref = ref;
}

/* ---- methods ---- */

static void call(dew_ref ref, const char *method)
{
    const uint32_t node = dew_ref_node(ref);
    if (node != 0)
        host_node_do(node, method);
}

/* A handler's wish marks the place, so that what has it is rendered. */
static bool is_changed(const dew_place *place)
{
    return ((const struct dew_ref_place *)(const void *)place)->wish != NULL;
}

static void act(dew_place *place)
{
    dew_ref ref = (dew_ref)(void *)place;
    const char *method = ref->wish;
    ref->wish = NULL;
    if (method != NULL)
        call(ref, method);
}

static void ask(dew_ref ref, const char *method)
{
    if (dew_places_are_acting())
        call(ref, method);
    else
        ref->wish = method;
}

dew_ref dew_use_ref_(const void *site)
{
    static const dew_place_kind kind = { .is_changed = is_changed, .act = act };
    return dew_place_meet(&kind, sizeof(struct dew_ref_place), site, (dew_key){ .kind = DEW_KEY_NONE_ });
}

void dew_focus(dew_ref ref)
{
    ask(ref, "focus");
}

void dew_select(dew_ref ref)
{
    ask(ref, "select");
}

void dew_scroll_into_view(dew_ref ref)
{
    ask(ref, "scrollIntoView");
}

void dew_show_modal(dew_ref ref)
{
    ask(ref, "showModal");
}

void dew_close(dew_ref ref)
{
    ask(ref, "close");
}

dew_box dew_rect(dew_ref ref)
{
    dew_box box = { 0, 0, 0, 0 };
    const uint32_t node = dew_ref_node(ref);
    if (node != 0)
        host_node_rect(node, &box);
    return box;
}

/* ---- telling scripts of the page's own ---- */

void dew_emit_json(dew_ref ref, const char *name, dew_str json)
{
    const uint32_t node = dew_ref_node(ref);
    if (node != 0)
        host_node_emit(node, name, json.ptr, json.len);
}

void dew_emit_(dew_ref ref, const char *name, dew_type_fn *type, const void *value)
{
    dew_buf json;
    dew_buf_init(&json, JSON_MAX);
    if (dew_json_write(&json, type(), value, NULL) == 0)
        dew_emit_json(ref, name, dew_buf_str(&json));
    dew_buf_dispose(&json);
}
