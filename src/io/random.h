/* random.h - unpredictable bytes, through the door: fit for session ids, tokens and hash keys. Any thread. */
#ifndef DEW_IO_RANDOM_H
#define DEW_IO_RANDOM_H

#include <dew/error.h>

/* Fills `len` bytes. DEW_E_IO when the system has no source of randomness; then nothing may be built on the bytes. */
int dew_random_bytes(void *bytes, size_t len) DEW_MUST_USE;

/* A number, for spreading and for jitter as well as for keys. Asserts that the system has a source of randomness. */
uint64_t dew_random_u64(void);

#endif
