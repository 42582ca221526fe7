/* ws_test.c - the WebSocket codec: handshake, messages whole and in pieces, control frames, and every refusal. */
#include "http/ws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MESSAGE_MAX 70000

/* A client's frame, masked; `first` is byte 0. */
static size_t client_frame(char *out, uint8_t first, const char *payload, size_t len)
{
    static const uint8_t mask[4] = { 0x12, 0xff, 0x00, 0xa5 };
    size_t at = dew_ws_head_write(out, DEW_WS_TEXT, len);
    out[0] = (char)first;
    out[1] = (char)(out[1] | 0x80);
    memcpy(out + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < len; i++)
        out[at + i] = (char)(payload[i] ^ mask[i & 3]);
    return at + len;
}

typedef struct seen {
    char log[1024]; /* "1:text 9:ping 8[1000]:bye " */
    size_t len;
    uint16_t fault;
} seen;

/* Decodes in pieces of `piece` bytes, writing down what comes. */
static void decode(seen *s, const char *bytes, size_t len, size_t piece, size_t max)
{
    dew_ws_decoder decoder;
    *s = (seen){ 0 };
    dew_ws_decoder_init(&decoder, max);
    for (size_t at = 0; at < len && s->fault == 0;) {
        size_t end = at + piece < len ? at + piece : len, used;
        char *copy = malloc(end - at);
        assert_non_null(copy);
        memcpy(copy, bytes + at, end - at);
        dew_ws_event event;
        dew_ws_progress progress = dew_ws_decode(&decoder, copy, end - at, &used, &event);
        free(copy);
        if (progress == DEW_WS_EVENT && event.payload.len < 100) {
            s->log[s->len++] = "0123456789a"[event.opcode];
            s->log[s->len++] = ':';
            memcpy(s->log + s->len, event.payload.ptr, event.payload.len);
            s->len += event.payload.len;
            s->log[s->len++] = ' ';
        } else if (progress == DEW_WS_FAULT) {
            s->fault = decoder.fault_code;
            assert_true(*dew_ws_fault_text(&decoder) != '\0');
            assert_int_equal(dew_ws_decode(&decoder, bytes, len, &used, &event), DEW_WS_FAULT);
        }
        at += used;
        if (progress == DEW_WS_EVENT)
            dew_ws_decoder_trim(&decoder);
    }
    dew_ws_decoder_dispose(&decoder);
}

static void accepts_the_key_of_the_rfc(void **state)
{
    (void)state;
    char accept[DEW_WS_ACCEPT_LEN];
    dew_ws_accept(DEW_S("dGhlIHNhbXBsZSBub25jZQ=="), accept);
    assert_memory_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", sizeof accept);
    assert_true(dew_ws_is_key(DEW_S("dGhlIHNhbXBsZSBub25jZQ==")));
    assert_false(dew_ws_is_key(DEW_S("dGhlIHNhbXBsZSBub25jZQ")));
    assert_false(dew_ws_is_key(DEW_S("dGhlIHNhbXBsZSBub25jZWVl")));
    assert_false(dew_ws_is_key(DEW_S("")));
}

static void reads_messages_however_they_are_cut(void **state)
{
    (void)state;
    char bytes[512];
    size_t len = 0;
    len += client_frame(bytes + len, 0x81, "hello", 5);
    len += client_frame(bytes + len, 0x01, "frag", 4);
    len += client_frame(bytes + len, 0x89, "p", 1);
    len += client_frame(bytes + len, 0x00, "", 0);
    len += client_frame(bytes + len, 0x8a, "", 0);
    len += client_frame(bytes + len, 0x80, "ment", 4);
    len += client_frame(bytes + len, 0x82, "\xff\xfe", 2);
    len += client_frame(bytes + len, 0x81, "", 0);
    len += client_frame(bytes + len, 0x01, "\xc3", 1);
    len += client_frame(bytes + len, 0x80, "\xa4", 1);
    len += client_frame(bytes + len, 0x88,
                        "\x03\xe8"
                        "bye",
                        5);
    static const char wanted[] = "1:hello 9:p a: 1:fragment 2:\xff\xfe 1: 1:\xc3\xa4 8:bye ";
    for (size_t piece = 1; piece <= len; piece++) {
        seen s;
        decode(&s, bytes, len, piece, MESSAGE_MAX);
        assert_int_equal(s.fault, 0);
        assert_int_equal(s.len, sizeof wanted - 1);
        assert_memory_equal(s.log, wanted, s.len);
    }
}

