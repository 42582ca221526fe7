/* memo_view.c - a board made of entries: which column a card is in, what it looks like, and whether it is one element at all
 * come from its label. Columns without cards are left out, so that unkeyed ones become each other. */
#include "memo_view.h"

#include <dew/memo.h>

#ifdef __wasm__
#include "view/memo.h"

static uint32_t season_now(const void *what)
{
    (void)what;
    return memo_season;
}
#define READ_SEASON() dew_memo_read(season_now, NULL, 0)
#else
#define READ_SEASON() ((void)0)
#endif

uint32_t memo_season, memo_calls;

#define CARD(F) F(i64, id) F(str, label) F(opt(str), note)
DEW_STRUCT(card, CARD)

#define CHOOSE(F) F(i64, id) F(str, label)
DEW_STRUCT(choose, CHOOSE)
DEW_MUTATION(choose_it, choose, dew_none)

static bool is_plain;
#define MAYBE_MEMO(component, type, props, key)                                                                       \
    do {                                                                                                              \
        if (is_plain)                                                                                                 \
            component(props);                                                                                         \
        else                                                                                                          \
            memo(component, type, props, key);                                                                        \
    } while (0)

static uint32_t number_of(const card *c)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < c->label.len; i++)
        sum = sum * 31 + (unsigned char)c->label.ptr[i];
    return sum;
}

static void badge(const card *c)
{
    el(b, .title = fmt("badge %lld", (long long)c->id)) text(c->label.ptr[0] == 'b' ? "B" : "other");
}

static void handle(dew_event *event)
{
    (void)event;
}

/* One element, of several kinds. */
static void card_view(const card *c)
{
    const uint32_t kind = number_of(c) % 6;
    memo_calls++;
    el(li, .class = kind == 1 ? "one" : "card", .id = kind == 2 ? fmt("id%lld", (long long)c->id) : NULL,
       .attrs = ATTRS({ "data-id", fmt("%lld", (long long)c->id) }), .on_click_do = DO(handle, c->id)) {
        if (kind == 3) {
            text("before ");
            el(i) text(c->label);
            text(c->label);
        } else {
            el(span) text(c->label);
        }
        if (kind != 4)
            el(p) el(button, .on_click = call_choose_it((choose){ c->id, c->label })) text("Choose");
        if (kind == 5)
            for (uint32_t i = number_of(c) / 6 % 4; i > 0; i--)
                el(em, .key = KEY((int64_t)(number_of(c) / 7 % 3 + i))) text((int64_t)i);
        if (c->id % 2 == 0) {
            READ_SEASON();
            el(u) text((int64_t)memo_season);
        }
        if (c->id % 3 == 0)
            MAYBE_MEMO(badge, card, c, KEY(1));
        el(input, .type = "text", .value = "typed", .name = "n");
    }
}

/* Two elements, none, or a text: not kept. */
static void odd_view(const card *c)
{
    switch (number_of(c) % 4) {
    case 0:
        break;
    case 1:
        el(li, .attrs = ATTRS({ "data-id", "x" })) text(c->label);
        el(li) MAYBE_MEMO(badge, card, c, KEY(2));
        break;
    case 2:
        MAYBE_MEMO(badge, card, c, KEY(3));
        break;
    default:
        el(li) text("single");
    }
}

static void cards_of(const entry *entries, size_t count, bool by_text, char column)
{
    el(h2) text(column == 'a' ? "A" : "others");
    el(ul) for (const entry *it = entries; it < entries + count; it++) {
        const card c = { it->id, dew_str_of(it->label), { it->id % 5 == 0, S("note") } };
        if (it->label[0] != column)
            continue;
        if (it->id % 7 == 0)
            MAYBE_MEMO(odd_view, card, &c, KEY(it->id));
        else if (by_text)
            MAYBE_MEMO(card_view, card, &c, KEY(dew_str_of(fmt("key %lld", (long long)it->id))));
        else
            MAYBE_MEMO(card_view, card, &c, KEY(it->id));
    }
}

void memo_view(const entry *entries, size_t count, bool by_text, bool plain)
{
    is_plain = plain;
    for (char column = 'a'; column <= 'c'; column++) {
        size_t in_column = 0;
        for (size_t i = 0; i < count; i++)
            in_column += entries[i].label[0] == column;
        if (in_column > 0)
            el(section) cards_of(entries, count, by_text, column);
    }
}
