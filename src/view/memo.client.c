/* memo.client.c - components that are left out while nothing has changed for them. See dew/memo.h, memo.h, kept.h.
 *
 *     begin ── nothing changed ──→ one node for the block that stands                                       false
 *       └───── else: the component writes its nodes into the tree as any other ──→ end: they are taken out again and
 *              copied into a block; one node stands for it
 *
 * Reads are entries in one buffer, one after the other: those of a component are what is in it from its begin to its end, so
 * a component's are also those of the one around it. */
#include <dew/memo.h>

#include "base/buffer.h"
#include "type/copy.h"
#include "view/kept.h"
#include "view/place.h"

#include <stdlib.h>

#define READS_MAX ((size_t)64 << 20) /* bytes, of one pass */

bool dew_memo_used;
uint32_t dew_memo_depth, dew_memo_page;

__attribute__((import_module("dew"), import_name("memo"))) void host_memo(void); /* there is one: once */

/* A pass looks at each, and as a rule does nothing else: small, and what is looked at is at the end, behind which as a rule
 * the props stand, which are looked at next. The block itself is not. */
typedef struct memo {
    dew_place place;
    dew_kept *made;     /* by the pass that is going on, or by one that was given up */
    dew_kept *stands;   /* in the standing tree; NULL: none */
    const void *props;  /* what it was rendered with, reads in front of it; NULL: it is to be rendered */
    uint32_t reads_len;
    uint32_t at;        /* where its node may be in the standing tree: put_kept looks */
    bool is_rendered;   /* since the last completed pass: `made` is what will stand */
} memo;

/* One that is being rendered. */
typedef struct rendering {
    memo *of;
    bool is_never; /* not to be kept */
    dew_memo_site *site;
    const void *props;
    dew_key key;
    uint32_t node_first, attr_first;
    size_t reads_first;
    uint32_t text_before; /* length of the text in front of it, which its own would join */
} rendering;

/* Before what was read. */
typedef struct read {
    dew_memo_check *check;
    uint32_t version, len, unused;
} read;

static rendering *open; /* dew_memo_depth of them, each inside the one before */
static uint32_t open_cap;
static dew_buf reads = { .max = READS_MAX };
static dew_kept **gone; /* replaced while the trees were compared: freed before the next pass renders */
static uint32_t gone_count, gone_cap;

#define ALIGNED(len) (((len) + 7) & ~(size_t)7)

/* ---- what was read ---- */

void dew_memo_note_(dew_memo_check *check, const void *what, size_t len)
{
    const read entry = { check, check(what), (uint32_t)len, 0 };
    dew_buf_put(&reads, (const char *)&entry, sizeof entry);
    dew_buf_put(&reads, what, len);
    dew_buf_put(&reads, "\0\0\0\0\0\0\0", ALIGNED(len) - len);
    if (reads.error != 0)
        __builtin_trap();
}

uint32_t dew_memo_page_now_(const void *what)
{
    (void)what;
    return dew_memo_page;
}

void dew_memo_never_(void)
{
    for (uint32_t i = 0; i < dew_memo_depth; i++)
        open[i].is_never = true;
}

static const char *reads_of(const memo *m)
{
    return (const char *)m->props - m->reads_len;
}

/* All are asked, for asking says that they are in use. */
static bool reads_are_same(const memo *m)
{
    bool same = true;
    for (const char *at = reads_of(m), *end = m->props; at < end;) {
        const read *entry = (const read *)(const void *)at;
        same &= entry->check(at + sizeof *entry) == entry->version;
        at += sizeof *entry + ALIGNED(entry->len);
    }
    return same;
}

/* ---- places ---- */

static void settle(dew_place *place)
{
    memo *m = (memo *)place;
    if (!m->is_rendered)
        return;
    dew_kept_free(m->stands);
    m->stands = m->made;
    m->props = NULL;
    if (m->made != NULL) {
        m->props = m->made->props;
        m->reads_len = m->made->reads_len;
    }
    m->made = NULL;
    m->is_rendered = false;
}

static void dispose(dew_place *place)
{
    memo *m = (memo *)place;
    dew_kept_free(m->stands);
    dew_kept_free(m->made);
}

static const dew_place_kind memo_kind = { .settle = settle, .dispose = dispose, .only_entered = true };

void dew_kept_again(node *n)
{
    char *none;
    dew_kept *kept = n->kept;
    dew_kept *copy = dew_kept_copy(kept->nodes, NULL, 0, &none); /* without props: it is rendered the next time */
    copy->owner = kept->owner;
    copy->shapes = kept->shapes;
    if (kept->owner->stands == kept) {
        kept->owner->stands = copy;
        kept->owner->props = NULL;
    } else {
        kept->owner->made = copy;
    }
    ROOM(gone, gone_cap, gone_count + 1);
    gone[gone_count++] = kept;
    n->kept = copy;
    n->key = copy->nodes->key; /* a text is the block's */
}

/* ---- components ---- */

