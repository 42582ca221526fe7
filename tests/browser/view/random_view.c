/* random_view.c - views made from a seed, compiled for the server and for the browser. view.test.mjs compares what
 * Chromium's parser makes of the one with what the other builds. */
#include "random_view.h"

#include "view/nesting.h"

#define DEPTH_MAX 7

#define SAVE(F) F(i64, id) F(str, text) F(opt(f64), share)
DEW_STRUCT(save, SAVE)
DEW_MUTATION(save_it, save, dew_none)

static uint32_t state;
static int budget; /* elements still to make */

static uint32_t below(uint32_t n)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
}

static void handle(dew_event *event)
{
    (void)event;
}

/* Texts that have broken such things before. */
static const struct {
    const char *ptr;
    size_t len;
} texts[] = {
#define T(literal) { literal, sizeof(literal) - 1 }
    T("plain"), T("a & b < c > d \" e ' f"), T("&amp; &#13; &nosuch;"), T("\nbegins with a newline"), T("\n\ntwo"),
    T("\r\nCR LF"), T("a\rb"), T("ends in CR\r"), T(" "), T("\t\n"), T(""), T("caf\xc3\xa9 \xf0\x9f\x98\x80"),
    T("\xef\xbb\xbf" "BOM"), T("nul \0 inside"), T("\0"), T("broken \xc3( and \xe2\x82 and \xf0\x9f\x98"), T("\xff\xfe"),
    T("\xed\xa0\x80 surrogate"), T("\xc0\xaf overlong"), T("</li></p></script><!--"), T("]]> --> <![CDATA["),
    T("\xc2\xa0nbsp"), T("a rather long text that goes by eights of bytes & then some, with \"quotes\" in it"),
    T("\x01\x0b\x0c\x1f controls"), T("\xe2\x80\xa8line"), T("0123456"), T("01234567"), T("012345678"),
};
#define TEXTS (sizeof texts / sizeof *texts)

static dew_str any_text(void)
{
    uint32_t i = below(TEXTS);
    return (dew_str){ texts[i].ptr, texts[i].len };
}

/* Attributes are C strings: what follows a NUL is not theirs. */
static const char *any_value(void)
{
    return any_text().ptr;
}

static const char *maybe(uint32_t one_in)
{
    return below(one_in) == 0 ? any_value() : NULL;
}

static const char *any_url(void)
{
    static const char *const urls[] = { "/a?b=c&d",
                                        "#x",
                                        "https://example.org/\"",
                                        " javascript:alert(1)",
                                        "JaVa\tScript:x",
                                        "data:text/html,x",
                                        "data:image/png;base64,AA",
                                        "mailto:a@b",
                                        "",
                                        "vbscript:x" };
    return urls[below(sizeof urls / sizeof *urls)];
}

static void put_any_text(int parent)
{
    dew_str any = any_text();
    int number;
    if (dew_nesting_text_refusal(parent) != NULL)
        return;
    switch (below(8)) {
    case 0:
        text("a literal");
        break;
    case 1:
        text("with <&> \xc3\xa9");
        break;
    case 2:
        text((int64_t)below(1000000) - 500000);
        break;
    case 3:
        number = (int)below(100) - 50;
        textf("%s|%d|%.3f", any.ptr, number, below(1000000) / 7.0);
        break;
    case 4:
        text(below(1000) / 8.0);
        break;
    default:
        text(any);
    }
}

static void children(dew_nesting around, int parent, int depth);

#define CONTENT(tag) children(dew_nesting_inside(around, DEW_TAG_##tag), DEW_TAG_##tag, depth + 1)
/* A function each: one with them all would need a stack of its own. */
#define PLAIN_FUNCTION(tag)                                                                                           \
    static __attribute__((noinline)) void put_##tag(dew_nesting around, int depth)                                    \
    {                                                                                                                 \
        const char *id = maybe(6), *class = maybe(3), *title = maybe(6);                                              \
        el(tag, .id = id, .class = class, .title = title) CONTENT(tag);                                               \
    }
#define VOID_FUNCTION(tag)                                                                                            \
    static __attribute__((noinline)) void put_##tag(dew_nesting around, int depth)                                    \
    {                                                                                                                 \
        (void)around, (void)depth;                                                                                    \
        const char *class = maybe(3), *alt = maybe(8);                                                                \
        el(tag, .class = class, .alt = alt, .hidden = below(6) == 0);                                                 \
    }
DEW_VOID_TAGS(VOID_FUNCTION)
DEW_TAGS(PLAIN_FUNCTION)
DEW_FOREIGN_TAGS(PLAIN_FUNCTION)
#define CASE(tag)                                                                                                     \
    case DEW_TAG_##tag:                                                                                               \
        put_##tag(around, depth);                                                                                     \
        return;

/* Some elements with what is particular to them. False: not one of these, or not this time. What is random is taken
 * before el(): in which order C evaluates initialisers is its own affair. */
