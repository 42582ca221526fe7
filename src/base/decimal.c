/* decimal.c - see decimal.h.
 *
 * double → decimal: value = m·2^e. The integer part m·2^e gives its digits by dividing by 10^9, the fraction by
 * multiplying with 10^9 and taking what overflows. When m·2^e spreads over 64 bits only, two machine words do it.
 * decimal → double: digits·10^k with digits < 2^53 and |k| ≤ 22 is one exact multiplication or division (Clinger, "How
 * to read floating point numbers accurately", 1990). Otherwise both sides of the fraction become big numbers, and long
 * division gives 64 quotient bits and "anything left": enough to round correctly.
 *
 * Invariant of `big`: words[count - 1] != 0, or count == 0; bits of a number never pass BIG_WORDS * 32: the largest is
 * 10^(768 + 344) times 2^64 at the division. */
#include "base/decimal.h"

#include <assert.h>

#define BIG_WORDS 122
#define TEN_9 1000000000u

struct big {
    int count;
    uint32_t words[BIG_WORDS]; /* least significant first */
};

static void big_trim(struct big *b)
{
    while (b->count > 0 && b->words[b->count - 1] == 0)
        b->count--;
}

static void big_mul_add(struct big *b, uint32_t factor, uint32_t carry)
{
    for (int i = 0; i < b->count; i++) {
        uint64_t product = (uint64_t)b->words[i] * factor + carry;
        b->words[i] = (uint32_t)product;
        carry = (uint32_t)(product >> 32);
    }
    if (carry != 0) {
        assert(b->count < BIG_WORDS);
        b->words[b->count++] = carry;
    }
}

static void big_mul_ten(struct big *b, int power)
{
    for (; power >= 9; power -= 9)
        big_mul_add(b, TEN_9, 0);
    while (power-- > 0)
        big_mul_add(b, 10, 0);
}

/* Divides in place; returns the remainder. */
static uint32_t big_div(struct big *b, uint32_t divisor)
{
    uint64_t rest = 0;
    for (int i = b->count; i-- > 0;) {
        rest = rest << 32 | b->words[i];
        b->words[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    big_trim(b);
    return (uint32_t)rest;
}

static void big_shift_left(struct big *b, int bits)
{
    int words = bits / 32, count = b->count;
    assert(count + words < BIG_WORDS);
    b->words[count] = 0;
    for (int i = count; i >= 0; i--) { /* from the top, so that it may be done in place */
        uint64_t pair = (uint64_t)b->words[i] << 32 | (i > 0 ? b->words[i - 1] : 0);
        b->words[i + words] = (uint32_t)(pair >> (32 - bits % 32));
    }
    for (int i = 0; i < words; i++)
        b->words[i] = 0;
    b->count = count + words + 1;
    big_trim(b);
}

static int big_bits(const struct big *b)
{
    return b->count == 0 ? 0 : b->count * 32 - __builtin_clz(b->words[b->count - 1]);
}

static int big_compare(const struct big *a, const struct big *b)
{
    if (a->count != b->count)
        return a->count - b->count;
    for (int i = a->count; i-- > 0;)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i] ? -1 : 1;
    return 0;
}

/* a -= b, for a >= b. */
static void big_subtract(struct big *a, const struct big *b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < a->count; i++) {
        uint64_t difference = (uint64_t)a->words[i] - (i < b->count ? b->words[i] : 0) - borrow;
        a->words[i] = (uint32_t)difference;
        borrow = difference >> 63;
    }
    big_trim(a);
}

static void big_set(struct big *b, uint64_t value)
{
    b->words[0] = (uint32_t)value;
    b->words[1] = (uint32_t)(value >> 32);
    b->count = 2;
    big_trim(b);
}

/* ---- double → decimal ---- */

/* What is left to write of a fraction: `big` over 2^bits, or, while bits <= 60, `small` over 2^bits. */
struct fraction {
    uint64_t small;
    int bits;
    struct big big;
};

/* Appends `width` digits; leading zeros of the number only move the point. */
static void append(dew_decimal *out, uint32_t group, int width)
{
    char text[9];
    for (int i = width; i-- > 0; group /= 10)
        text[i] = (char)(group % 10);
    for (int i = 0; i < width; i++) {
        if (out->count == 0 && text[i] == 0)
            out->point--;
        else if (out->count < DEW_DECIMAL_MAX + 16)
            out->digits[out->count++] = text[i];
    }
}

static bool fraction_is_zero(const struct fraction *f)
{
    return f->bits <= 60 ? f->small == 0 : f->big.count == 0;
}

/* The next digits of the fraction: one of a small one, nine of a big one. */
static void fraction_next(struct fraction *f, dew_decimal *out)
{
    if (f->bits <= 60) {
        f->small *= 10;
        append(out, (uint32_t)(f->small >> f->bits), 1);
        f->small &= ((uint64_t)1 << f->bits) - 1;
        return;
    }
    big_mul_add(&f->big, TEN_9, 0);
    /* the integer part is what stands at and above bit `bits`: at most 30 bits, in one or two words */
    int word = f->bits / 32, shift = f->bits % 32;
    uint64_t top = 0;
    for (int i = f->big.count; i-- > word;)
        top = top << 32 | f->big.words[i];
    if (f->big.count > word) {
        f->big.words[word] &= ((uint32_t)1 << shift) - 1;
        f->big.count = word + 1;
        big_trim(&f->big);
    }
    append(out, (uint32_t)(top >> shift), 9);
}