/* One node for the block, where the tree is being built. As a rule it stood in the last one, of which less is to be looked at than
 * of the block. */
static inline __attribute__((always_inline)) void put_kept(memo *m, dew_kept *kept)
{
    tree *t = dew_view.building;
    const tree *const standing = dew_view.standing;
    const uint32_t was = m->at, at = t->node_count;
    const node *like = kept->nodes;
    if (was < standing->node_count && (standing->nodes[was].flags & KEPT) && standing->nodes[was].kept == kept)
        like = standing->nodes + was;
    ROOM(t->nodes, t->node_cap, at + 1);
    t->node_count = at + 1;
    m->at = at;
    node *n = t->nodes + at;
    n->tag = like->tag;
    n->flags = (uint16_t)((like->flags & (KEY_NUMBER | KEY_TEXT)) | KEPT);
    n->attr_count = 0;
    n->attr_first = t->attr_count;
    n->size = 1;
    n->id = 0;
    n->key = like->key;
    n->kept = kept;
#ifdef DEW_VIEW_CHECKS
    n->component = NULL;
#endif
    dew_view.after_text = false;
}

static void free_gone(void)
{
    while (gone_count != 0)
        dew_kept_free(gone[--gone_count]);
}

bool dew_memo_begin_(dew_memo_site *site, const void *props, int kind, int64_t number, const char *text,
                     size_t text_len)
{
    const dew_key key = { (unsigned)kind, number, { text, text_len } };
    if (!dew_memo_used) {
        dew_memo_used = true;
        host_memo();
    }
    if (gone_count != 0 && dew_memo_depth == 0)
        free_gone();
    memo *m = dew_place_meet(&memo_kind, sizeof *m, site, key);
    if (m->is_rendered) { /* by a pass that was given up */
        dew_kept_free(m->made);
        m->made = NULL;
        m->is_rendered = false;
    }
    if (m->props != NULL && !m->place.has_changed && site->same(m->props, props) &&
        (m->reads_len == 0 || reads_are_same(m))) {
        if (dew_memo_depth != 0)
            dew_buf_put(&reads, reads_of(m), m->reads_len);
        put_kept(m, m->stands);
        return false;
    }
    const tree *t = dew_view.building;
    m->is_rendered = true;
    ROOM(open, open_cap, dew_memo_depth + 1);
    open[dew_memo_depth++] = (rendering){
        .of = m,
        .site = site,
        .props = props,
        .key = key,
        .node_first = t->node_count,
        .attr_first = t->attr_count,
        .reads_first = reads.len,
        .text_before = dew_view.after_text ? t->nodes[t->node_count - 1].len : 0,
    };
    dew_place_enter(&m->place);
    return true;
}

/* It rendered one element, and nothing else. */
static bool is_one_element(const rendering *r)
{
    const tree *t = dew_view.building;
    const node *n = t->nodes + r->node_first;
    if (r->node_first == t->node_count || n->tag == NULL || (n->flags & KEPT) ||
        n->size != t->node_count - r->node_first)
        return false;
    return r->text_before == 0 || r->text_before == n[-1].len;
}

static void keep(const rendering *r)
{
    tree *t = dew_view.building;
    const dew_type *type = r->site->type();
    const size_t reads_len = reads.len - r->reads_first, owned_len = dew_value_owned_len(type, r->props);
    const size_t props_len = ALIGNED(type->size);
    char *rest;
    dew_kept *kept = dew_kept_copy(t->nodes + r->node_first, t->attrs, reads_len + props_len + owned_len, &rest);
    if (reads_len != 0)
        memcpy(rest, reads.ptr + r->reads_first, reads_len);
    kept->owner = r->of;
    kept->shapes = (struct shape **)&r->site->shapes;
    kept->reads_len = (uint32_t)reads_len;
    kept->props = memcpy(rest + reads_len, r->props, type->size);
    dew_arena owned = { .at = rest + reads_len + props_len, .end = rest + reads_len + props_len + owned_len };
    if (dew_value_own(&owned, type, kept->props) != 0)
        __builtin_trap();
    r->of->made = kept;
    t->node_count = r->node_first;
    t->attr_count = r->attr_first;
    put_kept(r->of, kept);
}

void dew_memo_end_(void)
{
    const rendering *r = &open[dew_memo_depth - 1];
    if (is_one_element(r)) {
        const uint32_t around = dew_view.open;
        dew_view.open = r->node_first;
        if (r->key.kind != DEW_KEY_NONE_) {
            dew_view.building->nodes[r->node_first].flags &= (uint16_t) ~(KEY_NUMBER | KEY_TEXT);
            dew_tree_key_((int)r->key.kind, r->key.number, r->key.text.ptr, r->key.text.len);
        }
        dew_view.open = around;
        if (!r->is_never)
            keep(r);
    }
    dew_place_leave(&r->of->place);
    if (--dew_memo_depth == 0)
        dew_buf_clear(&reads);
}
