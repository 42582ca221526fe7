/* number.c - numbers as text and back, as JSON and ECMAScript write them. See format.h. Pure; native and wasm32. */
#include "base/decimal.h"
#include "base/format.h"

#define MAX_EXPONENT 100000 /* any exponent past it is zero or infinity, whatever the digits */

#ifdef __wasm__
/* In the browser bytes count more. */
size_t dew_format_u64(char *dst, uint64_t value)
{
    size_t len = 1;
    for (uint64_t rest = value; rest >= 10; rest /= 10)
        len++;
    for (size_t i = len; i-- > 0; value /= 10)
        dst[i] = (char)('0' + value % 10);
    return len;
}
#else
/* Two digits, 00 to 99. */
static void put_pair(char *dst, uint32_t pair)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
        "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    memcpy(dst, pairs + 2 * pair, 2);
}

/* One to four digits: what most numbers of a page have. */
static inline size_t put_small(char *dst, uint32_t value)
{
    uint32_t high = value / 100, low = value % 100;
    if (high >= 10) {
        put_pair(dst, high);
        put_pair(dst + 2, low);
        return 4;
    }
    if (high > 0) {
        dst[0] = (char)('0' + high);
        put_pair(dst + 1, low);
        return 3;
    }
    if (low >= 10) {
        put_pair(dst, low);
        return 2;
    }
    dst[0] = (char)('0' + low);
    return 1;
}

static char *put_four(char *dst, uint32_t value)
{
    put_pair(dst, value / 100);
    put_pair(dst + 2, value % 100);
    return dst + 4;
}

/* Nine digits and more. Apart, so that the others need no stack. */
static __attribute__((noinline)) size_t format_large(char *dst, uint64_t value)
{
    size_t len = dew_format_u64(dst, value / 100000000); /* large again at most once */
    uint32_t rest = (uint32_t)(value % 100000000);
    put_four(put_four(dst + len, rest / 10000), rest % 10000);
    return len + 8;
}

size_t dew_format_u64(char *dst, uint64_t value)
{
    if (value < 10000)
        return put_small(dst, (uint32_t)value);
    if (value < 100000000) {
        size_t len = put_small(dst, (uint32_t)value / 10000);
        put_four(dst + len, (uint32_t)value % 10000);
        return len + 4;
    }
    return format_large(dst, value);
}
#endif

size_t dew_format_i64(char *dst, int64_t value)
{
    if (value >= 0)
        return dew_format_u64(dst, (uint64_t)value);
    *dst = '-';
    return 1 + dew_format_u64(dst + 1, 0 - (uint64_t)value);
}

/* ECMA-262 §6.1.6.1.20: where the point stands, or an exponent, for 0.d₁d₂…dₙ × 10^point. */
static size_t lay_out(char *dst, const char *digits, int count, int point)
{
    char *at = dst;
    if (point > 21 || point <= -6) {
        *at++ = digits[0];
        if (count > 1) {
            *at++ = '.';
            memcpy(at, digits + 1, (size_t)count - 1);
            at += count - 1;
        }
        *at++ = 'e';
        *at++ = point > 0 ? '+' : '-';
        return (size_t)(at - dst) + dew_format_u64(at, (uint64_t)(point > 0 ? point - 1 : 1 - point));
    }
    for (int i = point < 1 ? point - 1 : 0; i < (count > point ? count : point); i++) {
        if (i == point)
            *at++ = '.';
        *at++ = i < 0 || i >= count ? '0' : digits[i];
    }
    return (size_t)(at - dst);
}

/* The common case: at most 15 digits, shown by value · 10^k for some k. Two decimals of 15 digits never round to the
 * same double, so the first k that reads back gives the shortest text. 0: not such a number. The value is no integer. */
static size_t format_short(char *dst, double value)
{
    double power = 10; /* exact: at most 10^21 */
    for (int k = 1; k <= 21 && value * power < 1e15; k++, power *= 10) {
        uint64_t digits = (uint64_t)(value * power + 0.5);
        if ((double)digits / power == value) {
            char text[DEW_FORMAT_I64_MAX];
            int count = (int)dew_format_u64(text, digits);
            return lay_out(dst, text, count, count - k);
        }
    }
    return 0;
}

static bool is_power_of_two(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits << 12 == 0;
}

/* Adds one to the last digit. */
static void decimal_next(dew_decimal *d)
{
    while (d->count > 0 && d->digits[d->count - 1] == 9)
        d->count--;
    if (d->count == 0) {
        d->digits[d->count++] = 0;
        d->point++;
    }
    d->digits[d->count - 1]++;
}

