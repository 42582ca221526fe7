/* diff.client.c - compares the tree being built with the standing one and writes what the DOM has to do (write.h).
 *
 * Children are matched by tag and key: first what both lists begin and end with, and a first
 * and last that have changed places; what is left in the middle through a small hash table. Of the matched ones in the middle, a longest run that is in order stays
 * where it is and the others move around it (longest increasing subsequence). Unkeyed children match in order.
 *
 * Scratch memory: arrays of numbers on one growing stack; it may move while the comparison goes deeper, so they are
 * kept as offsets. Nodes are named there by their place after `old` or `new` of the list. */
#include "view/kept.h"

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define EXPORT(name_) __attribute__((export_name(#name_)))

IMPORT(dom_apply) void host_apply(const dew_ops *ops);
IMPORT(dom_adopt) void host_adopt(const dew_ops *ops);
#ifdef DEW_VIEW_CHECKS
/* For development: the element with this number, of this component, is as the view says now. */
IMPORT(mismatched) void host_mismatched(uint32_t id, const char *component);

static const char *component_of(uint32_t id)
{
    const node *n = dew_node_of(id);
    if (n != NULL)
        n = dew_node_real((node *)(uintptr_t)n);
    return n != NULL && n->component != NULL ? n->component : "the page";
}

/* The name of the component whose element has this number. */
EXPORT(dew_component) const char *dew_component(uint32_t id)
{
    return component_of(id);
}
#endif

static struct {
    uint32_t *scratch, scratch_count, scratch_cap;
    uint32_t *again, again_count, again_cap; /* elements whose content adoption could not take over */
} d;

/* ---- numbers of nodes in blocks (kept.h) ---- */

/* Two versions of a node that are being compared, and of the nodes around it. */
typedef struct spot {
    node *was, *is;
    const struct spot *up;
} spot;

static void write_number(node *n, uint32_t parent, uint32_t place)
{
    dew_node_number(n);
    dew_write_op(DEW_OP_MORE, DEW_MORE_NUMBER, n->id);
    dew_write_word(parent);
    dew_write_word(place);
}

/* Its number: in a block one that may have to be given now, as long as its parent has the children that it had. */
static uint32_t number_of(const spot *at)
{
    if (dew_memo_used && at->is->id == 0 && at->up != NULL) {
        uint32_t place = 0;
        for (const node *n = at->up->was + 1; n < at->was; n += n->size)
            place++;
        write_number(at->was, number_of(at->up), place);
        at->is->id = at->was->id;
        dew_node_is(at->is->id, at->is);
    }
    return at->is->id;
}

/* Gives the children from `first` on a number, before one of them comes or goes. */
static void number_children(const spot *at, const node *first)
{
    const uint32_t parent = number_of(at);
    uint32_t place = 0;
    for (node *n = at->was + 1; n < at->was + at->was->size; n = dew_node_after(n), place++)
        if (n >= first && n->id == 0)
            write_number(n, parent, place);
}

/* ---- attributes ---- */

static bool same_call(dew_call a, dew_call b)
{
    return a.fn == b.fn && dew_str_eq(*(const dew_str *)a.args, *(const dew_str *)b.args);
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

static bool same_name(const attr *a, const attr *b)
{
    return a->id == b->id && (a->id != A_GIVEN || same_text(a->text, a->len, b->text, b->len));
}

/* The attribute with the name of `a`; NULL: none. `hint` is where it stands when none came or went. */
static const attr *find(const attr *from, const attr *end, const attr *hint, const attr *a)
{
    if (hint < end && same_name(hint, a))
        return hint;
    for (; from < end; from = dew_attr_after(from))
        if (same_name(from, a))
            return from;
    return NULL;
}

static void select_once(bool *selected, const spot *at)
{
    if (!*selected)
        dew_write_op(DEW_OP_SELECT, 0, number_of(at));
    *selected = true;
}

static void diff_attrs(const spot *at)
{
    const node *was = at->was, *is = at->is;
    const attr *const old = was->attrs, *const old_end = old + was->attr_count;
    const attr *const new = is->attrs, *const new_end = new + is->attr_count;
    bool selected = false;
    for (const attr *x = old; x < old_end; x = dew_attr_after(x))
        if (!dew_attr_is_event(x) && find(new, new_end, new + (x - old), x) == NULL) {
            select_once(&selected, at);
            dew_write_no_attr(x);
        }
    for (const attr *y = new; y < new_end; y = dew_attr_after(y)) {
        const attr *had = dew_attr_is_event(y) ? y : find(old, old_end, old + (y - new), y);
        if (had == NULL || (had != y && !same_value(had, y))) {
            select_once(&selected, at);
            dew_write_attr(y);
        }
    }
    if (dew_node_wants_events(is) && !dew_node_wants_events(was))
        dew_write_op(DEW_OP_SELECT, 1, number_of(at));
}

/* ---- lists of children ---- */

static bool same_node(const node *a, const node *b)
{
    if (a->tag != b->tag || ((a->flags ^ b->flags) & (KEY_NUMBER | KEY_TEXT)) != 0)
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

static void diff_node(node *was, node *is, const spot *up);

#define MATCHED 0x80000000u
/* What is left of two lists between their common beginning and end. */
typedef struct middle {
    node *old_from, *new_from; /* the first nodes */
    uint32_t old, new;         /* offsets: places after these; MATCHED marks the old ones that stay */
    uint32_t old_count, new_count;
    uint32_t source;         /* offset: per new, place of its old node in the list + 1, or 0 */
    uint32_t parent, before; /* numbers of nodes: before what the middle ends */
    bool moved;
    bool shared; /* other children than those of the middle stay */
    const spot *up;
} middle;
#define AT(offset) d.scratch[offset]
#define OLD(m, i) ((m)->old_from + (AT((m)->old + (i)) & ~MATCHED))
#define NEW(m, j) ((m)->new_from + AT((m)->new + (j)))

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
        uint32_t slot = heads + (hash_of(OLD(m, i)) & (size - 1));
        AT(links + i) = AT(slot);
        AT(slot) = i + 1;
    }
    for (uint32_t j = 0; j < m->new_count; j++) {
        const node *is = NEW(m, j);
        uint32_t link = heads + (hash_of(is) & (size - 1));
        while (AT(link) != 0 && !same_node(OLD(m, AT(link) - 1), is))
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
        node *n = NEW(m, j);
        if (AT(m->source + j) == 0)
            dew_make_at(n, m->parent, before);
        else if (m->moved && !AT(stays + j))
            dew_write_place(DEW_OP_MOVE, n->id, m->parent, before);
        before = n->id;
    }
}

static void diff_middle(middle *m)
{
    m->source = scratch(m->new_count);
    const uint32_t matched = m->old_count != 0 && m->new_count != 0 ? match(m) : 0;
    if (m->old_count == 0 || m->new_count == 0)
        memset(&AT(m->source), 0, m->new_count * sizeof(uint32_t));
    for (uint32_t j = 0; j < m->new_count; j++)
        if (AT(m->source + j) != 0) {
            const uint32_t i = AT(m->source + j) - 1;
            node *from = OLD(m, i);
            AT(m->old + i) |= MATCHED;
            diff_node(from, NEW(m, j), m->up);
        }
    const bool is_cleared = matched == 0 && !m->shared;
    if (is_cleared && m->old_count != 0)
        dew_write_op(DEW_OP_CLEAR, 0, m->parent);
    for (uint32_t i = 0; i < m->old_count; i++) {
        if (AT(m->old + i) & MATCHED)
            continue;
        if (is_cleared)
            dew_release(OLD(m, i));
        else
            dew_drop(OLD(m, i));
    }
    place_middle(m);
}

static uint32_t list(node *from, const node *end, uint32_t *offset)
{
    uint32_t count = 0;
    *offset = scratch((uint32_t)(end - from)); /* so many there are at most */
    for (node *at = from; at < end; at = dew_node_after(at))
        AT(*offset + count++) = (uint32_t)(at - from);
    return count;
}

/* The same block stands there already: as a rule that of most. */
static inline __attribute__((always_inline)) bool stands(const node *was, node *is)
{
    if ((was->flags & is->flags & KEPT) == 0 || was->kept != is->kept)
        return false;
    is->id = was->id;
    return true;
}

/* Compares the two if they are versions of one node; false: they are not. */
static bool diff_same(node *was, node *is, const spot *up)
{
    if (dew_memo_used && stands(was, is))
        return true;
    if (!same_node(was, is))
        return false;
    diff_node(was, is, up);
    return true;
}

static void take_common_begin(middle *m)
{
    while (m->old_count != 0 && m->new_count != 0 && diff_same(OLD(m, 0), NEW(m, 0), m->up)) {
        m->old++, m->old_count--;
        m->new ++, m->new_count--;
    }
}

static void take_common_end(middle *m)
{
    while (m->old_count != 0 && m->new_count != 0 &&
           diff_same(OLD(m, m->old_count - 1), NEW(m, m->new_count - 1), m->up)) {
        m->old_count--;
        m->new_count--;
        m->before = NEW(m, m->new_count)->id;
        m->shared = true;
    }
}

/* The first and the last have changed places; false: they have not. */
static bool take_swapped_ends(middle *m)
{
    if (m->old_count < 2 || m->new_count < 2)
        return false;
    node *first = OLD(m, 0), *last = OLD(m, m->old_count - 1);
    if (!same_node(first, NEW(m, m->new_count - 1)) || !same_node(last, NEW(m, 0)))
        return false;
    diff_node(last, NEW(m, 0), m->up);
    diff_node(first, NEW(m, m->new_count - 1), m->up);
    dew_write_place(DEW_OP_MOVE, last->id, m->parent, first->id);
    m->old++, m->new ++;
    m->old_count -= 2;
    m->new_count -= 2;
    m->shared = true;
    if (m->old_count != 0 || m->new_count != 0)
        dew_write_place(DEW_OP_MOVE, first->id, m->parent, m->before);
    m->before = first->id;
    return true;
}

static void diff_children(const spot *at)
{
    node *const was = at->was, *const is = at->is;
    node *o = was + 1, *n = is + 1;
    const node *const old_end = was + was->size, *const new_end = is + is->size;
    const bool has_blocks = dew_memo_used;
    while (o < old_end && n < new_end)
        if (has_blocks && stands(o, n)) {
            o++;
            n++;
        } else if (diff_same(o, n, at)) {
            o = dew_node_after(o);
            n = dew_node_after(n);
        } else {
            break;
        }
    if (o == old_end && n == new_end)
        return;
    if (dew_memo_used)
        number_children(at, o);
    const uint32_t mark = d.scratch_count;
    middle m = { .parent = is->id, .old_from = o, .new_from = n, .up = at, .shared = o != was + 1 };
    m.old_count = list(o, old_end, &m.old);
    m.new_count = list(n, new_end, &m.new);
    take_common_end(&m);
    while (dew_memo_used && take_swapped_ends(&m)) { /* without memo() it would not be felt */
        take_common_begin(&m);
        take_common_end(&m);
    }
    if (m.old_count != 0 || m.new_count != 0)
        diff_middle(&m);
    d.scratch_count = mark;
}

static void diff_content(const spot *at)
{
    node *const was = at->was, *const is = at->is;
    const bool had_text = was->tag == NULL || (was->flags & ONE_TEXT);
    const bool has_text = is->tag == NULL || (is->flags & ONE_TEXT);
    if (had_text && has_text) {
        if (same_text(was->text, was->len, is->text, is->len))
            return;
        if (dew_markup_used && (is->flags & MARKUP) != 0) {
            dew_write_op(DEW_OP_SELECT, 0, number_of(at));
            dew_write_only(is);
            return;
        }
        dew_write_op(DEW_OP_SET_TEXT, 0, number_of(at));
        dew_write_string(is->text, is->len);
    } else if (has_text) {
        for (node *child = was + 1; child < was + was->size; child = dew_node_after(child))
            dew_release(child);
        dew_write_op(DEW_OP_SELECT, 0, number_of(at));
        dew_write_only(is);
    } else if (had_text) {
        number_of(at);
        dew_make_content(is);
    } else {
        diff_children(at);
    }
}

/* At least one of them is what a memoised component rendered. */
static void diff_kept(node *was, node *is, const spot *up)
{
    if (!(is->flags & KEPT)) {
        diff_node(was->kept->nodes, is, up);
        return;
    }
    if (stands(was, is))
        return;
    if (is->kept->nodes->id != 0) /* it stands elsewhere */
        dew_kept_again(is);
    diff_node(dew_node_real(was), is->kept->nodes, up);
    if (is->kept->wants_events && !((was->flags & KEPT) && was->kept->wants_events))
        dew_write_op(DEW_OP_SELECT, 1, was->id);
    is->id = was->id;
}

static void diff_node(node *was, node *is, const spot *up)
{
    if (dew_memo_used && ((was->flags | is->flags) & KEPT)) {
        diff_kept(was, is, up);
        return;
    }
    const spot at = { was, is, up };
    is->id = was->id;
    if (!dew_memo_used || is->id != 0 || up == NULL)
        dew_node_is(is->id, is);
    if (is->tag != NULL)
        diff_attrs(&at);
    diff_content(&at);
}

/* ---- the whole ---- */

/* The host could not take over the content of this element. */
EXPORT(dew_mismatch) void dew_mismatch(uint32_t id)
{
    ROOM(d.again, d.again_cap, d.again_count + 1);
    d.again[d.again_count++] = id;
}

unsigned dew_diff(dew_tree_how how)
{
    node *new = dew_view.building->nodes;
    d.again_count = 0;
    if (how == DEW_TREE_UPDATE) {
        diff_node(dew_view.standing->nodes, new, NULL);
        host_apply(dew_write_flush());
        return 0;
    }
    dew_numbers_reset();
    dew_node_is(0, new);
    if (how == DEW_TREE_ADOPT) {
        for (node *child = new + 1; child < new + new->size; child = dew_node_after(child))
            dew_make(child, true);
        host_adopt(dew_write_flush());
        for (node *n; dew_memo_used && (n = dew_blocks_differ()) != NULL;) {
            dew_write_op(DEW_OP_SELECT, 0, n->id);
            dew_blocks_tell_each(n);
            host_adopt(dew_write_flush());
        }
        for (uint32_t i = 0; i < d.again_count; i++)
            dew_make_content(dew_node_of(d.again[i]));
    } else {
        dew_make_content(new);
    }
    const dew_ops *rest = dew_write_flush();
    if (rest->word_count != 0)
        host_apply(rest);
#ifdef DEW_VIEW_CHECKS
    for (uint32_t i = 0; i < d.again_count; i++)
        host_mismatched(d.again[i], component_of(d.again[i]));
#endif
    return d.again_count;
}

void dew_tree_form_reset(uint32_t id)
{
    const node *form = dew_node_of(id);
    if (form == NULL || form->tag != dew_tag_form_)
        return;
    dew_write_op(DEW_OP_RESET, 0, id);
    host_apply(dew_write_flush());
}
