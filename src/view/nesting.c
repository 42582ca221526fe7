/* nesting.c - see nesting.h. Two tables say for each element what it does to the parser and which children it takes;
 * the rest follows §13.2.4.2 (the stack of open elements: "in button scope", "in list item scope") and §13.2.6.4. */
#include "view/nesting.h"

#include "base/format.h"
#include "view/view_internal.h"

/* In a browser build for production nothing asks. */
#if !defined(__wasm__) || defined(DEW_VIEW_CHECKS)

enum {
    CLOSES_P = 1,  /* its start tag closes a p in button scope */
    SPECIAL = 2,   /* stops the search for an li, dt or dd to close (address, div and p do not; Chromium: nor search) */
    BOUNDARY = 4,  /* scope: what is outside is out of reach */
    MARKER = 8,    /* outside links are forgotten */
    HEADING = 16,
    TEXT_ONLY = 32, /* no elements inside */
    EMPTY = 64,     /* nothing inside */
    TABLE_PART = 128, /* text that is not white space is moved out of it */
};

static const unsigned char traits[DEW_TAG_COUNT_] = {
    [DEW_TAG_area] = EMPTY | SPECIAL, [DEW_TAG_br] = EMPTY | SPECIAL, [DEW_TAG_col] = EMPTY | SPECIAL,
    [DEW_TAG_embed] = EMPTY | SPECIAL, [DEW_TAG_hr] = EMPTY | SPECIAL | CLOSES_P, [DEW_TAG_img] = EMPTY | SPECIAL,
    [DEW_TAG_input] = EMPTY | SPECIAL, [DEW_TAG_source] = EMPTY | SPECIAL, [DEW_TAG_track] = EMPTY | SPECIAL,
    [DEW_TAG_wbr] = EMPTY | SPECIAL, [DEW_TAG_iframe] = EMPTY | SPECIAL,

    [DEW_TAG_address] = CLOSES_P, [DEW_TAG_div] = CLOSES_P, [DEW_TAG_p] = CLOSES_P,
    [DEW_TAG_search] = CLOSES_P, [DEW_TAG_dialog] = CLOSES_P,
    [DEW_TAG_article] = CLOSES_P | SPECIAL, [DEW_TAG_aside] = CLOSES_P | SPECIAL,
    [DEW_TAG_blockquote] = CLOSES_P | SPECIAL, [DEW_TAG_details] = CLOSES_P | SPECIAL,
    [DEW_TAG_dl] = CLOSES_P | SPECIAL, [DEW_TAG_fieldset] = CLOSES_P | SPECIAL,
    [DEW_TAG_figcaption] = CLOSES_P | SPECIAL, [DEW_TAG_figure] = CLOSES_P | SPECIAL,
    [DEW_TAG_footer] = CLOSES_P | SPECIAL, [DEW_TAG_form] = CLOSES_P | SPECIAL, [DEW_TAG_header] = CLOSES_P | SPECIAL,
    [DEW_TAG_hgroup] = CLOSES_P | SPECIAL, [DEW_TAG_main] = CLOSES_P | SPECIAL, [DEW_TAG_menu] = CLOSES_P | SPECIAL,
    [DEW_TAG_nav] = CLOSES_P | SPECIAL, [DEW_TAG_ol] = CLOSES_P | SPECIAL, [DEW_TAG_pre] = CLOSES_P | SPECIAL,
    [DEW_TAG_section] = CLOSES_P | SPECIAL, [DEW_TAG_summary] = CLOSES_P | SPECIAL, [DEW_TAG_ul] = CLOSES_P | SPECIAL,
    [DEW_TAG_li] = CLOSES_P | SPECIAL, [DEW_TAG_dd] = CLOSES_P | SPECIAL, [DEW_TAG_dt] = CLOSES_P | SPECIAL,
    [DEW_TAG_h1] = CLOSES_P | SPECIAL | HEADING, [DEW_TAG_h2] = CLOSES_P | SPECIAL | HEADING,
    [DEW_TAG_h3] = CLOSES_P | SPECIAL | HEADING, [DEW_TAG_h4] = CLOSES_P | SPECIAL | HEADING,
    [DEW_TAG_h5] = CLOSES_P | SPECIAL | HEADING, [DEW_TAG_h6] = CLOSES_P | SPECIAL | HEADING,

    [DEW_TAG_table] = CLOSES_P | SPECIAL | BOUNDARY | TABLE_PART, [DEW_TAG_caption] = SPECIAL | BOUNDARY | MARKER,
    [DEW_TAG_colgroup] = SPECIAL | TABLE_PART, [DEW_TAG_tbody] = SPECIAL | TABLE_PART,
    [DEW_TAG_thead] = SPECIAL | TABLE_PART, [DEW_TAG_tfoot] = SPECIAL | TABLE_PART, [DEW_TAG_tr] = SPECIAL | TABLE_PART,
    [DEW_TAG_td] = SPECIAL | BOUNDARY | MARKER, [DEW_TAG_th] = SPECIAL | BOUNDARY | MARKER,

    [DEW_TAG_button] = SPECIAL, [DEW_TAG_object] = SPECIAL | BOUNDARY | MARKER, [DEW_TAG_select] = SPECIAL,
    [DEW_TAG_textarea] = SPECIAL | TEXT_ONLY, [DEW_TAG_option] = TEXT_ONLY, [DEW_TAG_SCRIPT_] = SPECIAL | TEXT_ONLY,

    [DEW_TAG_foreignObject] = SPECIAL | BOUNDARY, [DEW_TAG_desc] = TEXT_ONLY, [DEW_TAG_title] = TEXT_ONLY,
    [DEW_TAG_annotation] = TEXT_ONLY, [DEW_TAG_mi] = TEXT_ONLY, [DEW_TAG_mn] = TEXT_ONLY,
    [DEW_TAG_mo] = TEXT_ONLY, [DEW_TAG_ms] = TEXT_ONLY, [DEW_TAG_mtext] = TEXT_ONLY,
};

