/* report.c - see report.h. What compilers and programs write may be no UTF-8: what is not is shown as '?'. */
#include "cli/report.h"

#include "base/utf8.h"
#include "type/json.h"
#include "view/html.h"

/* Appends the text as a JSON string. */
static void put_string(dew_buf *out, dew_str text)
{
    dew_buf clean;
    dew_buf_init(&clean, CLI_REPORT_MAX);
    while (text.len != 0) {
        size_t len = dew_utf8_valid_len(text);
        dew_buf_put(&clean, text.ptr, len);
        if (len < text.len) {
            dew_buf_put_char(&clean, '?');
            len++;
        }
        text = dew_str_make(text.ptr + len, text.len - len);
    }
    if (dew_json_put_str(out, dew_buf_str(&clean)) != 0)
        out->error = DEW_E_NOMEM; /* clean is UTF-8 */
    dew_buf_dispose(&clean);
}

/* Its end, from the beginning of a line on. */
static dew_str tail_of(dew_str text)
{
    if (text.len <= CLI_REPORT_OUTPUT_MAX)
        return text;
    text = dew_str_make(text.ptr + text.len - CLI_REPORT_OUTPUT_MAX, CLI_REPORT_OUTPUT_MAX);
    const char *end = memchr(text.ptr, '\n', text.len);
    size_t cut = end != NULL ? (size_t)(end - text.ptr) + 1 : 0;
    return dew_str_make(text.ptr + cut, text.len - cut);
}

static void put_error(dew_buf *out, const cli_diagnostic *error)
{
    dew_buf_put_lit(out, "{\"file\":");
    put_string(out, error->file);
    dew_buf_putf(out, ",\"line\":%d,\"column\":%d,\"message\":", error->line, error->column);
    put_string(out, error->message);
    dew_buf_put_lit(out, ",\"excerpt\":");
    put_string(out, error->excerpt);
    dew_buf_put_char(out, '}');
}

void cli_report_put_json(dew_buf *out, const cli_report *report)
{
    dew_buf_putf(out, "{\"generation\":%u,\"building\":%s,\"title\":", report->generation,
                 report->is_building ? "true" : "false");
    if (report->title != NULL)
        put_string(out, dew_str_of(report->title));
    else
        dew_buf_put_lit(out, "null");
    dew_buf_put_lit(out, ",\"errors\":[");
    for (size_t i = 0; report->errors != NULL && i < report->errors->count; i++) {
        if (i != 0)
            dew_buf_put_char(out, ',');
        put_error(out, &report->errors->items[i]);
    }
    dew_buf_put_lit(out, "],\"output\":");
    put_string(out, tail_of(report->output));
    dew_buf_put_char(out, '}');
}

void cli_report_put_page(dew_buf *out, const cli_report *report)
{
    const char *title = report->title != NULL ? report->title : "The program is being built";
    dew_buf_putf(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\"><title>%s</title>"
        "<link rel=\"icon\" href=\"data:,\"><script src=\"/_dew/dev.js\"></script></head><body><main><h1>%s</h1><pre>",
        title, title);
    dew_html_put_text(out, tail_of(report->output));
    dew_buf_put_lit(out, "</pre></main></body></html>");
}