/* Tries 15, 16, 17 digits; below the normal numbers precision is less, and fewer may do. */
static size_t format_long(char *dst, double value)
{
    dew_decimal d;
    for (int digits = value < 0x1p-1022 ? 1 : 15;; digits++) {
        dew_decimal_from_f64(&d, value, digits, -1);
        if (digits >= 17 || dew_decimal_to_f64(&d) == value)
            break;
        /* at a power of two the gap above is twice the gap below: the farther decimal may read back, the nearer not */
        if (!is_power_of_two(value))
            continue;
        while (d.count < digits)
            d.digits[d.count++] = 0;
        decimal_next(&d);
        if (dew_decimal_to_f64(&d) == value)
            break;
    }
    while (d.digits[d.count - 1] == 0)
        d.count--;
    for (int i = 0; i < d.count; i++)
        d.digits[i] = (char)(d.digits[i] + '0');
    return lay_out(dst, d.digits, d.count, d.point);
}

size_t dew_format_f64(char *dst, double value)
{
    if (value != value) {
        memcpy(dst, "NaN", 3);
        return 3;
    }
    size_t sign = value < 0;
    if (sign) {
        *dst++ = '-';
        value = -value;
    }
    if (value > 0x1.fffffffffffffp1023) {
        memcpy(dst, "Infinity", 8);
        return sign + 8;
    }
    if (value < 0x1p53 && value == (double)(uint64_t)value)
        return sign + dew_format_u64(dst, (uint64_t)value);
    size_t len = format_short(dst, value);
    return sign + (len != 0 ? len : format_long(dst, value));
}

bool dew_parse_i64(dew_str text, int64_t *out)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    size_t at = negative;
    if (text.len == at || text.len - at > 19 || (text.ptr[at] == '0' && text.len > 1))
        return false;
    uint64_t value = 0; /* 19 digits fit */
    for (; at < text.len; at++) {
        unsigned digit = (unsigned char)text.ptr[at] - (unsigned)'0';
        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    if (value > (uint64_t)INT64_MAX + negative)
        return false;
    *out = (int64_t)(negative ? 0 - value : value);
    return true;
}

/* One digit more of the number: `exponent` counts what the point has to move. */
static void add_digit(dew_decimal *d, int digit)
{
    if (d->count < DEW_DECIMAL_MAX)
        d->digits[d->count++] = (char)digit;
    else if (digit != 0)
        d->digits[DEW_DECIMAL_MAX] = 1; /* something follows */
}

/* Digits of the integer part (or, with `fraction`, after the point) into d; false when there is none. */
static bool read_digits(const char **at, const char *end, dew_decimal *d, bool fraction)
{
    const char *first = *at;
    for (; *at < end; ++*at) {
        unsigned digit = (unsigned char)**at - (unsigned)'0';
        if (digit > 9)
            break;
        if (d->count == 0 && digit == 0) {
            d->point -= fraction;
            continue;
        }
        d->point += !fraction;
        add_digit(d, (int)digit);
    }
    return *at > first;
}

bool dew_parse_f64(dew_str text, double *out)
{
    if (text.len == 0)
        return false;
    const char *at = text.ptr, *end = text.ptr + text.len;
    bool negative = *at == '-';
    at += negative;
    dew_decimal d;
    d.count = d.point = 0;
    d.digits[DEW_DECIMAL_MAX] = 0;
    const char *first = at;
    if (!read_digits(&at, end, &d, false) || (*first == '0' && at > first + 1))
        return false;
    if (at < end && *at == '.') {
        at++;
        if (!read_digits(&at, end, &d, true))
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        bool down = at < end && *at == '-';
        at += at < end && (*at == '-' || *at == '+');
        int exponent = 0;
        const char *exponent_at = at;
        for (; at < end && *at >= '0' && *at <= '9'; at++)
            exponent = exponent < MAX_EXPONENT ? exponent * 10 + (*at - '0') : exponent;
        if (at == exponent_at)
            return false;
        d.point += down ? -exponent : exponent;
    }
    if (at != end)
        return false;
    if (d.count == DEW_DECIMAL_MAX && d.digits[DEW_DECIMAL_MAX] != 0)
        d.count++;
    double value = dew_decimal_to_f64(&d);
    if (value > 0x1.fffffffffffffp1023)
        return false;
    *out = negative ? -value : value;
    return true;
}
