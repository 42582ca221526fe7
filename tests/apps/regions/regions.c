/* regions.c - see regions.h. */
#include "regions.h"

static void waiting(void)
{
    el(p, .class = "waiting") text("waiting");
}

static void failed(void)
{
    el(p, .class = "failed")
    {
        textf("%d: %s ", dew_page_error().status, dew_page_error().message);
        el(a, .href = dew_here(), .on_click_do = DO(dew_retry, 0)) text("Try again");
    }
}

static void sensor_view(int number)
{
    const reading *is = need(use_read_sensor((sensor){ number }));
    el(p) textf("sensor %d: %d", number, is->degrees);
}

static void three_view(void)
{
    el(h1) text("Three");
    text("before ");
    region(.error = failed) sensor_view(1);
    region(.error = failed)
    {
        text("in the region");
        sensor_view(100);
    }
    text("after");
    el(ul) for (int i = 2; i < 4; i++) el(li, .key = KEY(i)) region(.error = failed) sensor_view(i == 3 ? 200 : i);
    el(button, .on_click = call_mend()) text("Mend");
    el(button, .on_click = call_spoil()) text("Spoil");
}

static void own_view(void)
{
    el(h1) text("Own");
    sensor_view(101);
}

static void plain_view(void)
{
    el(h1) text("Plain");
    sensor_view(4);
}

static void sides_view(void)
{
    el(h1) text("Sides");
    client_only(waiting) el(p, .id = "client") text("browser");
    client_only() el(p, .id = "slot") text("slot");
    server_only el(p, .id = "server") text("server");
    el(p) text("both");
}

static void word_view(int number)
{
    const word *is = need(use_ask_word((sensor){ number }));
    el(p, .id = fmt("word%d", number)) text(is->word);
}

static void kept_view(void)
{
    const word *is = need(use_kept_name()), *again = use_kept_name();
    el(p, .id = "kept") text(is->word);
    el(p, .id = "twice") text(is == again ? "one value" : "two values");
}

static void browser_view(void)
{
    el(h1) text("Browser");
    region(.error = failed) word_view(1);
    region(.error = failed) word_view(2);
    region() kept_view();
    el(a, .href = "/browser?more=1") text("More");
}

static void slow_view(int number)
{
    const reading *is = need(use_slow_sensor((sensor){ number }));
    el(p) textf("slow %d: %d", number, is->degrees);
}

static void stream_view(void)
{
    const dew_str ten = param("ten"); /* /stream?ten=2: sensors 21 to 23 */
    const int first = (ten.len != 0 ? 10 * (ten.ptr[0] - '0') : 0) + 1;
    el(h1) text("Stream");
    for (int i = first; i < first + 3; i++)
        region(.error = failed) slow_view(i);
    if (param("also").len != 0)
        region(.error = failed) slow_view(first + 8);
    for (int i = first; i < first + 3; i++)
        el(button, .on_click = call_let_go((sensor){ i })) textf("Let go %d", i);
}

/* ---- memoised components that wait, fail and differ by side ---- */

static void map_card(const sensor *of)
{
    el(div, .id = "map") {
        client_only(waiting) textf("map %d", of->number);
        server_only text("picture");
    }
}

static const sensor *given; /* no query */

static void given_card(const sensor *of)
{
    el(div, .id = "given") {
        textf("half of %d", of->number);
        const sensor *is = need(given);
        textf(" is %d", is->number);
    }
}

static void message_card(const sensor *none)
{
    (void)none;
    el(p, .id = "message") text(dew_page_error().message);
}

static void message_view(void)
{
    memo(message_card, sensor, &(sensor){ 0 }, KEY(0));
}

static void next_sensor(dew_event *event)
{
    int *number = event->data;
    *number += 1;
}

static void give(dew_event *event)
{
    static const sensor some = { 7 };
    (void)event;
    given = &some;
}

static void memo_view(void)
{
    int *number = use_state(int, 100);
    el(h1) text("Memo");
    memo(map_card, sensor, &(sensor){ 1 }, KEY(1));
    region(.loading = waiting) memo(given_card, sensor, &(sensor){ 2 }, KEY(2));
    region(.error = failed) sensor_view(101);
    region(.error = message_view) sensor_view(*number);
    el(button, .id = "next", .on_click_do = DO(next_sensor, number)) textf("after %d", *number);
    el(button, .id = "give", .on_click_do = DO(give, 0)) text("Give");
}

/* ---- what stays while other arguments load ---- */

/* Each call has a value of its own. */
static void kept_reading(int number, const char *id)
{
    bool is_old = true;
    const reading *is = need(use_with(slow_sensor, { number }, .keep = true, .is_kept = &is_old));
    el(p, .id = id) textf("%d%s", is->degrees, is_old ? " of before" : "");
}

static void kept_card(const sensor *of)
{
    kept_reading(of->number, "card");
}

