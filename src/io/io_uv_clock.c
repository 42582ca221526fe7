/* io_uv_clock.c - clock and randomness of the system. Any thread. */
#include "io/clock.h"
#include "io/random.h"

#include <assert.h>
#include <uv.h>

int64_t dew_clock_now_ns(void)
{
    return (int64_t)uv_hrtime();
}

int64_t dew_clock_wall_us(void)
{
    uv_timeval64_t now;
    if (uv_gettimeofday(&now) != 0)
        return 0;
    return now.tv_sec * 1000000 + now.tv_usec;
}

int dew_random_bytes(void *bytes, size_t len)
{
    return uv_random(NULL, NULL, bytes, len, 0, NULL) == 0 ? 0 : DEW_E_IO;
}

uint64_t dew_random_u64(void)
{
    uint64_t number = 0;
    int error = dew_random_bytes(&number, sizeof number);
    assert(error == 0 && "the system has no source of randomness");
    (void)error;
    return number;
}
