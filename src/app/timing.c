/* timing.c - see timing.h. */
#include "app/timing.h"

#include "io/clock.h"

/* Loads that are named; the others are counted. Servers in front of Dew bound a header's length. */
#define LOADS_MAX 32
#define TEXT_MAX  8192

struct app_timing {
    dew_arena *arena;
    int64_t render_ns, sql_ns;
    size_t load_count;
    struct {
        const char *name;
        int64_t ns;
    } loads[LOADS_MAX];
};

app_timing *app_timing_make(const dew_app *app, dew_arena *arena)
{
    if (!app->config.server_timing && !app->config.development)
        return NULL;
    app_timing *timing = dew_arena_calloc(arena, 1, sizeof *timing);
    if (timing != NULL)
        timing->arena = arena;
    return timing;
}

int64_t app_timing_now(const app_timing *timing)
{
    return timing != NULL ? dew_clock_now_ns() : 0;
}

void app_timing_rendered(app_timing *timing, int64_t since_ns)
{
    if (timing != NULL)
        timing->render_ns += dew_clock_now_ns() - since_ns;
}

void app_timing_loaded(app_timing *timing, const dew_fn *fn, int64_t since_ns, int64_t sql_ns)
{
    if (timing == NULL)
        return;
    timing->sql_ns += sql_ns;
    if (timing->load_count < LOADS_MAX) {
        timing->loads[timing->load_count].name = fn->name;
        timing->loads[timing->load_count].ns = dew_clock_now_ns() - since_ns;
    }
    timing->load_count++;
}

static void put_duration(dew_buf *out, int64_t ns)
{
    dew_buf_putf(out, ";dur=%lld.%03lld, ", (long long)(ns / 1000000), (long long)(ns / 1000 % 1000));
}

dew_str app_timing_text(const app_timing *timing, int passes)
{
    if (timing == NULL)
        return (dew_str){ NULL, 0 };
    dew_buf text;
    dew_buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < timing->load_count && i < LOADS_MAX; i++) {
        dew_buf_putf(&text, "load;desc=\"%s\"", timing->loads[i].name); /* a C identifier */
        put_duration(&text, timing->loads[i].ns);
    }
    if (timing->load_count > LOADS_MAX)
        dew_buf_putf(&text, "load;desc=\"and %zu more\", ", timing->load_count - LOADS_MAX);
    dew_buf_put_lit(&text, "sql");
    put_duration(&text, timing->sql_ns);
    dew_buf_put_lit(&text, "render");
    put_duration(&text, timing->render_ns);
    dew_buf_putf(&text, "passes;desc=\"%d\"", passes);
    dew_str kept = text.error == 0 ? dew_arena_str(timing->arena, dew_buf_str(&text)) : (dew_str){ NULL, 0 };
    dew_buf_dispose(&text);
    return kept;
}
