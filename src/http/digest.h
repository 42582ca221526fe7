/* digest.h - SHA-1 for the WebSocket handshake, which asks for it (RFC 6455 §1.3), and HMAC-SHA-256 for signed cookies
 * (FIPS 180-4, RFC 2104). The core carries no crypto library; neither is used on secret data of any length, so plain
 * C does. Pure; any thread. */
#ifndef DEW_HTTP_DIGEST_H
#define DEW_HTTP_DIGEST_H

#include <dew/str.h>

#define DEW_SHA1_LEN 20
#define DEW_SHA256_LEN 32

void dew_sha1(dew_str text, uint8_t digest[DEW_SHA1_LEN]);
void dew_sha256(dew_str text, uint8_t digest[DEW_SHA256_LEN]);
void dew_hmac_sha256(dew_str key, dew_str text, uint8_t digest[DEW_SHA256_LEN]);

/* Equal, in a time that does not depend on where they differ. */
bool dew_digest_eq(const void *a, const void *b, size_t len);

#endif