static void reads_each_form_of_length(void **state)
{
    (void)state;
    static const size_t lens[] = { 0, 1, 125, 126, 127, 65535, 65536, MESSAGE_MAX };
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        char *payload = malloc(lens[i] + 1), *frame = malloc(lens[i] + DEW_WS_CLIENT_HEAD_MAX);
        assert_true(payload != NULL && frame != NULL);
        for (size_t k = 0; k < lens[i]; k++)
            payload[k] = (char)('a' + k % 26);
        size_t len = client_frame(frame, 0x82, payload, lens[i]), used;
        dew_ws_decoder decoder;
        dew_ws_event event;
        dew_ws_decoder_init(&decoder, MESSAGE_MAX);
        assert_int_equal(dew_ws_decode(&decoder, frame, len, &used, &event), DEW_WS_EVENT);
        assert_int_equal(used, len);
        assert_int_equal(event.payload.len, lens[i]);
        if (lens[i] != 0)
            assert_memory_equal(event.payload.ptr, payload, lens[i]);
        dew_ws_decoder_trim(&decoder);
        assert_null(decoder.held.ptr);
        dew_blob *blob = dew_ws_frame_create(DEW_WS_BINARY, dew_str_make(payload, lens[i]));
        assert_non_null(blob);
        assert_int_equal(blob->len, len - 4);
        assert_memory_equal(blob->data + blob->len - lens[i], payload, lens[i]);
        dew_blob_unref(blob);
        free(payload);
        free(frame);
    }
}

static void refuses_what_breaks_the_protocol(void **state)
{
    (void)state;
    static const struct {
        dew_str bytes;
        uint16_t code;
    } cases[] = {
        { DEW_S_INIT("\xc1\x80"), 1002 },                             /* RSV1: no extension was agreed */
        { DEW_S_INIT("\xa1\x80"), 1002 },                             /* RSV2 */
        { DEW_S_INIT("\x91\x80"), 1002 },                             /* RSV3 */
        { DEW_S_INIT("\x83\x80"), 1002 },                             /* reserved data opcode */
        { DEW_S_INIT("\x8b\x80"), 1002 },                             /* reserved control opcode */
        { DEW_S_INIT("\x81\x01"), 1002 },                             /* not masked */
        { DEW_S_INIT("\x09\x80"), 1002 },                             /* fragmented ping */
        { DEW_S_INIT("\x89\xfe"), 1002 },                             /* long ping */
        { DEW_S_INIT("\x80\x80"), 1002 },                             /* continuation of nothing */
        { DEW_S_INIT("\x01\x80\0\0\0\0\x81\x80"), 1002 },             /* start within a message */
        { DEW_S_INIT("\x81\xfe\0\x7d\0\0\0\0"), 1002 },               /* 125 in two bytes */
        { DEW_S_INIT("\x81\xff\0\0\0\0\0\0\xff\xff\0\0\0\0"), 1002 }, /* 65535 in eight */
        { DEW_S_INIT("\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0"), 1002 },   /* top bit */
        { DEW_S_INIT("\x88\x81\0\0\0\0a"), 1002 },                    /* close with half a code */
        { DEW_S_INIT("\x88\x82\0\0\0\0\x03\xe7"), 1002 },             /* 999 */
        { DEW_S_INIT("\x88\x82\0\0\0\0\x03\xec"), 1002 },             /* 1004 */
        { DEW_S_INIT("\x88\x82\0\0\0\0\x03\xed"), 1002 },             /* 1005 may not be sent */
        { DEW_S_INIT("\x88\x82\0\0\0\0\x03\xee"), 1002 },             /* 1006 */
        { DEW_S_INIT("\x88\x82\0\0\0\0\x13\x88"), 1002 },             /* 5000 */
        { DEW_S_INIT("\x88\x83\0\0\0\0\x03\xe8\xff"), 1007 },         /* reason is not UTF-8 */
        { DEW_S_INIT("\x81\x81\0\0\0\0\xff"), 1007 },
        { DEW_S_INIT("\x81\x81\0\0\0\0\xc3"), 1007 },
        { DEW_S_INIT("\x81\x8b\0\0\0\0"), 1009 }, /* told by the header alone */
        { DEW_S_INIT("\x01\x86\0\0\0\0abcdef\x80\x85\0\0\0\0"), 1009 },
        { DEW_S_INIT("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"), 1009 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece < 40; piece += 38) {
            seen s;
            decode(&s, cases[i].bytes.ptr, cases[i].bytes.len, piece, 10);
            if (s.fault != cases[i].code)
                fail_msg("case %zu: %d", i, s.fault);
        }
}

static void writes_close_frames(void **state)
{
    (void)state;
    char frame[2 + DEW_WS_CONTROL_MAX], reason[200];
    assert_int_equal(dew_ws_close_write(frame, DEW_WS_NO_CODE, DEW_S("x")), 2);
    assert_memory_equal(frame, "\x88\x00", 2);
    assert_int_equal(dew_ws_close_write(frame, 1001, DEW_S("bye")), 7);
    assert_memory_equal(frame,
                        "\x88\x05\x03\xe9"
                        "bye",
                        7);
    for (size_t i = 0; i < sizeof reason; i += 2)
        memcpy(reason + i, "\xc3\xa4", 2);
    assert_int_equal(dew_ws_close_write(frame, 1001, dew_str_make(reason, sizeof reason)), 2 + 2 + 122);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_key_of_the_rfc), cmocka_unit_test(reads_messages_however_they_are_cut),
        cmocka_unit_test(reads_each_form_of_length),  cmocka_unit_test(refuses_what_breaks_the_protocol),
        cmocka_unit_test(writes_close_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
