/* render.h - the render that is going on: what the view language needs to know, and what page/ embeds in its own.
 *
 * Ambient: one per worker thread natively, one per program in the browser; set between begin and end, while components
 * run; a render never suspends in between. Owner: page/, which makes it (zeroed, then the fields marked "given"), calls
 * begin, runs the views, calls end, and may begin again with the same struct (the next pass of the render loop).
 *
 *   native    dew_html_begin(render, buf) → views → dew_html_end(render)        src/view/html.h
 *   browser   dew_tree_begin(render)      → views → dew_tree_end(render, how)   src/view/tree.h */
#ifndef DEW_VIEW_RENDER_H
#define DEW_VIEW_RENDER_H

#include "base/buffer.h"
#include "base/format.h"

#include <dew/arena.h>
#include <dew/view.h>

#ifndef __wasm__
/* Bytes of the stack that views may fill, within some ten KB: deeper ones fail the render (DEW_E_LIMIT). A view that calls
 * itself without end would take the whole server along. Half a fiber's stack (io/fiber.h), on which a page may be rendered.
 * In the browser the program's stack is a guard of itself. */
#define DEW_VIEW_STACK_MAX (128u << 10)
#endif

typedef struct dew_render {
#ifndef __wasm__
    dew_html_out out; /* first: the inline code in <dew/view_html.h> finds it through dew_html_out_ */
    dew_buf *html;    /* borrowed between begin and end */
    char nowhere[DEW_HTML_SLACK_]; /* private: where a failed render writes */
    const void *stack; /* private: where views began */
    bool is_too_deep;  /* it failed since views called each other too deep: DEW_VIEW_STACK_MAX */
    const char *deep;  /* the component that opened the last element in the lower half of that; NULL: there was none */
    bool development; /* given: check nesting (native; browser: builds with DEW_VIEW_CHECKS) */
#endif
    dew_arena *arena; /* natively given: fmt(), calls, keys. Browser: set by dew_tree_begin, lives until the next one */
    dew_str url_prefix;     /* given: "" or "/live": stands before /_dew/ in form actions */
    dew_str location;       /* given: path and query of the page; where a form without scripts comes back to */
    int failed;             /* 0, or DEW_E_NOMEM or DEW_E_LIMIT: what was written is not whole. Sticky until begin */
    unsigned problem_count; /* mistakes of views in this pass */
    dew_error problem;      /* the first of them: what, where (tags and component), the mend. Not fatal */
} dew_render;

/* The render that is going on in this worker; NULL when none is. */
#ifdef __wasm__
extern dew_render *dew_render_ambient_;
static inline dew_render *dew_render_current(void)
{
    return dew_render_ambient_;
}
/* That, or in a handler the last one, whose memory is there until the next: for what handlers format. */
dew_render *dew_tree_render(void);
#define dew_render_latest dew_tree_render
#else
static inline dew_render *dew_render_current(void)
{
    return (dew_render *)(void *)dew_html_out_; /* its first member */
}
#define dew_render_latest dew_render_current
#endif

/* Notes where the output of the render that is going on stands; and takes back all that came since, which left no more elements open
 * than there were. A failed render stays as it is. */
void dew_view_mark(dew_view_mark_ *mark);
void dew_view_cut(const dew_view_mark_ *mark);

/* Notes a mistake of a view: the first one's words are kept, all are counted. */
void dew_render_problem(dew_render *render, const char *format, ...) __attribute__((format(printf, 2, 3)));
#if defined(__wasm__) && !defined(DEW_VIEW_CHECKS)
/* The server says it of the same view; in the browser its words would only cost bytes. sizeof: looked at by the compiler
 * and not evaluated. */
#define dew_render_problem(render, ...) ((void)(render), (void)sizeof(dew_format(NULL, 0, __VA_ARGS__)))
#endif

/* Marks the render failed; the first code stays. */
static inline void dew_render_fail(dew_render *render, int code)
{
    if (render->failed == 0)
        render->failed = code;
}

#endif