/* Elements that stand in certain parents only; and parents that take only these children. */
static const struct {
    unsigned char child, parent;
} pairs[] = {
    { DEW_TAG_caption, DEW_TAG_table }, { DEW_TAG_colgroup, DEW_TAG_table }, { DEW_TAG_thead, DEW_TAG_table },
    { DEW_TAG_tbody, DEW_TAG_table },   { DEW_TAG_tfoot, DEW_TAG_table },    { DEW_TAG_col, DEW_TAG_colgroup },
    { DEW_TAG_tr, DEW_TAG_thead },      { DEW_TAG_tr, DEW_TAG_tbody },       { DEW_TAG_tr, DEW_TAG_tfoot },
    { DEW_TAG_td, DEW_TAG_tr },         { DEW_TAG_th, DEW_TAG_tr },
};
/* Children of select and optgroup, which may stand elsewhere too. */
static bool fits_select(int parent, int tag)
{
    return tag == DEW_TAG_option || (parent == DEW_TAG_select && (tag == DEW_TAG_optgroup || tag == DEW_TAG_hr));
}

static bool is_pair(int parent, int tag, bool *child_is_bound, bool *parent_is_bound)
{
    bool found = false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        *child_is_bound |= pairs[i].child == tag;
        *parent_is_bound |= pairs[i].parent == parent;
        found |= pairs[i].child == tag && pairs[i].parent == parent;
    }
    return found;
}

static const char *parent_refusal(int parent, int tag)
{
    if (traits[parent] & EMPTY)
        return "the element around it has no content";
    if (traits[parent] & TEXT_ONLY)
        return "the element around it holds text only";
    if ((parent == DEW_TAG_select || parent == DEW_TAG_optgroup) && !fits_select(parent, tag))
        return "the HTML parser drops it there";
    if (parent == DEW_TAG_table && tag == DEW_TAG_tr)
        return "the HTML parser puts a tbody between: write el(tbody)";
    bool child_is_bound = false, parent_is_bound = false;
    if (is_pair(parent, tag, &child_is_bound, &parent_is_bound))
        return NULL;
    if (child_is_bound)
        return "a part of a table stands in its own place only: table > thead, tbody, tfoot > tr > td, th; "
               "table > colgroup > col";
    return parent_is_bound ? "the HTML parser moves it out of the table" : NULL;
}

static bool is_svg(int tag)
{
    return tag >= DEW_TAG_svg && tag < DEW_TAG_math;
}

static bool is_mathml(int tag)
{
    return tag >= DEW_TAG_math && tag < DEW_TAG_SCRIPT_;
}

static const char *foreign_refusal(dew_nesting around, int tag)
{
    if (around & DEW_IN_SVG)
        return is_svg(tag) || tag == DEW_TAG_a ? NULL
                                               : "the HTML parser ends the svg before it: put a foreignObject between";
    if (around & DEW_IN_MATH)
        return is_mathml(tag) ? NULL : "in math there are elements of MathML only";
    if (is_svg(tag) && tag != DEW_TAG_svg)
        return "an element of SVG stands inside of svg";
    return is_mathml(tag) && tag != DEW_TAG_math ? "an element of MathML stands inside of math" : NULL;
}

const char *dew_nesting_refusal(dew_nesting around, int parent, int tag)
{
    const char *refusal = parent_refusal(parent, tag);
    if (refusal == NULL)
        refusal = foreign_refusal(around, tag);
    if (refusal != NULL || (around & (DEW_IN_SVG | DEW_IN_MATH)))
        return refusal;
    if ((around & DEW_IN_P) && (traits[tag] & CLOSES_P))
        return "the HTML parser ends the p before it";
    if ((around & DEW_IN_A) && tag == DEW_TAG_a)
        return "a link inside a link: the HTML parser ends the outer one";
    if ((around & DEW_IN_BUTTON) && tag == DEW_TAG_button)
        return "a button inside a button: the HTML parser ends the outer one";
    if ((around & DEW_IN_FORM) && tag == DEW_TAG_form)
        return "a form inside a form: the HTML parser drops the inner one";
    if ((around & DEW_IN_LI) && tag == DEW_TAG_li)
        return "the HTML parser ends the outer li: put a ul or ol between";
    if ((around & DEW_IN_DD) && (tag == DEW_TAG_dd || tag == DEW_TAG_dt))
        return "the HTML parser ends the outer dt or dd: put a dl between";
    if ((traits[parent] & HEADING) && (traits[tag] & HEADING))
        return "a heading inside a heading: the HTML parser ends the outer one";
    return NULL;
}

