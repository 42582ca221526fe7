/* schedule.c - a page that shows what its address names: "/room/7/imjt" the items, marks, joint and total of room 7. Behind
 * a "-" comes what is asked for only when the part before it is there: one pass more. */
#include "schedule.h"

/* Each says whether its value was there; what is not is under way. */
typedef bool part_view(room_key key);

static bool items_view(room_key key)
{
    const item_list *list = use_items(key);
    if (list == NULL)
        return false;
    el(ul, .id = "items") for (size_t i = 0; i < list->count; i++)
        el(li, .key = KEY(list->items[i].id)) textf("%lld.%lld", (long long)list->items[i].id, (long long)list->items[i].version);
    return true;
}

static bool marks_view(room_key key)
{
    const tally *now = use_marks(key);
    if (now != NULL)
        el(p, .id = "marks") text(now->writes);
    return now != NULL;
}

static bool total_view(room_key key)
{
    (void)key;
    const tally *now = use_total();
    if (now != NULL)
        el(p, .id = "total") text(now->writes);
    return now != NULL;
}

static bool counter_view(room_key key)
{
    const counted *now = use_counter(key);
    if (now != NULL)
        el(p, .id = "counter") text(now->number);
    return now != NULL;
}

static bool joint_view(room_key key)
{
    const joined *now = use_joint(key);
    if (now != NULL)
        el(p, .id = "joint") textf("%lld %lld", (long long)now->number, (long long)now->writes);
    return now != NULL;
}

static bool owned_view(room_key key)
{
    const owned *now = use_mine(key);
    if (now != NULL)
        el(p, .id = "mine") textf("%lld %s", (long long)now->writes, now->who.ptr);
    return now != NULL;
}

static part_view *part_of(char letter)
{
    switch (letter) {
    case 'i':
        return items_view;
    case 'm':
        return marks_view;
    case 't':
        return total_view;
    case 'c':
        return counter_view;
    case 'j':
        return joint_view;
    default:
        return owned_view;
    }
}

static void room_view(void)
{
    room_key key = { param("room") };
    dew_str show = param("show");
    bool is_there = true;
    el(main) for (size_t i = 0; i < show.len; i++) {
        if (show.ptr[i] != '-')
            is_there = part_of(show.ptr[i])(key);
        else if (!is_there)
            break;
    }
}

static const dew_page room_page = { .path = "/room/:room/:show", .view = room_view };

DEW_SITE(schedule, .name = "Schedule", .pages = DEW_PAGES(&room_page))
