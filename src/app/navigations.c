/* navigations.c - see navigations.h. */
#include "app/navigations.h"

#include "base/format.h"
#include "base/hash.h"

#include <stdlib.h>

/* To another worker. */
typedef struct word {
    dew_msg msg;
    app_worker *worker;
    int64_t number;
    size_t tab_len;
    char tab[APP_TAB_NAME_MAX];
} word;

static bool is_tab_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool app_navigation_read(dew_str header, app_navigation *navigation)
{
    size_t len = 0;
    while (len < header.len && is_tab_char(header.ptr[len]))
        len++;
    if (len == 0 || len > APP_TAB_NAME_MAX || len == header.len || header.ptr[len] != '.')
        return false;
    dew_str digits = dew_str_make(header.ptr + len + 1, header.len - len - 1);
    int64_t number;
    if (!dew_parse_i64(digits, &number) || number < 1)
        return false;
    navigation->tab = dew_str_make(header.ptr, len);
    navigation->number = number;
    return true;
}

void app_navigations_init(app_navigations *navigations)
{
    for (size_t i = 0; i < APP_NAVIGATION_BUCKETS; i++)
        dew_list_init(&navigations->buckets[i]);
}

static dew_link *bucket_of(app_worker *worker, dew_str tab)
{
    return &worker->navigations.buckets[dew_xxh32(tab.ptr, tab.len, 0) % APP_NAVIGATION_BUCKETS];
}

/* Other workers look whether there are any. */
static void count(app_worker *worker, int change)
{
    __atomic_store_n(&worker->navigations.count, worker->navigations.count + (unsigned)change, __ATOMIC_RELAXED);
}

void app_navigation_end(app_navigation *navigation)
{
    if (navigation->link.next == NULL)
        return;
    dew_list_unlink(&navigation->link);
    count(navigation->worker, -1);
}

void app_navigation_wait(app_navigation *navigation)
{
    app_worker *worker = navigation->worker;
    if (worker->navigations.count >= APP_NAVIGATIONS_MAX)
        return;
    dew_list_push_back(bucket_of(worker, navigation->tab), &navigation->link);
    count(worker, 1);
}

static void older_end(app_worker *worker, dew_str tab, int64_t number)
{
    dew_link *bucket = bucket_of(worker, tab), *next;
    for (dew_link *link = bucket->next; link != bucket; link = next) {
        app_navigation *older = dew_container_of(link, app_navigation, link);
        next = link->next;
        if (older->number >= number || !dew_str_eq(older->tab, tab))
            continue;
        app_navigation_end(older);
        older->superseded(older); /* answers its request: no other visit ends by that */
    }
}

static void heard(dew_loop *loop, dew_msg *msg)
{
    (void)loop;
    word *said = dew_container_of(msg, word, msg);
    older_end(said->worker, dew_str_make(said->tab, said->tab_len), said->number);
    free(said);
}

static void dropped(dew_msg *msg)
{
    free(dew_container_of(msg, word, msg));
}

/* Best effort: without memory, or with a full inbox there, the older ones end as their connections do. */
static void say(app_worker *to, dew_str tab, int64_t number)
{
    word *said = malloc(sizeof *said);
    if (said == NULL)
        return;
    *said = (word){ .msg = { .run = heard, .drop = dropped }, .worker = to, .number = number, .tab_len = tab.len };
    memcpy(said->tab, tab.ptr, tab.len);
    if (dew_loop_post(to->loop, &said->msg) != 0)
        free(said);
}

void app_navigation_begin(const app_navigation *navigation)
{
    dew_app *app = navigation->worker->app;
    for (unsigned i = 0; i < app->worker_count; i++) {
        app_worker *worker = &app->workers[i];
        if (__atomic_load_n(&worker->navigations.count, __ATOMIC_RELAXED) == 0)
            continue;
        if (worker == navigation->worker)
            older_end(worker, navigation->tab, navigation->number);
        else
            say(worker, navigation->tab, navigation->number);
    }
}