const char *dew_nesting_text_refusal(int parent)
{
    if (traits[parent] & EMPTY)
        return "the element around it has no content";
    return traits[parent] & TABLE_PART ? "the HTML parser moves it out of the table: put it in a td, th or caption"
                                       : NULL;
}

dew_nesting dew_nesting_inside(dew_nesting around, int tag)
{
    const unsigned char trait = traits[tag];
    if (trait & BOUNDARY)
        around &= (dew_nesting) ~(DEW_IN_P | DEW_IN_BUTTON);
    if (trait & MARKER)
        around &= (dew_nesting)~DEW_IN_A;
    if (trait & SPECIAL)
        around &= (dew_nesting) ~(DEW_IN_LI | DEW_IN_DD);
    if (tag == DEW_TAG_foreignObject)
        return (dew_nesting)(around & ~DEW_IN_SVG);
    if (around & (DEW_IN_SVG | DEW_IN_MATH))
        return around;
    switch (tag) {
    case DEW_TAG_svg:
        return around | DEW_IN_SVG;
    case DEW_TAG_math:
        return around | DEW_IN_MATH;
    case DEW_TAG_p:
        return around | DEW_IN_P;
    case DEW_TAG_a:
        return around | DEW_IN_A;
    case DEW_TAG_button: /* ends "button scope" too */
        return (dew_nesting)((around & ~DEW_IN_P) | DEW_IN_BUTTON);
    case DEW_TAG_form:
        return around | DEW_IN_FORM;
    case DEW_TAG_li:
        return around | DEW_IN_LI;
    case DEW_TAG_dd:
    case DEW_TAG_dt:
        return around | DEW_IN_DD;
    default:
        return around;
    }
}

/* ---- the open elements ---- */

struct dew_checks {
    dew_render *render;
    unsigned depth; /* of the open elements; beyond the maximum they are counted only */
    struct {
        unsigned char tag;
        dew_nesting inside;
        const char *component;
    } open[DEW_VIEW_DEPTH_MAX + 1]; /* [0] is the root */
};

struct dew_checks *dew_checks_create(dew_render *render)
{
    struct dew_checks *checks = dew_arena_calloc(render->arena, 1, sizeof *checks);
    if (checks == NULL) {
        dew_render_fail(render, DEW_E_NOMEM);
        return NULL;
    }
    checks->render = render;
    checks->open[0].component = "";
    return checks;
}

/* "main > ul > li", the innermost ones when there are many. */
static void path_of(const struct dew_checks *checks, char *path, size_t cap)
{
    unsigned shown = checks->depth < 6 ? checks->depth : 6;
    size_t len = 0;
    path[0] = '\0';
    for (unsigned i = checks->depth - shown + 1; i <= checks->depth && len < cap; i++)
        len += dew_format(path + len, cap - len, "%s%s", i > checks->depth - shown + 1 ? " > " : "",
                          dew_tag_name(checks->open[i].tag));
}

static void report(struct dew_checks *checks, const char *component, const char *what, const char *refusal)
{
    char path[96];
    path_of(checks, path, sizeof path);
    dew_render_problem(checks->render, "%s: %s in %s: %s", component, what, path[0] != '\0' ? path : "the page",
                       refusal);
}

void dew_check_open_(struct dew_checks *checks, int tag, const char *component)
{
    if (checks->depth >= DEW_VIEW_DEPTH_MAX) {
        if (checks->depth++ == DEW_VIEW_DEPTH_MAX)
            dew_render_problem(checks->render,
                               "%s: more than %d elements inside one another: the HTML parser flattens them", component,
                               DEW_VIEW_DEPTH_MAX);
        return;
    }
    const dew_nesting around = checks->open[checks->depth].inside;
    const char *refusal = dew_nesting_refusal(around, checks->open[checks->depth].tag, tag);
    if (refusal != NULL) {
        char what[24];
        dew_format(what, sizeof what, "<%s>", dew_tag_name(tag));
        report(checks, component, what, refusal);
    }
    checks->depth++;
    checks->open[checks->depth].tag = (unsigned char)tag;
    checks->open[checks->depth].inside = dew_nesting_inside(around, tag);
    checks->open[checks->depth].component = component;
}

void dew_check_close_(struct dew_checks *checks)
{
    checks->depth--;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

void dew_check_text_(struct dew_checks *checks, const char *bytes, size_t len)
{
    if (checks->depth > DEW_VIEW_DEPTH_MAX)
        return;
    const char *refusal = dew_nesting_text_refusal(checks->open[checks->depth].tag);
    size_t blank = 0;
    while (refusal != NULL && blank < len && is_space(bytes[blank]))
        blank++;
    if (refusal != NULL && blank < len)
        report(checks, checks->open[checks->depth].component, "text", refusal);
}
#endif