static void kept_word(int number)
{
    bool is_old = true;
    const word *is = use_ask_word_with((sensor){ number }, (dew_use_options){ .enabled = true, .keep = true, .is_kept = &is_old });
    el(p, .id = "kept-word") textf("%s%s", is != NULL ? is->word.ptr : "none", is_old ? " of before" : "");
}

static void keep_view(void)
{
    int *number = use_state(int, 11);
    el(h1) text("Keep");
    el(button, .id = "next", .on_click_do = DO(next_sensor, number)) text("Next");
    for (int i = 11; i <= 16; i++)
        el(button, .on_click = call_let_go((sensor){ i })) textf("Let go %d", i);
    region(.error = failed, .loading = waiting) kept_reading(*number, "reading");
    region(.error = failed, .loading = waiting) memo(kept_card, sensor, &(sensor){ *number }, KEY(1));
    kept_word(*number);
    el(p, .id = "number") text(*number);
}

/* ---- trying again ---- */

static void again_card(const sensor *none)
{
    (void)none;
    el(p, .id = "memo") el(button, .type = "button", .on_click_do = DO(dew_retry, 0)) text("Try again");
}

static void failed_with_memo(void)
{
    el(div, .class = "failed") memo(again_card, sensor, &(sensor){ 0 }, KEY(0));
}

static void retry_view(void)
{
    int *first = use_state(int, 102);
    el(h1) text("Retry");
    el(div, .id = "first") region(.error = failed) sensor_view(*first);
    el(div, .id = "second") region(.error = failed) sensor_view(*first == 102 ? 103 : 110);
    region(.error = failed_with_memo)
    {
        const reading *one = use_read_sensor((sensor){ 104 });
        region(.error = failed) sensor_view(*first == 102 ? 106 : 111);
        sensor_view(*first == 102 ? 105 : 112);
        if (one == NULL)
            text("taken back");
    }
    region(.error = failed) el(p, .id = "unneeded") text(use_read_sensor((sensor){ 113 }) != NULL ? "there" : "not needed");
    el(button, .id = "other", .on_click_do = DO(next_sensor, first)) text("Others");
    el(button, .id = "all", .on_click_do = DO(dew_retry, 0)) text("All again");
    el(button, .on_click = call_mend()) text("Mend");
    el(button, .on_click = call_spoil()) text("Spoil");
}

static void speaker(int number)
{
    said_set((word){ S("in the region") });
    sensor_view(number);
}

static void said_view(void)
{
    int *number = use_state(int, 107);
    el(h1) text("Said");
    el(p, .id = "said") text(said_get()->word);
    region(.error = failed) speaker(*number);
    el(button, .id = "next", .on_click_do = DO(next_sensor, number)) text("Next");
    el(button, .on_click = call_mend()) text("Mend");
    el(button, .on_click = call_spoil()) text("Spoil");
}

static void refuse_view(void)
{
    el(h1) text("Half");
    dew_view_fail(DEW_E_INTERNAL, "the secret %d", 7);
}

#ifndef __wasm__
static void endless(void)
{
    el(div) endless();
}
#else
static void endless(void)
{
}
#endif

/* On the server it has no end. */
static void deep_view(void)
{
    el(h1) text("Deep");
    endless();
    sensor_view(4);
}

static void frame_view(void)
{
    el(nav)
    {
        el(a, .href = "/") text("Three");
        el(a, .href = "/own") text("Own");
        el(a, .href = "/off") text("Off");
        el(a, .href = "/plain") text("Plain");
    }
    dew_outlet();
}
static const dew_layout frame = { .view = frame_view };

static const dew_page three = { .path = "/", .view = three_view, .loading = waiting },
                      own = { .path = "/own", .view = own_view, .error = failed, .loading = waiting },
                      plain = { .path = "/plain", .view = plain_view, .loading = waiting, .title = "Plain" },
                      off = { .path = "/off", .view = plain_view, .loading = waiting, .title = "Off", .ssr.mode = DEW_SSR_OFF },
                      data = { .path = "/data", .view = plain_view, .title = "Data", .ssr.mode = DEW_SSR_DATA },
                      sides = { .path = "/sides", .view = sides_view },
                      stream = { .path = "/stream", .view = stream_view, .loading = waiting },
                      memo_ = { .path = "/memo", .view = memo_view },
                      retry = { .path = "/retry", .view = retry_view }, said_page = { .path = "/said", .view = said_view },
                      keep = { .path = "/keep", .view = keep_view },
              browser = { .path = "/browser", .view = browser_view, .loading = waiting }, refuse = { .path = "/refuse", .view = refuse_view },
                      deep = { .path = "/deep", .view = deep_view, .loading = waiting };

DEW_SITE(regions, .name = "Regions", .pages = DEW_PAGES(&three, &own, &plain, &off, &data, &sides, &refuse, &deep, &browser, &stream, &memo_, &keep, &retry, &said_page), .layout = &frame)
