/* event.client.c - events that the host saw, to the calls and handlers of the standing tree. See tree.h and
 * client/dom.js. */
#include "view/effect.h"
#include "view/kept.h"

#include <stdlib.h>

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))
#define EXPORT(name_) __attribute__((export_name(#name_)))
#define INPUT_MAX (1u << 24) /* of one event's texts */

/* The text that comes with an event: the value of its field or the fields of its form. */
static struct room {
    char *text;
    uint32_t cap;
} input;

/* Room for the texts of the next events; valid until it is asked for again, but for the one that a handler is called with: what it
 * does may be an event. */
EXPORT(dew_event_room) char *dew_event_room(uint32_t len)
{
    if (len >= INPUT_MAX)
        __builtin_trap();
    ROOM(input.text, input.cap, len + 1);
    return input.text;
}

static struct room input_lend(void)
{
    const struct room lent = input;
    input = (struct room){ NULL, 0 };
    return lent;
}

static void input_back(struct room lent)
{
    free(input.text);
    input = lent;
}

/* What came in it; the host writes no empty text. */
static dew_str text_of(struct room lent, uint32_t len)
{
    return dew_str_make(len != 0 ? lent.text : "", len);
}

enum { PREVENT = 1, HIT = 2, CONTROLLED = 4 };

/* ---- local handlers ---- */

#define KEY_MAX 32 /* bytes of a key's name */

bool dew_handlers_used;
uint32_t dew_event_node;

/* What handlers see of an event; the host fills it in. */
enum { CHECKED = 1, SHIFT = 2, CTRL = 4, ALT = 8, META = 16, COMPOSING = 32 };
typedef struct detail {
    uint32_t flags;
    int x, y;
    uint32_t key_len;
    char key[KEY_MAX];
} detail;
IMPORT(event_detail) void host_event_detail(detail *to);

/* Returns true to keep the browser from what it would do. */
static bool handle(uint32_t id, const attr *a, enum dew_event_id type, uint32_t value_len)
{
    const struct room mine = input_lend();
    detail d;
    host_event_detail(&d);
    dew_event event = {
        .type = type,
        .arg = *a->arg,
        .data = (void *)(uintptr_t)*a->arg,
        .value = text_of(mine, value_len),
        .key = { d.key, d.key_len },
        .checked = d.flags & CHECKED,
        .shift = d.flags & SHIFT,
        .ctrl = d.flags & CTRL,
        .alt = d.flags & ALT,
        .meta = d.flags & META,
        .is_composing = d.flags & COMPOSING,
        .x = d.x,
        .y = d.y,
        .prevent_default = type == DEW_ON_submit,
    };
    dew_event_node = id;
    a->fn(&event);
    input_back(mine);
    dew_view_on_handled();
    return event.prevent_default;
}

/* ---- events ---- */

/* One node on the way from where the event happened up to the root. Returns PREVENT: keep the browser from what it
 * would do; HIT: something listened; CONTROLLED: the field is to show what the next render says. */
EXPORT(dew_event)
int dew_event_(uint32_t id, enum dew_event_id type, uint32_t value_len)
{
    if (dew_effects_used && type >= DEW_EFFECTS_RETURN) {
        const struct room mine = input_lend();
        dew_effects_hear(id, (int)type, text_of(mine, value_len));
        input_back(mine);
        return 0;
    }
    const node *n = dew_node_of(id);
    int result = 0;
    if (n == NULL)
        return 0;
    for (uint32_t i = 0; i < n->attr_count; i++) {
        const attr *a = &n->attrs[i];
        if (dew_fields_used && a->id == A_CONTROLLED && (type == DEW_ON_input || type == DEW_ON_change))
            result |= CONTROLLED;
        if (a->id < A_ON || (a->id - A_ON) / 2 != type)
            continue;
        const bool is_submit = type == DEW_ON_submit;
        result |= HIT;
        if ((a->id - A_ON) % 2 == 0) {
            dew_view_on_call(&a->call, text_of(input, is_submit ? value_len : 0), id);
            result |= type == DEW_ON_click || is_submit ? PREVENT : 0;
        } else if (dew_handlers_used && handle(id, a, type, value_len)) {
            result |= PREVENT;
        }
    }
    return result;
}
