/* places.c - places on their own, for places.test.mjs, which says what a pass does step by step. No DOM, no page. */
#include "view/place.h"
#include "view/tree.h"

#define EXPORT(name_) __attribute__((export_name(#name_)))
#define IMPORT(name_) __attribute__((import_module("test"), import_name(#name_)))

IMPORT(disposed) void disposed(uint32_t name);
IMPORT(settled) void settled(uint32_t name);
IMPORT(acted) void acted(uint32_t name);
IMPORT(handled) void handled(void);

typedef struct thing {
    dew_place place;
    uint32_t name; /* given by the first who meets it */
    uint32_t value, seen;
} thing;

static dew_render render;
static char sites[8];

static bool is_changed(const dew_place *place)
{
    const thing *t = (const thing *)(const void *)place;
    return t->value != t->seen;
}

static void settle(dew_place *place)
{
    thing *t = (thing *)(void *)place;
    t->seen = t->value;
    settled(t->name);
}

static void act(dew_place *place)
{
    acted(((thing *)(void *)place)->name);
}

static void dispose(dew_place *place)
{
    disposed(((thing *)(void *)place)->name);
}

static const dew_place_kind kind = { .is_changed = is_changed, .settle = settle, .act = act, .dispose = dispose };

void dew_view_on_call(const dew_call *call, dew_str fields, uint32_t node)
{
    (void)call, (void)fields, (void)node;
}

void dew_view_on_handled(void)
{
    handled();
}

EXPORT(begin) void begin(void)
{
    dew_tree_begin(&render);
}

EXPORT(end) void end(void)
{
    static dew_tree_how how = DEW_TREE_CREATE;
    dew_tree_end(&render, how);
    how = DEW_TREE_UPDATE;
}

EXPORT(cancel) void cancel(void)
{
    dew_tree_cancel(&render);
}

/* key -1: none; from 100 on: a text. */
static dew_key key_of(int key)
{
    if (key >= 100)
        return dew_key_text_(key == 100 ? DEW_S("hundred") : DEW_S("more"));
    return key >= 0 ? dew_key_number_(key) : (dew_key){ .kind = DEW_KEY_NONE_ };
}

EXPORT(open) void open(int is_item, int key)
{
    dew_tree_open_(is_item ? dew_tag_li_ : dew_tag_ul_);
    dew_key k = key_of(key);
    if (k.kind != DEW_KEY_NONE_)
        dew_tree_key_((int)k.kind, k.number, k.text.ptr, k.text.len);
}

EXPORT(close) void close_(void)
{
    dew_tree_close_();
}

EXPORT(meet) thing *meet(int site, int key, uint32_t name)
{
    thing *t = dew_place_meet(&kind, sizeof *t, &sites[site], key_of(key));
    if (t->name == 0)
        t->name = name;
    return t;
}

EXPORT(name_of) uint32_t name_of(const thing *t)
{
    return t->name;
}

EXPORT(set) void set(thing *t, uint32_t value)
{
    t->value = value;
}

EXPORT(enter) void enter(thing *t)
{
    dew_place_enter(&t->place);
}

EXPORT(leave) void leave(thing *t)
{
    dew_place_leave(&t->place);
}

EXPORT(is_new) bool is_new(const thing *t)
{
    return t->place.is_new;
}

EXPORT(has_changed) bool has_changed(const thing *t)
{
    return t->place.has_changed;
}

EXPORT(reads_context) void reads_context(void)
{
    dew_place_current()->reads_context = true;
}

EXPORT(mark_readers) void mark_readers(thing *t)
{
    dew_place_mark_readers(&t->place);
}
