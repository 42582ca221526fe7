/* tree.client.c - building the browser's tree: what el() and text() call. See tree_internal.h for its shape. */
#include "view/tree_internal.h"

#include "base/format.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "type/json.h"
#include "view/memo.h"
#include "view/place.h"
#include "view/url.h"
#include "view/view_internal.h"

#include <stdlib.h>

#define ARENA_MAX ((size_t)256 << 20) /* of one tree; the page's memory is the real limit */
#define TEXT_BLOCK 4096

view dew_view;
dew_render *dew_render_ambient_;
const void *dew_tree_owner;

void *dew_view_room(void *array, uint32_t *cap, uint32_t need, uint32_t size)
{
    uint32_t more = *cap == 0 ? 64 : *cap;
    while (more < need)
        more *= 2;
    array = realloc(array, (size_t)more * size);
    if (array == NULL)
        __builtin_trap();
    *cap = more;
    return array;
}

static char *text_room(size_t len)
{
    tree *t = dew_view.building;
    if ((size_t)(t->text_end - t->text_at) < len) {
        size_t block = len > TEXT_BLOCK / 4 ? len : TEXT_BLOCK;
        char *at = dew_arena_alloc(&t->arena, block);
        if (at == NULL)
            __builtin_trap();
        if (block == len)
            return at;
        t->text_at = at;
        t->text_end = at + block;
    }
    char *at = t->text_at;
    t->text_at += len;
    return at;
}

/* NUL and what is not UTF-8 become U+FFFD, as the server writes them. Not a part of who calls it: the larger a function that is called
 * often, the sooner engines compile it anew. */
static __attribute__((noinline)) const char *keep_any(const char *text, size_t len, uint32_t *kept)
{
    *kept = (uint32_t)len;
    if (dew_utf8_is_valid(dew_str_make(text, len)) && memchr(text, '\0', len) == NULL)
        return memcpy(text_room(len), text, len);
    char *copy = text_room(len * 3), *at = copy;
    for (const char *end = text + len; text < end;) {
        bool is_text;
        size_t step = dew_text_step(text, end, &is_text);
        memcpy(at, is_text ? text : "\xef\xbf\xbd", is_text ? step : 3);
        at += is_text ? step : 3;
        text += step;
    }
    *kept = (uint32_t)(at - copy);
    return copy;
}

/* The linker's: where static data begins and ends. */
extern const char __global_base, __data_end;

/* `len` may say that it is a LITERAL; one that is not static after all is none. */
static const char *keep(const char *text, size_t len, uint32_t *kept)
{
    if ((len & LITERAL) && text >= &__global_base && text < &__data_end) {
        *kept = (uint32_t)len;
        return text;
    }
    len &= ~LITERAL;
    size_t plain = 0; /* ASCII without NUL */
    while (plain < len && (signed char)text[plain] > 0)
        plain++;
    if (plain < len)
        return keep_any(text, len, kept);
    *kept = (uint32_t)len;
    return memcpy(text_room(len), text, len);
}

/* ---- passes ---- */

dew_render *dew_tree_render(void)
{
    return dew_view.render;
}

void dew_tree_begin(dew_render *render)
{
    view *v = &dew_view;
    if (v->building == NULL) {
        v->standing = &v->trees[0];
        v->building = &v->trees[1];
        dew_arena_init(&v->trees[0].arena, ARENA_MAX);
        dew_arena_init(&v->trees[1].arena, ARENA_MAX);
    }
    tree *t = v->building;
    dew_arena_reset(&t->arena);
    t->text_at = t->text_end = NULL;
    t->node_count = t->attr_count = 0;
    v->render = dew_render_ambient_ = render;
    render->arena = &t->arena;
    render->failed = 0;
    render->problem_count = 0;
    v->open = 0;
    dew_tree_open_(dew_tag_div_);
#ifdef DEW_VIEW_CHECKS
    v->checks = dew_checks_create(render);
#endif
    if (dew_places_used)
        dew_places_begin();
}

void dew_tree_cancel(dew_render *render)
{
    (void)render;
    dew_render_ambient_ = NULL;
}

unsigned dew_tree_end(dew_render *render, dew_tree_how how)
{
    view *v = &dew_view;
    tree *made = v->building;
    made->nodes[0].size = made->node_count;
    for (node *n = made->nodes, *end = n + made->node_count; n < end; n++)
        n->attrs = made->attrs + n->attr_first;
    unsigned again = dew_diff(how);
    tree *old = v->standing;
    v->standing = v->building;
    v->building = old;
    dew_tree_cancel(render);
    if (dew_places_used)
        dew_places_end();
    return again;
}

/* ---- taking back ---- */

_Static_assert(sizeof(node) <= sizeof((dew_view_mark_ *)0)->last, "a node has grown");

void dew_view_mark(dew_view_mark_ *mark)
{
    const tree *t = dew_view.building;
    mark->nodes = t->node_count;
    mark->attrs = t->attr_count;
    mark->after_text = dew_view.after_text;
    memcpy(mark->last, &t->nodes[t->node_count - 1], sizeof(node));
}

