/* dew/island.h - islands: live parts of a page that otherwise stays as the server made it.
 *
 *     #define STEPPER(F) F(str, name) F(i32, from)
 *     DEW_STRUCT(stepper_props, STEPPER)
 *     DEW_ISLAND(stepper, stepper_props)                  // in a header, or above its use
 *
 *     static void stepper_view(const stepper_props *props)
 *     {
 *         int *count = use_state(int, props->from);
 *         el(button, .type = "button", .on_click_do = DO(add, count)) textf("%s: %d", props->name.ptr, *count);
 *     }
 *     DEW_ISLAND_VIEW(stepper, stepper_props, stepper_view)
 *
 *     static void about_view(void)
 *     {
 *         el(h1) text("About");
 *         island(stepper, { S("Apples"), 3 }, .when = DEW_ON_VISIBLE);
 *     }
 *     const dew_page about = { .path = "/about", .view = about_view, .islands = DEW_ISLANDS(&stepper_island) };
 *
 * A page that says .islands is STATIC: the server renders it, with its layouts and all of its data (it waits for streamed queries,
 * too), and the browser takes the HTML as it is: its views do not run there, its queries are not subscribed to. Each island
 * in it comes to life by itself, when it is due; until the first is, not even the program is fetched. Links in such a page, and to it,
 * load documents. It is rendered on the server: with another .ssr.mode it is refused at start.
 *
 * An island's view draws from its props, which go with the page, and may do what views do: state, effects, handlers, queries
 * (what it used on the server is in the page, and is subscribed to), calls, cookies; dew_param and dew_location are the page's.
 * It sees no context from around, says no title and nothing for the head, and what it says to stores it says to itself: each
 * island has its own. All islands share one connection and one cache of queries. It is a region (dew/region.h), which inherits
 * the page's views. An island stands in a div of its own, and not in another island.
 *
 * On a page without .islands an island is rendered as any other component, in the same div. GNU C only. Native and wasm32. */
#ifndef DEW_ISLAND_H
#define DEW_ISLAND_H

#include <dew/page.h>
#include <dew/type.h>
#include <dew/view.h>

/* When an island comes to life. */
typedef enum dew_island_when {
    DEW_ON_LOAD,    /* at once; left out: this */
    DEW_ON_VISIBLE, /* when it is first to be seen */
    DEW_ON_IDLE,    /* when the browser has nothing else to do, after 2 seconds at the latest */
} dew_island_when;

typedef struct dew_island {
    void (*view)(const void *props);
    dew_type_fn *type;
} dew_island;

/* What is static about a page: made by DEW_ISLANDS, of at most DEW_ISLANDS_MAX. */
#define DEW_ISLANDS_MAX 64
#ifdef __wasm__
struct dew_page_render;
typedef struct dew_islands {
    const dew_island *const *all;
    void (*run)(struct dew_page_render *, const dew_page *); /* renders the island that this program is for */
} dew_islands;
void dew_islands_run_(struct dew_page_render *render, const dew_page *page);
#define DEW_ISLANDS(...) (&(const dew_islands){ (const dew_island *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL }, dew_islands_run_ })
#else
typedef struct dew_islands {
    const dew_island *const *all; /* NULL-terminated */
} dew_islands;
#define DEW_ISLANDS(...) (&(const dew_islands){ (const dew_island *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL } })
#endif

/* DEW_ISLAND(stepper, stepper_props) declares stepper_island, and what island(stepper, …) needs; DEW_ISLAND_VIEW defines it, in one
 * file of both sides. */
#define DEW_ISLAND(name_, props_)                                                                                     \
    extern const dew_island name_##_island;                                                                           \
    typedef dew_c_##props_ name_##_island_props;                                                                      \
    typedef struct name_##_island_use {                                                                               \
        dew_c_##props_ props;                                                                                         \
        dew_island_when when;                                                                                         \
    } name_##_island_use;
#define DEW_ISLAND_VIEW(name_, props_, view_)                                                                         \
    __attribute__((unused)) static void name_##_island_view_(const void *props)                                       \
    {                                                                                                                 \
        void (*const view)(const name_##_island_props *) = (view_);                                                   \
        view(props);                                                                                                  \
    }                                                                                                                 \
    const dew_island name_##_island = { name_##_island_view_, dew_tf_##props_ };

/* island(stepper, { S("Apples"), 3 }, .when = DEW_ON_VISIBLE); props in braces, {} for zeroes. Inside a render only. */
#define dew_island_here(name_, ...)                                                                                   \
    do {                                                                                                              \
        const name_##_island_use dew_use_ = { .props = __VA_ARGS__ };                                                 \
        dew_island_put_(&name_##_island, &dew_use_.props, dew_use_.when);                                             \
    } while (0)
void dew_island_put_(const dew_island *island, const void *props, dew_island_when when);

#ifndef DEW_NO_SHORT_NAMES
#define island(name, ...) dew_island_here(name, __VA_ARGS__)
#endif

#endif
