/* compress.c - precompression: slow and small, once at build time. The same bytes for the same input: no time stamps. */
#include "embed.h"

#include <stdlib.h>
#include <zlib.h>
#ifdef DEW_EMBED_BROTLI
#include <brotli/encode.h>
#endif
#ifdef DEW_EMBED_ZOPFLI
#include <zopfli/zopfli.h>
#endif

#define ZOPFLI_MAX ((size_t)1 << 20) /* bytes; it takes seconds for each megabyte */

static bytes if_smaller(bytes packed, bytes content)
{
    return packed.len < content.len - content.len / 10 ? packed : (bytes){ 0 };
}

/* `memory` decides where blocks end, each with a code of its own. */
static bytes gzip_with(bytes content, int memory)
{
    z_stream stream = { 0 };
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, memory, Z_DEFAULT_STRATEGY) != Z_OK)
        fail("zlib does not start");
    bytes packed = { .cap = deflateBound(&stream, content.len) + 32 };
    packed.data = must_alloc(packed.cap);
    stream.next_in = content.data;
    stream.avail_in = (uInt)content.len;
    stream.next_out = packed.data;
    stream.avail_out = (uInt)packed.cap;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        fail("zlib does not finish");
    packed.len = stream.total_out;
    deflateEnd(&stream);
    return packed;
}

/* The smallest of what zlib can do. */
static bytes gzip_by_zlib(bytes content)
{
    bytes best = gzip_with(content, 9);
    for (int memory = 8; memory >= 5; memory--) {
        bytes packed = gzip_with(content, memory);
        bool is_smaller = packed.len < best.len;
        free(is_smaller ? best.data : packed.data);
        best = is_smaller ? packed : best;
    }
    return best;
}

/* A twentieth less than zlib's best, and read by the same decoders. */
static bytes gzip_by_zopfli(bytes content)
{
    bytes packed = { 0 };
#ifdef DEW_EMBED_ZOPFLI
    if (content.len > ZOPFLI_MAX)
        return packed;
    ZopfliOptions options;
    ZopfliInitOptions(&options);
    ZopfliCompress(&options, ZOPFLI_FORMAT_GZIP, content.data, content.len, &packed.data, &packed.len);
    packed.cap = packed.len;
#else
    (void)content;
#endif
    return packed;
}

bytes compress_gzip(bytes content)
{
    bytes packed = gzip_by_zopfli(content);
    return if_smaller(packed.len != 0 ? packed : gzip_by_zlib(content), content);
}

bytes compress_brotli(bytes content)
{
#ifdef DEW_EMBED_BROTLI
    bytes packed = { .cap = BrotliEncoderMaxCompressedSize(content.len) + 32 };
    packed.data = must_alloc(packed.cap);
    packed.len = packed.cap;
    if (!BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC, content.len,
                               content.data, &packed.len, packed.data))
        fail("brotli does not finish");
    return if_smaller(packed, content);
#else
    (void)content;
    return (bytes){ 0 };
#endif
}
