/* diff.client.c - compares the tree being built with the standing one and writes what the DOM has to do (ops.h).
 *
 * Children are matched by tag and key: first what both lists begin and end with; what is left in the middle through a
 * small hash table. Of the matched ones in the middle, a longest run that is in order stays where it is and the others
 * move around it (longest increasing subsequence). Unkeyed children match in order.
 *
 * Scratch memory: arrays of numbers on one growing stack; it may move while the comparison goes deeper, so they are
 * kept as offsets. */
#include "view/tree_internal.h"

#include "base/utf8.h"
#include "view/view_internal.h"

#include <stdlib.h>

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define EXPORT(name_) __attribute__((export_name(#name_)))
#define TEXT_MAX ((size_t)1 << 30) /* of one flush */

IMPORT(dom_apply) void host_apply(const dew_ops *ops);
IMPORT(dom_adopt) void host_adopt(const dew_ops *ops);

static struct {
    const tree *old;
    tree *new;
    uint32_t *words, word_count, word_cap;
    dew_buf text;
    uint32_t *node_of, node_of_cap; /* by id: its node in the standing tree, once the comparison is over */
    uint32_t *free_ids, free_count, free_cap, next_id;
    uint32_t *scratch, scratch_count, scratch_cap;
    uint32_t *again, again_count, again_cap; /* elements whose content adoption could not take over */
} d;

/* ---- words and strings ---- */

static void word(uint32_t w)
{
    ROOM(d.words, d.word_cap, d.word_count + 1);
    d.words[d.word_count++] = w;
}

static void op(enum dew_op code, uint32_t small, uint32_t number)
{
    word(DEW_OP_WORD(code, small, number));
}

/* How many UTF-16 units the text from `from` on has, which is what the host cuts by. */
static uint32_t utf16_len(size_t from)
{
    uint32_t units = 0;
    for (size_t i = from; i < d.text.len; i++) {
        unsigned char c = (unsigned char)d.text.ptr[i];
        units += ((c & 0xc0) != 0x80) + (c >= 0xf0);
    }
    return units;
}

static void string(const char *text, uint32_t len)
{
    if (len & LITERAL) {
        word(len);
        word((uint32_t)(uintptr_t)text);
        return;
    }
    size_t from = d.text.len;
    dew_buf_put(&d.text, text, len);
    word(utf16_len(from));
}

#define literal(text) string("" text, (sizeof(text) - 1) | LITERAL)

/* What cannot be written as JSON is empty on both sides. */
static dew_str args_of(dew_call call)
{
    return *(const dew_str *)call.args;
}

static void args_string(dew_call call)
{
    string(args_of(call).ptr, (uint32_t)args_of(call).len);
}

/* ---- attributes ---- */

static bool same_call(dew_call a, dew_call b)
{
    return a.fn == b.fn && dew_str_eq(args_of(a), args_of(b));
}

static bool same_text(const char *a, uint32_t a_len, const char *b, uint32_t b_len)
{
    if (((a_len ^ b_len) & ~LITERAL) != 0)
        return false;
    return a == b || memcmp(a, b, a_len & ~LITERAL) == 0;
}

/* Of two attributes with the same name. */
static bool same_value(const attr *a, const attr *b)
{
    if (a->id == A_ARGS || a->id == A_FALLBACK)
        return same_call(a->call, b->call);
    const int value = a->id == A_GIVEN;
    return same_text(a[value].text, a[value].len, b[value].text, b[value].len);
}

static void op_name(enum dew_op code, const char *name)
{
    op(code, 0, 0);
    word((uint32_t)(uintptr_t)name);
}

static const char *const fallback_names[] = { dew_attr_type_, dew_attr_form_,       dew_attr_formmethod_,
                                              dew_attr_name_, dew_attr_formaction_, dew_attr_value_ };

/* What a button carries for its call, as html.c writes it. */
static void set_fallback(dew_call call)
{
    op_name(DEW_OP_ATTR, dew_attr_type_);
    literal("submit");
    op_name(DEW_OP_ATTR, dew_attr_form_);
    literal("dew");
    op_name(DEW_OP_ATTR, dew_attr_formmethod_);
    literal("post");
    op_name(DEW_OP_ATTR, dew_attr_name_);
    literal("_args");
    op_name(DEW_OP_ATTR, dew_attr_formaction_);
    size_t from = d.text.len;
    dew_buf_put_str(&d.text, dew_view.render->url_prefix);
    dew_buf_put_lit(&d.text, DEW_FORM_PATH);
    dew_buf_put(&d.text, call.fn->name, strlen(call.fn->name));
    word(utf16_len(from));
    op_name(DEW_OP_ATTR, dew_attr_value_);
    args_string(call);
}

static bool is_event(const attr *a)
{
    return a->id >= A_ON && a->id < A_NAMES;
}

/* Writes the attribute `a`; two entries when it is given by name. */
static void set_attr(const attr *a)
{
    if (is_event(a))
        return;
    if (a->id == A_FALLBACK) {
        set_fallback(a->call);
    } else if (a->id == A_ARGS) {
        op_name(DEW_OP_ATTR, dew_attr_value_);
        args_string(a->call);
    } else if (a->id == A_GIVEN) {
        op_name(DEW_OP_ATTR, NULL);
        string(a[0].text, a[0].len);
        string(a[1].text, a[1].len);
    } else {
        op_name(DEW_OP_ATTR, (const char *)a->id);
        string(a->text, a->len);
    }
}

static void clear_attr(const attr *a)
{
    if (a->id == A_FALLBACK) {
        for (size_t i = 0; i < sizeof fallback_names / sizeof *fallback_names; i++)
            op_name(DEW_OP_NO_ATTR, fallback_names[i]);
    } else if (a->id == A_GIVEN) {
        op_name(DEW_OP_NO_ATTR, NULL);
        string(a->text, a->len);
    } else if (!is_event(a)) {
        op_name(DEW_OP_NO_ATTR, a->id == A_ARGS ? dew_attr_value_ : (const char *)a->id);
    }
}

/* The entry after `a`: what is given by name takes two. */
static const attr *after(const attr *a)
{
    return a->id == A_GIVEN ? a + 2 : a + 1;
}

static bool same_name(const attr *a, const attr *b)
{
    return a->id == b->id && (a->id != A_GIVEN || same_text(a->text, a->len, b->text, b->len));
}

/* The attribute with the name of `a`; NULL: none. `hint` is where it stands when none came or went. */
static const attr *find(const attr *from, const attr *end, const attr *hint, const attr *a)
{
    if (hint < end && same_name(hint, a))
        return hint;
    for (; from < end; from = after(from))
        if (same_name(from, a))
            return from;
    return NULL;
}

/* Those for events come last. */
static bool wants_events(const tree *t, const node *n)
{
    return n->attr_count != 0 && is_event(&t->attrs[n->attr_first + n->attr_count - 1]);
}

static void select_once(bool *selected, uint32_t id)
{
    if (!*selected)
        op(DEW_OP_SELECT, 0, id);
    *selected = true;
}

static void diff_attrs(const node *was, const node *is)
{
    const attr *const old = d.old->attrs + was->attr_first, *const old_end = old + was->attr_count;
    const attr *const new = d.new->attrs + is->attr_first, *const new_end = new + is->attr_count;
    bool selected = false;
    for (const attr *x = old; x < old_end; x = after(x))
        if (!is_event(x) && find(new, new_end, new + (x - old), x) == NULL) {
            select_once(&selected, is->id);
            clear_attr(x);
        }
    for (const attr *y = new; y < new_end; y = after(y)) {
        const attr *had = is_event(y) ? y : find(old, old_end, old + (y - new), y);
        if (had == NULL || (had != y && !same_value(had, y))) {
            select_once(&selected, is->id);
            set_attr(y);
        }
    }
    if (wants_events(d.new, is) && !wants_events(d.old, was))
        op(DEW_OP_SELECT, 1, is->id);
}

/* ---- making and dropping ---- */

static void name_node(uint32_t n)
{
    node *is = &d.new->nodes[n];
    if (is->id == 0)
        is->id = d.free_count != 0 ? d.free_ids[--d.free_count] : d.next_id++;
    if (is->id > DEW_OP_NODE_MAX)
        __builtin_trap();
    ROOM(d.node_of, d.node_of_cap, is->id + 1);
    d.node_of[is->id] = n;
}

/* Makes the subtree, or says what it is for adoption, which needs no attributes. */
static void make(uint32_t n, bool adopt)
{
    name_node(n);
    const node *is = &d.new->nodes[n];
    if (is->tag == NULL) {
        op(DEW_OP_TEXT_NODE, 0, is->id);
        string(is->text, is->len);
        return;
    }
    op(DEW_OP_OPEN, wants_events(d.new, is), is->id);
    word((uint32_t)(uintptr_t)is->tag);
    const attr *a = d.new->attrs + is->attr_first, *end = a + is->attr_count;
    for (; a < end && !adopt; a = after(a))
        set_attr(a);
    if (is->flags & ONE_TEXT) {
        op(DEW_OP_TEXT_ONLY, 0, 0);
        string(is->text, is->len);
    }
    for (uint32_t child = n + 1; child < is->next; child = d.new->nodes[child].next)
        make(child, adopt);
    op(DEW_OP_CLOSE, 0, 0);
}

static void put(enum dew_op code, uint32_t id, uint32_t parent, uint32_t before)
{
    op(code, 0, id);
    word(parent);
    word(before);
}

static void make_at(uint32_t n, uint32_t parent, uint32_t before)
{
    make(n, false);
    put(DEW_OP_PLACE, 0, parent, before);
}

/* Gives the numbers of an old subtree back. */
static void release(uint32_t o)
{
    uint32_t end = d.old->nodes[o].next;
    ROOM(d.free_ids, d.free_cap, d.free_count + (end - o));
    op(DEW_OP_FREE, 0, end - o);
    for (; o < end; o++) {
        word(d.old->nodes[o].id);
        d.node_of[d.old->nodes[o].id] = UINT32_MAX;
        d.free_ids[d.free_count++] = d.old->nodes[o].id;
    }
}

static void drop(uint32_t o)
{
    op(DEW_OP_REMOVE, 0, d.old->nodes[o].id);
    release(o);
}

static void release_all(uint32_t o, uint32_t end)
{
    for (; o < end; o = d.old->nodes[o].next)
        release(o);
}

/* ---- lists of children ---- */

static bool same_node(const node *a, const node *b)
{
    if (a->tag != b->tag || ((a->flags ^ b->flags) & ~ONE_TEXT) != 0)
        return false;
    if ((a->flags & KEY_TEXT) == 0)
        return a->key == b->key;
    return a->key >> 32 == b->key >> 32 &&
           dew_str_eq(*(const dew_str *)(uintptr_t)(uint32_t)a->key, *(const dew_str *)(uintptr_t)(uint32_t)b->key);
}

static uint32_t hash_of(const node *n)
{
    uint32_t key = n->flags & KEY_TEXT ? (uint32_t)(n->key >> 32) : (uint32_t)n->key ^ (uint32_t)(n->key >> 32);
    return (key ^ (uint32_t)(uintptr_t)n->tag << 16) * 2654435761u >> 7;
}

static void diff_node(uint32_t o, uint32_t n);

#define MATCHED 0x80000000u
/* What is left of two lists between their common beginning and end. All but the counts are offsets in d.scratch. */
typedef struct middle {
    uint32_t old, new; /* node numbers; MATCHED marks the old ones that stay */
    uint32_t old_count, new_count;
    uint32_t source;         /* per new: place of its old node + 1, or 0 */
    uint32_t parent, before; /* ids: before what the middle ends */
    bool moved;
} middle;
#define AT(offset) d.scratch[offset]

static uint32_t scratch(uint32_t count)
{
    uint32_t offset = d.scratch_count;
    ROOM(d.scratch, d.scratch_cap, offset + count);
    d.scratch_count += count;
    return offset;
}

/* Fills `source`; returns how many matched. */
static uint32_t match(middle *m)
{
    uint32_t size = 4, matched = 0, last = 0;
    while (size < m->old_count * 2)
        size *= 2;
    const uint32_t heads = scratch(size), links = scratch(m->old_count);
    memset(&AT(heads), 0, size * sizeof(uint32_t));
    memset(&AT(m->source), 0, m->new_count * sizeof(uint32_t));
    for (uint32_t i = m->old_count; i-- > 0;) { /* backwards: chains are in order */
        uint32_t slot = heads + (hash_of(&d.old->nodes[AT(m->old + i)]) & (size - 1));
        AT(links + i) = AT(slot);
        AT(slot) = i + 1;
    }
    for (uint32_t j = 0; j < m->new_count; j++) {
        const node *is = &d.new->nodes[AT(m->new + j)];
        uint32_t link = heads + (hash_of(is) & (size - 1));
        while (AT(link) != 0 && !same_node(&d.old->nodes[AT(m->old + AT(link) - 1)], is))
            link = links + AT(link) - 1;
        uint32_t place = AT(link);
        if (place == 0)
            continue;
        AT(link) = AT(links + place - 1);
        AT(m->source + j) = place;
        m->moved |= place < last;
        last = place;
        matched++;
    }
    return matched;
}

/* Marks in `stays` (per new, 1 or 0) a longest run of matched nodes whose old places ascend. */
static uint32_t longest_run(const middle *m)
{
    const uint32_t stays = scratch(m->new_count), ends = scratch(m->new_count), before = scratch(m->new_count);
    uint32_t len = 0;
    for (uint32_t j = 0; j < m->new_count; j++) {
        AT(stays + j) = 0;
        if (AT(m->source + j) == 0)
            continue;
        uint32_t low = 0, high = len;
        while (low < high) {
            uint32_t half = (low + high) / 2;
            if (AT(m->source + AT(ends + half)) < AT(m->source + j))
                low = half + 1;
            else
                high = half;
        }
        AT(before + j) = low != 0 ? AT(ends + low - 1) : 0;
        AT(ends + low) = j;
        len += low == len;
    }
    for (uint32_t j = len != 0 ? AT(ends + len - 1) : 0; len-- > 0; j = AT(before + j))
        AT(stays + j) = 1;
    return stays;
}

/* From the end, so that what a node stands before is there already. */
static void place_middle(const middle *m)
{
    const uint32_t stays = m->moved ? longest_run(m) : 0;
    uint32_t before = m->before;
    for (uint32_t j = m->new_count; j-- > 0;) {
        uint32_t n = AT(m->new + j);
        if (AT(m->source + j) == 0)
            make_at(n, m->parent, before);
        else if (m->moved && !AT(stays + j))
            put(DEW_OP_MOVE, d.new->nodes[n].id, m->parent, before);
        before = d.new->nodes[n].id;
    }
}

/* `whole`: the middle is all that the old list had. */
static void diff_middle(middle *m, bool whole)
{
    m->source = scratch(m->new_count);
    const uint32_t matched = m->old_count != 0 && m->new_count != 0 ? match(m) : 0;
    if (m->old_count == 0 || m->new_count == 0)
        memset(&AT(m->source), 0, m->new_count * sizeof(uint32_t));
    for (uint32_t j = 0; j < m->new_count; j++)
        if (AT(m->source + j) != 0) {
            uint32_t o = m->old + AT(m->source + j) - 1;
            uint32_t from = AT(o);
            AT(o) |= MATCHED;
            diff_node(from, AT(m->new + j));
        }
    if (matched == 0 && whole && m->old_count != 0)
        op(DEW_OP_CLEAR, 0, m->parent);
    for (uint32_t i = 0; i < m->old_count; i++) {
        if (AT(m->old + i) & MATCHED)
            continue;
        if (matched == 0 && whole)
            release(AT(m->old + i));
        else
            drop(AT(m->old + i));
    }
    place_middle(m);
}

static uint32_t list(const node *nodes, uint32_t from, uint32_t end, uint32_t *offset)
{
    uint32_t count = 0;
    *offset = d.scratch_count;
    for (; from < end; from = nodes[from].next, count++) {
        uint32_t at = scratch(1);
        AT(at) = from;
    }
    return count;
}

static void diff_children(uint32_t o, uint32_t old_end, uint32_t n, uint32_t new_end, uint32_t parent)
{
    const node *const old = d.old->nodes;
    const node *const new = d.new->nodes;
    const uint32_t old_first = o;
    while (o < old_end && n < new_end && same_node(&old[o], &new[n])) {
        diff_node(o, n);
        o = old[o].next;
        n = new[n].next;
    }
    if (o == old_end && n == new_end)
        return;
    const uint32_t mark = d.scratch_count;
    middle m = { .parent = parent };
    m.old_count = list(old, o, old_end, &m.old);
    m.new_count = list(new, n, new_end, &m.new);
    const bool whole = o == old_first;
    bool shared_end = false;
    while (m.old_count != 0 && m.new_count != 0 &&
           same_node(&old[AT(m.old + m.old_count - 1)], &new[AT(m.new + m.new_count - 1)])) {
        m.old_count--;
        m.new_count--;
        diff_node(AT(m.old + m.old_count), AT(m.new + m.new_count));
        m.before = new[AT(m.new + m.new_count)].id;
        shared_end = true;
    }
    diff_middle(&m, whole && !shared_end);
    d.scratch_count = mark;
}

static void set_text(const node *n)
{
    op(DEW_OP_SET_TEXT, 0, n->id);
    string(n->text, n->len);
}

static void diff_node(uint32_t o, uint32_t n)
{
    const node *was = &d.old->nodes[o];
    node *is = &d.new->nodes[n];
    is->id = was->id;
    d.node_of[is->id] = n;
    const bool had_text = was->tag == NULL || (was->flags & ONE_TEXT);
    const bool has_text = is->tag == NULL || (is->flags & ONE_TEXT);
    if (is->tag != NULL)
        diff_attrs(was, is);
    if (had_text && has_text) {
        if (!same_text(was->text, was->len, is->text, is->len))
            set_text(is);
    } else if (has_text) {
        release_all(o + 1, was->next);
        op(DEW_OP_SELECT, 0, is->id);
        op(DEW_OP_TEXT_ONLY, 0, 0);
        string(is->text, is->len);
    } else if (had_text) {
        op(DEW_OP_CLEAR, 0, is->id);
        for (uint32_t child = n + 1; child < is->next; child = d.new->nodes[child].next)
            make_at(child, is->id, 0);
    } else {
        diff_children(o + 1, was->next, n + 1, is->next, is->id);
    }
}

/* ---- flushing ---- */

static dew_ops *flush(void)
{
    static dew_ops ops;
    ops =
        (dew_ops){ (uint32_t)(uintptr_t)d.words, d.word_count, (uint32_t)(uintptr_t)d.text.ptr, (uint32_t)d.text.len };
    if (d.text.error != 0)
        __builtin_trap();
    d.word_count = 0;
    dew_buf_clear(&d.text);
    return &ops;
}

/* The host could not take over the content of this element. */
EXPORT(dew_mismatch) void dew_mismatch(uint32_t id)
{
    ROOM(d.again, d.again_cap, d.again_count + 1);
    d.again[d.again_count++] = id;
}

static void make_content(uint32_t id)
{
    const uint32_t n = d.node_of[id];
    const node *is = &d.new->nodes[n];
    op(DEW_OP_CLEAR, 0, id);
    if (is->flags & ONE_TEXT) {
        op(DEW_OP_SELECT, 0, id);
        op(DEW_OP_TEXT_ONLY, 0, 0);
        string(is->text, is->len);
    }
    for (uint32_t child = n + 1; child < is->next; child = d.new->nodes[child].next)
        make_at(child, id, 0);
}

unsigned dew_diff(dew_tree_how how)
{
    d.old = dew_view.standing;
    d.new = dew_view.building;
    if (d.text.max == 0)
        dew_buf_init(&d.text, TEXT_MAX);
    ROOM(d.node_of, d.node_of_cap, 1);
    d.node_of[0] = 0;
    d.again_count = 0;
    if (how == DEW_TREE_UPDATE) {
        diff_node(0, 0);
        host_apply(flush());
        return 0;
    }
    d.next_id = 1;
    d.free_count = 0;
    if (how == DEW_TREE_ADOPT) {
        for (uint32_t child = 1; child < d.new->node_count; child = d.new->nodes[child].next)
            make(child, true);
        host_adopt(flush());
        for (uint32_t i = 0; i < d.again_count; i++)
            make_content(d.again[i]);
    } else {
        make_content(0);
    }
    if (d.word_count != 0)
        host_apply(flush());
    return d.again_count;
}

const node *dew_diff_node(uint32_t id)
{
    if (id >= d.next_id || d.node_of[id] == UINT32_MAX)
        return NULL;
    return &dew_view.standing->nodes[d.node_of[id]];
}

void dew_tree_form_reset(uint32_t id)
{
    const node *form = dew_diff_node(id);
    if (form == NULL || form->tag != dew_tag_form_)
        return;
    op(DEW_OP_RESET, 0, id);
    host_apply(flush());
}