static __attribute__((noinline)) bool put_particular(dew_nesting around, int tag, int depth)
{
    const int64_t id = below(1000);
    const save args = { id, any_text(), { below(2) == 0, below(100) / 4.0 } };
    const char *some = maybe(2), *any = any_value(), *url = any_url();
    const uint32_t number = below(3);
    const bool flag = below(2) == 0;
    if (below(2) == 0)
        return false;
    switch (tag) {
    case DEW_TAG_a:
        el(a, .href = url, .tabindex = (int)number - 1, .on_click_do = DO(handle, 3)) CONTENT(a);
        return true;
    case DEW_TAG_button:
        el(button, .class = some, .on_click = call_save_it(args), .disabled = flag) CONTENT(button);
        return true;
    case DEW_TAG_form:
        el(form, .id = some, .on_submit = call_save_it(args), .autocomplete = any) CONTENT(form);
        return true;
    case DEW_TAG_input:
        el(input, .type = "text", .name = "n", .value = any, .maxlength = (int)number, .required = flag,
           .on_input_do = DO(handle, 1));
        return true;
    case DEW_TAG_svg:
        el(svg, .width = 9, .class = some, .on_click_do = DO(handle, 2), .attrs = ATTRS({ "viewBox", "0 0 9 9" }, { "fill", any }))
            CONTENT(svg);
        return true;
    case DEW_TAG_linearGradient:
        el(linearGradient, .id = some, .attrs = ATTRS({ "gradientUnits", "userSpaceOnUse" }, { "x1", any }))
            CONTENT(linearGradient);
        return true;
    case DEW_TAG_img:
        el(img, .src = url, .alt = "", .width = 0);
        return true;
    case DEW_TAG_td:
        el(td, .colspan = 2, .attrs = ATTRS({ "data-a", some }, { "data-b", any }, { "onclick", "x" }, { "aria-label", "y" }))
            CONTENT(td);
        return true;
    case DEW_TAG_div:
        el(div, .attrs = ATTRS({ flag ? "data-a" : "data-b", any }), .aria_label = some, .style = "top:0") {
            dew_script_json("state", S("{\"a\":\"</script><!--\"}"));
            CONTENT(div);
        }
        return true;
    default:
        return false;
    }
}

static void put_element(dew_nesting around, int tag, int depth)
{
    if (put_particular(around, tag, depth))
        return;
    switch (tag) {
        DEW_VOID_TAGS(CASE)
        DEW_TAGS(CASE)
        DEW_FOREIGN_TAGS(CASE)
    }
}

static void children(dew_nesting around, int parent, int depth)
{
    for (uint32_t left = depth > DEPTH_MAX ? 0 : below(5); left > 0; left--) {
        if (below(3) == 0) {
            put_any_text(parent);
            continue;
        }
        for (int tries = 0; tries < 30 && budget > 0; tries++) {
            int tag = 1 + (int)below(DEW_TAG_SCRIPT_ - 1);
            if (tag == DEW_TAG_VOID_END_ || dew_nesting_refusal(around, parent, tag) != NULL)
                continue;
            budget--;
            put_element(around, tag, depth);
            break;
        }
    }
}

void random_view(uint32_t seed)
{
    state = seed * 2654435761u + 1;
    budget = 120;
    for (int i = 0; i < 6; i++)
        children(0, DEW_TAG_TEXT_, 0);
}

void number_view(uint32_t seed)
{
    state = seed * 2654435761u + 1;
    for (int i = 0; i < 200; i++) {
        uint64_t bits = (uint64_t)below(1 << 22) << 42 ^ (uint64_t)below(1 << 22) << 21 ^ below(1 << 22);
        double any;
        memcpy(&any, &bits, sizeof any);
        double plain = (double)(int64_t)(bits >> 20) / 1000;
        el(p) {
            text((int64_t)bits);
            text(" ");
            text(bits);
            text(" ");
            text(any);
            text(" ");
            text(plain);
        }
        el(p) textf("%lld %llu %d %u %x %5d|%-5d|%05d %c %.2f %.0f %e %g %8.3f %s %.3s %zu", (long long)bits,
                    (unsigned long long)bits, (int)bits, (unsigned)bits, (unsigned)bits, (int)(bits % 1000),
                    (int)(bits % 1000), (int)(bits % 1000), (int)('a' + bits % 26), plain, plain, any, plain, plain, "str",
                    "string", (size_t)(bits % 1000));
    }
}

void list_view(const entry *entries, size_t count, bool by_text)
{
    el(ul) for (size_t i = 0; i < count; i++) {
        const entry *it = &entries[i];
        const char *key = fmt("key %lld", (long long)it->id);
        el(li, .key = by_text ? KEY(dew_str_of(key)) : KEY(it->id), .attrs = ATTRS({ "data-id", fmt("%lld", (long long)it->id) })) {
            text(it->label);
            if (it->label[0] == 'b')
                el(b) text("bold");
        }
    }
}
