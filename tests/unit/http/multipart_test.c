/* multipart_test.c - the parts of multipart/form-data bodies. */
#include "http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=b"
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

/* All parts as "name=value;", a file's name behind a '@'. Returns the last code. */
static int read_all(const char *type, dew_str body, char out[4096], dew_error *error)
{
    dew_multipart form;
    dew_multipart_part part;
    *error = (dew_error){ 0 };
    out[0] = '\0';
    int code = dew_multipart_begin(&form, dew_str_of(type), body, error);
    if (code != 0)
        return code;
    size_t at = 0;
    while ((code = dew_multipart_next(&form, &part, error)) == 1)
        at += (size_t)snprintf(out + at, 4096 - at, "%s%.*s=%.*s;", part.is_file ? "@" : "", (int)part.name.len,
                               part.name.ptr, (int)part.value.len, part.value.ptr);
    return code;
}

static void reads_parts_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body, *wanted;
    } cases[] = {
        { TYPE, "--b\r\n" FIELD("a") "1\r\n--b\r\n" FIELD("b") "two\r\nlines\r\n--b--\r\n", "a=1;b=two\r\nlines;" },
        { TYPE, "--b\r\n" FIELD("a") "\r\n--b--", "a=;" },
        { TYPE, "--b--\r\n", "" },
        { TYPE, "before\r\n--b\r\n" FIELD("a") "1\r\n--b--\r\nafter\r\n--b\r\n", "a=1;" },
        { TYPE, "--b \t\r\n" FIELD("a") "1\r\n--b--", "a=1;" },
        { TYPE, "--b\r\n" FIELD("a") "x--b\r\n--bb\r\n-b\r\n--b--", "a=x--b\r\n--bb\r\n-b;" }, /* alike, not the same */
        { TYPE, "--b\r\ncontent-type: text/plain\r\nCONTENT-DISPOSITION:form-data;name=a\r\n\r\n1\r\n--b--", "a=1;" },
        { TYPE,
          "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.png\"\r\nContent-Type: "
          "image/png\r\n\r\nPNG\r\n--b--",
          "@f=PNG;" },
        { TYPE, "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\r\n\r\n--b--", "@f=;" },
        { TYPE, "--b\r\nContent-Disposition: form-data; filename=\"C:\\x\\\"; name=\"f\"\r\n\r\n1\r\n--b--", "@f=1;" },
        { TYPE, "--b\r\n" FIELD("a\"b") "1\r\n--b--", "a\"b=1;" },
        { "multipart/form-data; charset=utf-8; BOUNDARY=\"a b\"; x=y", "--a b\r\n" FIELD("a") "1\r\n--a b--", "a=1;" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[4096];
        dew_error error;
        int code = read_all(cases[i].type, dew_str_of(cases[i].body), out, &error);
        if (code != 0)
            fail_msg("case %zu: %s", i, error.message);
        assert_string_equal(out, cases[i].wanted);
    }
}

static void values_may_hold_any_byte(void **state)
{
    (void)state;
    static const char body[] = "--b\r\n" FIELD("a") "\0\xff\r\n\r\n\n\r--b\r\n--b--";
    dew_multipart form;
    dew_multipart_part part;
    assert_int_equal(dew_multipart_begin(&form, DEW_S(TYPE), dew_str_make(body, sizeof body - 1), NULL), 0);
    assert_int_equal(dew_multipart_next(&form, &part, NULL), 1);
    assert_int_equal(part.value.len, 11);
    assert_memory_equal(part.value.ptr, "\0\xff\r\n\r\n\n\r--b", 11);
    assert_int_equal(dew_multipart_next(&form, &part, NULL), 0);
    assert_int_equal(dew_multipart_next(&form, &part, NULL), 0);
}

static void what_is_malformed_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body, *part;
    } cases[] = {
        { "multipart/form-data", "--b--", "boundary" },
        { "multipart/form-data; boundary=", "----", "boundary" },
        { "multipart/form-data; boundary=\"b", "--b--", "boundary" },
        { "multipart/form-data; boundary=\"b \"", "--b --", "boundary" },
        { "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x", "",
          "boundary" },
        { TYPE, "", "delimiter" },
        { TYPE, "a=1&b=2", "delimiter" },
        { TYPE, "--b\n" FIELD("a") "1\n--b--", "delimiter" },
        { TYPE, "--b\r\n" FIELD("a") "1", "closing delimiter" },
        { TYPE, "--b\r\n" FIELD("a") "1\r\n--b", "closing delimiter" },
        { TYPE, "--b\r\n" FIELD("a") "1\r\n--b\r\nno header\r\n\r\n2\r\n--b--", "part 2" },
        { TYPE, "--b\r\n\r\n1\r\n--b--", "part 1" },
        { TYPE, "--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--", "part 1" },
        { TYPE, "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--b--", "part 1" },
        { TYPE, "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--", "part 1" },
        { TYPE, "--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--b--", "part 1" },
        { TYPE, "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b--", "part 1" },
        { TYPE, "--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n--b--", "part 1" },
        { TYPE, "--b\r\n Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--", "part 1" },
        { TYPE, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n--b--", "part 1" }, /* no empty line */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[4096];
        dew_error error;
        int code = read_all(cases[i].type, dew_str_of(cases[i].body), out, &error);
        if (code != DEW_E_INVALID || strstr(error.message, cases[i].part) == NULL)
            fail_msg("case %zu: %d, %s", i, code, error.message);
    }
}

static void parts_names_and_headers_are_limited(void **state)
{
    (void)state;
    static char body[200000], out[4096];
    static const char field[] = FIELD("a") "\r\n--b\r\n";
    dew_error error;
    size_t at = (size_t)sprintf(body, "--b\r\n");
    for (int i = 0; i < DEW_MULTIPART_COUNT_MAX; i++)
        at += (size_t)sprintf(body + at, "%s", field);
    dew_multipart form;
    dew_multipart_part part;
    assert_int_equal(dew_multipart_begin(&form, DEW_S(TYPE),
                                         dew_str_make(body, at + (size_t)sprintf(body + at, FIELD("a") "\r\n--b--")),
                                         &error),
                     0);
    for (int i = 0; i < DEW_MULTIPART_COUNT_MAX; i++)
        assert_int_equal(dew_multipart_next(&form, &part, &error), 1);
    assert_int_equal(dew_multipart_next(&form, &part, &error), DEW_E_LIMIT);
    assert_non_null(strstr(error.message, "1000"));

    char name[DEW_MULTIPART_NAME_MAX + 2];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    sprintf(body, "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n1\r\n--b--", name);
    assert_int_equal(read_all(TYPE, dew_str_of(body), out, &error), DEW_E_LIMIT);
    name[sizeof name - 2] = '\0';
    sprintf(body, "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n1\r\n--b--", name);
    assert_int_equal(read_all(TYPE, dew_str_of(body), out, &error), 0);

    at = (size_t)sprintf(body, "--b\r\n");
    for (int i = 0; i < DEW_MULTIPART_HEAD_MAX / 8; i++)
        at += (size_t)sprintf(body + at, "X-A: b\r\n");
    sprintf(body + at, FIELD("a") "1\r\n--b--");
    assert_int_equal(read_all(TYPE, dew_str_of(body), out, &error), DEW_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_parts_in_order),
        cmocka_unit_test(values_may_hold_any_byte),
        cmocka_unit_test(what_is_malformed_is_said),
        cmocka_unit_test(parts_names_and_headers_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