void dew_view_cut(const dew_view_mark_ *mark)
{
    tree *t = dew_view.building;
    t->node_count = mark->nodes;
    t->attr_count = mark->attrs;
    dew_view.after_text = mark->after_text;
    memcpy(&t->nodes[mark->nodes - 1], mark->last, sizeof(node));
    if (dew_places_used)
        dew_places_cut();
}

/* ---- elements ---- */

static node *node_add(const char *tag)
{
    tree *t = dew_view.building;
    ROOM(t->nodes, t->node_cap, t->node_count + 1);
    node *n = &t->nodes[t->node_count++];
    *n = (node){ .tag = tag, .attr_first = t->attr_count, .key = (intptr_t)dew_tree_owner };
    return n;
}

#ifdef DEW_VIEW_CHECKS
static const char *component; /* whose element is opened next */
#endif
bool dew_foreign_used;

__attribute__((import_module("dew"), import_name("foreign"))) void host_foreign(void); /* there is some: once */

/* The namespace of what stands in the innermost open element. */
static uint16_t namespace_here(void)
{
    const node *around = &dew_view.building->nodes[dew_view.open];
    return around->tag == dew_tag_foreignObject_ ? 0 : around->flags & (SVG | MATH);
}

void dew_tree_open_(const char *tag)
{
    node *n = node_add(tag);
#ifdef DEW_VIEW_CHECKS
    n->component = component;
#endif
    if (dew_foreign_used && dew_view.building->node_count > 1)
        n->flags = namespace_here();
    n->size = dew_view.open;
    dew_view.after_text = false;
    dew_view.open = dew_view.building->node_count - 1;
}

void dew_tree_foreign_(bool is_svg)
{
    if (!dew_foreign_used)
        host_foreign();
    dew_foreign_used = true;
    dew_view.building->nodes[dew_view.open].flags = is_svg ? SVG : MATH;
}

void dew_tree_key_(int kind, int64_t number, const char *chars, size_t chars_len)
{
    node *n = &dew_view.building->nodes[dew_view.open];
    if (kind == DEW_KEY_NUMBER_) {
        n->flags |= KEY_NUMBER;
        n->key = number;
        return;
    }
    dew_str *text = (dew_str *)(void *)text_room(sizeof(dew_str) + 3);
    text = (dew_str *)(((uintptr_t)text + 3) & ~(uintptr_t)3);
    uint32_t len;
    text->ptr = keep(chars, chars_len, &len);
    text->len = len;
    n->flags |= KEY_TEXT;
    n->key = (int64_t)((uint64_t)dew_xxh32(text->ptr, len, 0) << 32 | (uintptr_t)text);
}

void dew_tree_close_(void)
{
    tree *t = dew_view.building;
    node *n = &t->nodes[dew_view.open];
    uint32_t around = n->size;
#ifdef DEW_VIEW_CHECKS
    dew_check_close_(dew_view.checks);
#endif
    if (t->node_count == dew_view.open + 2 && n[1].tag == NULL) {
        n->flags |= ONE_TEXT;
        n->text = n[1].text;
        n->len = n[1].len;
        t->node_count--;
    } else if (dew_markup_used) {
        n->flags &= (uint16_t)~MARKUP; /* it is not the whole content */
    }
    n->size = t->node_count - dew_view.open;
    dew_view.open = around;
    dew_view.after_text = false;
}

#ifdef DEW_VIEW_CHECKS
void dew_tree_check_open_(int tag, const char *name)
{
    component = name;
    dew_check_open_(dew_view.checks, tag, name);
}
#endif

/* ---- attributes ---- */

attr *dew_attr_add(uintptr_t id)
{
    tree *t = dew_view.building;
    ROOM(t->attrs, t->attr_cap, t->attr_count + 1);
    t->nodes[dew_view.open].attr_count++;
    attr *a = &t->attrs[t->attr_count++];
    a->id = id;
    return a;
}

static void attr_copy(uintptr_t id, const char *value, size_t len)
{
    uint32_t kept;
    const char *copy = keep(value, len, &kept);
    attr *a = dew_attr_add(id);
    a->text = copy;
    a->len = kept;
}

void dew_tree_attr_literal_(const char *name, const char *value)
{
    attr_copy((uintptr_t)name, value, strlen(value) | LITERAL);
}

void dew_tree_attr_(const char *name, const char *value)
{
    attr_copy((uintptr_t)name, value, strlen(value));
}

void dew_tree_attr_url_(const char *name, int tag, const char *value)
{
    dew_tree_attr_(name, dew_url_checked(dew_view.render, tag, name, value));
}

void dew_tree_attrs_given_(int tag, const dew_attr *given)
{
    for (; given->name != NULL; given++) {
        if (given->value == NULL)
            continue;
        if (!dew_attr_name_is_fit(given->name)) {
            dew_render_problem(dew_view.render, "<%s>: \"%.40s\" cannot be an attribute in .attrs; it was left out",
                               dew_tag_name(tag), given->name);
            continue;
        }
        attr_copy(A_GIVEN, given->name, strlen(given->name));
        const char *value = given->value;
        if (dew_attr_is_url(given->name))
            value = dew_url_checked(dew_view.render, tag, given->name, value);
        attr_copy(A_GIVEN, value, strlen(value));
    }
}

