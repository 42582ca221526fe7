/* write.client.c - words, strings and attributes for the host. See write.h and ops.h. */
#include "view/write.h"

#include "view/view_internal.h"

#define TEXT_MAX ((size_t)1 << 30) /* of one flush */

static struct {
    uint32_t *words, word_count, word_cap;
    dew_buf text;
} w = { .text.max = TEXT_MAX };

/* ---- words and strings ---- */

void dew_write_word(uint32_t word)
{
    ROOM(w.words, w.word_cap, w.word_count + 1);
    w.words[w.word_count++] = word;
}

/* How many UTF-16 units the text from `from` on has, which is what the host cuts by. */
static uint32_t utf16_len(size_t from)
{
    uint32_t units = 0;
    for (size_t i = from; i < w.text.len; i++) {
        unsigned char c = (unsigned char)w.text.ptr[i];
        units += ((c & 0xc0) != 0x80) + (c >= 0xf0);
    }
    return units;
}

void dew_write_string(const char *text, uint32_t len)
{
    if (len & LITERAL) {
        dew_write_word(len);
        dew_write_word((uint32_t)(uintptr_t)text);
        return;
    }
    size_t from = w.text.len;
    dew_buf_put(&w.text, text, len);
    dew_write_word(utf16_len(from));
}

#define literal(text) dew_write_string("" text, (sizeof(text) - 1) | LITERAL)

/* What cannot be written as JSON is empty on both sides. */
static void args_string(dew_call call)
{
    const dew_str *args = call.args;
    dew_write_string(args->ptr, (uint32_t)args->len);
}

const dew_ops *dew_write_flush(void)
{
    static dew_ops ops;
    ops =
        (dew_ops){ (uint32_t)(uintptr_t)w.words, w.word_count, (uint32_t)(uintptr_t)w.text.ptr, (uint32_t)w.text.len };
    if (w.text.error != 0)
        __builtin_trap();
    w.word_count = 0;
    dew_buf_clear(&w.text);
    return &ops;
}

void dew_write_place(enum dew_op code, uint32_t number, uint32_t parent, uint32_t before)
{
    dew_write_op(code, 0, number);
    dew_write_word(parent);
    dew_write_word(before);
}

/* ---- attributes ---- */

static void op_name(enum dew_op code, const char *name)
{
    dew_write_op(code, 0, 0);
    dew_write_word((uint32_t)(uintptr_t)name);
}

static const char *const fallback_names[] = { dew_attr_type_, dew_attr_form_,       dew_attr_formmethod_,
                                              dew_attr_name_, dew_attr_formaction_, dew_attr_value_ };

/* What a button carries for its call, as html.c writes it. */
static void set_fallback(dew_call call)
{
    op_name(DEW_OP_ATTR, dew_attr_type_);
    literal("submit");
    op_name(DEW_OP_ATTR, dew_attr_form_);
    literal("dew");
    op_name(DEW_OP_ATTR, dew_attr_formmethod_);
    literal("post");
    op_name(DEW_OP_ATTR, dew_attr_name_);
    literal("_args");
    op_name(DEW_OP_ATTR, dew_attr_formaction_);
    size_t from = w.text.len;
    dew_buf_put_str(&w.text, dew_view.render->url_prefix);
    dew_buf_put_lit(&w.text, DEW_FORM_PATH);
    dew_buf_put(&w.text, call.fn->name, strlen(call.fn->name));
    dew_write_word(utf16_len(from));
    op_name(DEW_OP_ATTR, dew_attr_value_);
    args_string(call);
}

void dew_write_attr(const attr *a)
{
    if (dew_attr_is_event(a))
        return;
    if (a->id == A_FALLBACK) {
        set_fallback(a->call);
    } else if (a->id == A_ARGS) {
        op_name(DEW_OP_ATTR, dew_attr_value_);
        args_string(a->call);
    } else if (a->id == A_GIVEN) {
        op_name(DEW_OP_ATTR, NULL);
        dew_write_string(a[0].text, a[0].len);
        dew_write_string(a[1].text, a[1].len);
    } else {
        op_name(DEW_OP_ATTR, (const char *)a->id);
        dew_write_string(a->text, a->len);
    }
}

void dew_write_no_attr(const attr *a)
{
    if (a->id == A_FALLBACK) {
        for (size_t i = 0; i < sizeof fallback_names / sizeof *fallback_names; i++)
            op_name(DEW_OP_NO_ATTR, fallback_names[i]);
    } else if (a->id == A_GIVEN) {
        op_name(DEW_OP_NO_ATTR, NULL);
        dew_write_string(a->text, a->len);
    } else if (!dew_attr_is_event(a)) {
        op_name(DEW_OP_NO_ATTR, a->id == A_ARGS ? dew_attr_value_ : (const char *)a->id);
    }
}