static void append_integer(dew_decimal *out, struct big *integer)
{
    uint32_t groups[40];
    int count = 0;
    while (integer->count > 0)
        groups[count++] = big_div(integer, TEN_9);
    out->point = 9 * count;
    while (count > 0)
        append(out, groups[--count], 9);
}

/* Cuts to `keep` digits, half to even; `more`: not all digits are there. */
static void round_at(dew_decimal *out, int keep, bool more)
{
    if (keep < 0)
        out->count = 0;
    if (keep < 0 || keep >= out->count)
        return;
    int next = out->digits[keep];
    for (int i = keep + 1; i < out->count && !more; i++)
        more = out->digits[i] != 0;
    bool up = next > 5 || (next == 5 && (more || (keep > 0 && out->digits[keep - 1] % 2 != 0)));
    out->count = keep;
    if (!up)
        return;
    while (out->count > 0 && out->digits[out->count - 1] == 9)
        out->count--;
    if (out->count == 0) {
        out->digits[out->count++] = 1;
        out->point++;
    } else {
        out->digits[out->count - 1]++;
    }
}

void dew_decimal_from_f64(dew_decimal *out, double value, int significant, int fraction)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7ff);
    uint64_t mantissa = bits & (((uint64_t)1 << 52) - 1);
    if (exponent != 0)
        mantissa |= (uint64_t)1 << 52;
    else
        exponent = 1;
    exponent -= 1075; /* value = mantissa · 2^exponent */

    struct big integer;
    struct fraction rest;
    rest.bits = rest.big.count = 0;
    rest.small = 0;
    big_set(&integer, exponent >= 0 ? mantissa : exponent > -64 ? mantissa >> -exponent : 0);
    if (exponent > 0) {
        big_shift_left(&integer, exponent);
    } else if (exponent >= -60) {
        rest.bits = -exponent;
        rest.small = mantissa & (((uint64_t)1 << rest.bits) - 1);
    } else {
        rest.bits = -exponent; /* no integer part: mantissa < 2^53 */
        big_set(&rest.big, mantissa);
    }
    out->count = out->point = 0;
    append_integer(out, &integer);
    for (;;) {
        int keep = significant >= 0 ? significant : out->point + fraction;
        if (fraction_is_zero(&rest) || (out->count > 0 && out->count > keep) || (out->count == 0 && keep < -9)) {
            round_at(out, keep, !fraction_is_zero(&rest));
            return;
        }
        fraction_next(&rest, out);
    }
}

/* ---- decimal → double ---- */

static double power_of_ten(int power)
{
    double result = 1; /* exact up to 10^22 */
    while (power-- > 0)
        result *= 10;
    return result;
}

/* quotient · 2^exponent, `more`: something positive besides; rounds to 53 bits, or fewer below 2^-1022. */
static double assemble(uint64_t quotient, int exponent, bool more)
{
    int shift = __builtin_clzll(quotient);
    quotient <<= shift; /* the top bit stands at 63 */
    exponent -= shift;
    int drop = 11;
    if (exponent + drop < -1074)
        drop = -1074 - exponent;
    if (drop > 64)
        return 0;
    uint64_t kept = drop == 64 ? 0 : quotient >> drop;
    uint64_t cut = drop == 64 ? quotient : quotient << (64 - drop);
    uint64_t half = (uint64_t)1 << 63;
    if (cut > half || (cut == half && (more || (kept & 1) != 0)))
        kept++;
    /* kept counts units of 2^(exponent + drop); adding 1 to the exponent field and the implicit bit are the same sum */
    uint64_t field = (uint64_t)(exponent + drop + 1074);
    uint64_t bits = kept + (field << 52);
    if (bits >= (uint64_t)0x7ff << 52)
        bits = (uint64_t)0x7ff << 52;
    double result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

static double to_f64_slow(const dew_decimal *decimal)
{
    struct big above = { 0 }, below;
    int power = decimal->point - decimal->count; /* value = above · 10^power */
    for (int i = 0; i < decimal->count; i++)
        big_mul_add(&above, 10, (uint32_t)decimal->digits[i]);
    big_set(&below, 1);
    big_mul_ten(power >= 0 ? &above : &below, power >= 0 ? power : -power);

    /* scale so that 2^63 <= above / below < 2^65, then take the quotient's bits from the top */
    int scale = big_bits(&below) + 64 - big_bits(&above);
    big_shift_left(scale > 0 ? &above : &below, scale > 0 ? scale : -scale);
    uint64_t quotient = 0;
    struct big part = below;
    big_shift_left(&part, 64);
    for (int i = 0; i <= 64; i++) {
        if (quotient >> 63 != 0) { /* 64 bits are there: what remains is `more` */
            scale--;
            break;
        }
        quotient <<= 1;
        if (big_compare(&above, &part) >= 0) {
            big_subtract(&above, &part);
            quotient |= 1;
        }
        big_shift_left(&above, 1);
    }
    return assemble(quotient, -scale, above.count != 0);
}

double dew_decimal_to_f64(const dew_decimal *decimal)
{
    if (decimal->count == 0 || decimal->point < -330)
        return 0;
    if (decimal->point > 310)
        return __builtin_inf();
    int power = decimal->point - decimal->count;
    if (decimal->count <= 15 && power >= -22 && power <= 22) {
        uint64_t digits = 0;
        for (int i = 0; i < decimal->count; i++)
            digits = digits * 10 + (uint64_t)decimal->digits[i];
        return power < 0 ? (double)digits / power_of_ten(-power) : (double)digits * power_of_ten(power);
    }
    return to_f64_slow(decimal);
}