void dew_tree_attr_number_(const char *name, int value)
{
    dew_tree_attr_(name, dew_fmt("%d", value));
}

/* ---- calls and handlers; the arguments are in the arena already, as JSON: see dew_call_keep ---- */

static void attr_call(uintptr_t id, const dew_fn *fn, const void *args)
{
    dew_attr_add(id)->call = (dew_call){ fn, args };
}

void dew_tree_call_(int event, const dew_fn *fn, const void *args)
{
    attr_call(A_ON + 2 * (unsigned)event, fn, args);
}

void dew_tree_do_(int event, dew_handler *fn, int64_t arg)
{
    dew_handlers_used = true;
    int64_t *copy = dew_arena_alloc(&dew_view.building->arena, sizeof arg);
    if (copy == NULL)
        __builtin_trap();
    *copy = arg;
    attr *a = dew_attr_add(A_ON + 2 * (unsigned)event + 1);
    a->fn = fn;
    a->arg = copy;
}

void dew_tree_button_call_(const dew_fn *fn, const void *args)
{
    attr_call(A_FALLBACK, fn, args);
}

static const char *form_action(const dew_fn *fn)
{
    dew_str prefix = dew_view.render->url_prefix;
    return dew_fmt("%.*s" DEW_FORM_PATH "%s", (int)prefix.len, prefix.ptr, fn->name);
}

void dew_tree_form_call_(const dew_fn *fn)
{
    dew_tree_attr_(dew_attr_action_, form_action(fn));
    dew_tree_attr_literal_(dew_attr_method_, "post");
}

static void hidden_open(const char *name)
{
    dew_tree_open_(dew_tag_input_);
    dew_tree_attr_literal_(dew_attr_type_, "hidden");
    dew_tree_attr_literal_(dew_attr_name_, name);
}

void dew_tree_form_fields_(const dew_fn *fn, const void *args)
{
#ifdef DEW_VIEW_CHECKS
    dew_check_open_(dew_view.checks, DEW_TAG_input, "form");
    dew_check_open_(dew_view.checks, DEW_TAG_input, "form");
#endif
    hidden_open("_args");
    attr_call(A_ARGS, fn, args);
    dew_tree_close_();
    dew_memo_read_page();
    hidden_open("_to");
    attr_copy((uintptr_t)dew_attr_value_, dew_view.render->location.ptr, dew_view.render->location.len);
    dew_tree_close_();
}

/* ---- text ---- */

static void text_add(const char *text, uint32_t len)
{
    tree *t = dew_view.building;
    if ((len & ~LITERAL) == 0)
        return;
    if (dew_view.after_text) { /* the parser makes one node of both */
        node *last = &t->nodes[t->node_count - 1];
        uint32_t before = last->len & ~LITERAL, more = len & ~LITERAL;
        char *both = text_room(before + more);
        memcpy(both, last->text, before);
        memcpy(both + before, text, more);
        last->text = both;
        last->len = before + more;
        return;
    }
    dew_view.after_text = true;
    node *n = node_add(NULL);
    n->size = 1;
    n->text = text;
    n->len = len;
}

void dew_tree_text_literal_(const char *text)
{
#ifdef DEW_VIEW_CHECKS
    dew_check_text_(dew_view.checks, text, strlen(text));
#endif
    dew_text_add(text, strlen(text) | LITERAL);
}

void dew_text_add(const char *text, size_t len)
{
    uint32_t kept;
    if (len == 0)
        return;
    const char *copy = keep(text, len, &kept);
    text_add(copy, kept);
}

void dew_tree_text_(const char *text, size_t len)
{
#ifdef DEW_VIEW_CHECKS
    dew_check_text_(dew_view.checks, text, len);
#endif
    dew_text_add(text, len);
}

void dew_view_put_text(const char *bytes, size_t len)
{
    dew_tree_text_(bytes, len);
}

void dew_text_i64(int64_t number)
{
    char digits[DEW_FORMAT_I64_MAX];
    dew_tree_text_(digits, dew_format_i64(digits, number));
}

void dew_text_u64(uint64_t number)
{
    char digits[DEW_FORMAT_I64_MAX];
    dew_tree_text_(digits, dew_format_u64(digits, number));
}

void dew_text_f64(double number)
{
    char digits[DEW_FORMAT_F64_MAX];
    dew_tree_text_(digits, dew_format_f64(digits, number));
}

void dew_script_json(const char *id, dew_str json)
{
    dew_buf safe;
    dew_buf_init(&safe, json.len * 6 + 1);
    dew_json_put_script(&safe, json);
    dew_tree_open_(dew_tag_script_);
    if (id != NULL)
        dew_tree_attr_(dew_attr_id_, id);
    dew_tree_attr_literal_(dew_attr_type_, "application/json");
    uint32_t kept;
    const char *copy = keep(safe.ptr, safe.len, &kept);
    text_add(copy, kept);
    dew_tree_close_();
    dew_buf_dispose(&safe);
}
