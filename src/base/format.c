/* format.c - the printf of the house; see format.h. Bytes go through `sink`, which counts all and keeps what fits. */
#include "base/format.h"

#include "base/copy.h"
#include "base/decimal.h"

struct sink {
    char *dst;
    size_t cap, len;
};

struct spec {
    bool left, zero;
    char sign; /* '+', ' ' or 0: what stands before a number that is not negative */
    int width, precision; /* precision -1: none */
    int size;             /* bytes of an integer argument */
};

static void put(struct sink *sink, const char *text, size_t len)
{
    if (sink->cap - sink->len > len && sink->len < sink->cap) {
        dew_copy_short(sink->dst + sink->len, text, len);
    } else if (sink->len < sink->cap) {
        size_t room = sink->cap - sink->len;
        memcpy(sink->dst + sink->len, text, len < room ? len : room);
    }
    sink->len += len;
}

/* What a format says as it stands, up to a % or the end; returns where that is. Mostly a few bytes. */
static const char *put_plain(struct sink *sink, const char *from)
{
    char *const dst = sink->dst;
    const size_t cap = sink->cap;
    size_t len = sink->len;
    for (; *from != '\0' && *from != '%'; from++, len++)
        if (len < cap)
            dst[len] = *from;
    sink->len = len;
    return from;
}

static void put_many(struct sink *sink, char byte, int count)
{
    for (; count > 0; count--)
        put(sink, &byte, 1);
}

/* sign, then zeros and body, within the width. `zeros`: how many the precision asks for. */
static void put_padded(struct sink *sink, const struct spec *spec, char sign, int zeros, const char *body, size_t len)
{
    int used = (int)len + zeros + (sign != 0);
    int pad = spec->width > used ? spec->width - used : 0;
    if (spec->zero && !spec->left) {
        zeros += pad;
        pad = 0;
    }
    if (!spec->left)
        put_many(sink, ' ', pad);
    if (sign != 0)
        put(sink, &sign, 1);
    put_many(sink, '0', zeros);
    put(sink, body, len);
    if (spec->left)
        put_many(sink, ' ', pad);
}

static void put_integer(struct sink *sink, struct spec *spec, uint64_t value, char sign, unsigned base, char ten)
{
    char text[24]; /* 22 octal digits */
    char *at = text + sizeof text;
#ifndef __wasm__
    if (base == 10 && value != 0) {
        at = text;
        at += sizeof text - dew_format_u64(text, value);
        memmove(at, text, (size_t)(text + sizeof text - at));
        value = 0;
    }
#endif
    for (; value != 0; value /= base) {
        unsigned digit = (unsigned)(value % base);
        *--at = (char)(digit < 10 ? '0' + digit : (unsigned)ten + digit - 10);
    }
    int count = (int)(text + sizeof text - at);
    int least = spec->precision < 0 ? 1 : spec->precision;
    if (spec->precision >= 0)
        spec->zero = false;
    put_padded(sink, spec, sign, least > count ? least - count : 0, at, (size_t)count);
}

/* Digits from `from` up to `to` of d, zeros where it has none. */
static void put_digits(struct sink *sink, const dew_decimal *d, int from, int to)
{
    for (int i = from; i < to; i++) {
        char digit = (char)('0' + (i >= 0 && i < d->count ? d->digits[i] : 0));
        put(sink, &digit, 1);
    }
}

/* Writes the number without sign and padding; with a sink of cap 0 it only measures. */
static void put_decimal(struct sink *sink, const dew_decimal *d, char style, int places)
{
    int point = d->count == 0 ? 1 : d->point;
    if (style == 'f') {
        if (point < 1 || d->count == 0)
            put(sink, "0", 1);
        else
            put_digits(sink, d, 0, point);
        point = d->count == 0 ? 0 : d->point;
    } else {
        put_digits(sink, d, 0, 1);
    }
    int from = style == 'f' ? point : 1;
    if (places > 0) {
        put(sink, ".", 1);
        put_digits(sink, d, from, from + places);
    }
    if (style == 'e') {
        int exponent = point - 1;
        char text[6];
        put(sink, exponent < 0 ? "e-" : "e+", 2);
        exponent = exponent < 0 ? -exponent : exponent;
        if (exponent < 10)
            put(sink, "0", 1);
        put(sink, text, dew_format_u64(text, (uint64_t)exponent));
    }
}

static void put_f64(struct sink *sink, struct spec *spec, double value, char style)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    char sign = bits >> 63 != 0 ? '-' : spec->sign;
    if ((bits >> 52 & 0x7ff) == 0x7ff) {
        spec->zero = false;
        put_padded(sink, spec, sign, 0, value != value ? "nan" : "inf", 3);
        return;
    }
    dew_decimal d;
    int places = spec->precision < 0 ? 6 : spec->precision;
    if (style ==
        'g') { /* C17 §7.21.6.1: e when the exponent is below -4 or not below the precision; no trailing zeros */
        int significant = places == 0 ? 1 : places;
        dew_decimal_from_f64(&d, value, significant, -1);
        while (d.count > 0 && d.digits[d.count - 1] == 0)
            d.count--;
        int exponent = d.count == 0 ? 0 : d.point - 1;
        style = exponent < -4 || exponent >= significant ? 'e' : 'f';
        places = d.count - (style == 'e' ? 1 : exponent + 1);
    } else if (style == 'e') {
        dew_decimal_from_f64(&d, value, places < DEW_DECIMAL_MAX ? places + 1 : DEW_DECIMAL_MAX, -1);
    } else {
        dew_decimal_from_f64(&d, value, -1, places);
    }
    struct sink measure = { 0 };
    put_decimal(&measure, &d, style, places);
    int pad = (size_t)spec->width > measure.len + (sign != 0) ? spec->width - (int)measure.len - (sign != 0) : 0;
    if (!spec->left && !spec->zero)
        put_many(sink, ' ', pad);
    if (sign != 0)
        put(sink, &sign, 1);
    if (!spec->left && spec->zero)
        put_many(sink, '0', pad);
    put_decimal(sink, &d, style, places);
    if (spec->left)
        put_many(sink, ' ', pad);
}

#ifdef __wasm__
/* Set by who formats floating numbers, so that a program that does not has none of the above. */
static void (*format_f64)(struct sink *, struct spec *, double, char);

void dew_format_floats_(void)
{
    format_f64 = put_f64;
}
#else
static void (*const format_f64)(struct sink *, struct spec *, double, char) = put_f64;
#endif

static int read_number(const char **at)
{
    int number = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        number = number < 100000000 ? number * 10 + (**at - '0') : number;
    return number;
}

/* Length modifiers, as the size of the integer they announce. */
static int read_size(const char **at)
{
    switch (*(*at)++) {
    case 'h':
        if (**at != 'h')
            return sizeof(short);
        ++*at;
        return sizeof(char);
    case 'l':
        if (**at != 'l')
            return sizeof(long);
        ++*at;
        return sizeof(long long);
    case 'z':
        return sizeof(size_t);
    case 't':
        return sizeof(ptrdiff_t);
    case 'j':
        return sizeof(intmax_t);
    default:
        --*at;
        return sizeof(int);
    }
}

static void read_flags(const char **at, struct spec *spec)
{
    for (;; ++*at) {
        if (**at == '-')
            spec->left = true;
        else if (**at == '0')
            spec->zero = true;
        else if (**at == '+' || (**at == ' ' && spec->sign == 0))
            spec->sign = **at;
        else if (**at != ' ')
            return;
    }
}

static uint64_t next_unsigned(dew_arguments *arguments, int size)
{
    if (size == 8)
        return va_arg(arguments->list, uint64_t);
    uint32_t value = va_arg(arguments->list, uint32_t);
    return size == 1 ? (uint8_t)value : size == 2 ? (uint16_t)value : value;
}

static int64_t next_signed(dew_arguments *arguments, int size)
{
    uint64_t value = next_unsigned(arguments, size);
    return size == 8 ? (int64_t)value : size == 1 ? (int8_t)value : size == 2 ? (int16_t)value : (int32_t)value;
}

static void put_text(struct sink *sink, struct spec *spec, const char *text)
{
    if (text == NULL)
        text = spec->precision >= 0 && spec->precision < 6 ? "" : "(null)";
    size_t len = 0;
    if (spec->precision < 0)
        len = strlen(text);
    else
        while (len < (size_t)spec->precision && text[len] != '\0')
            len++;
    spec->zero = false;
    put_padded(sink, spec, 0, 0, text, len);
}

/* One conversion; false when the letter is none of ours. */
static bool convert(struct sink *sink, struct spec *spec, char letter, dew_arguments *arguments)
{
    char byte;
    switch (letter) {
    case 'd':
    case 'i': {
        int64_t value = next_signed(arguments, spec->size);
        put_integer(sink, spec, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0 ? '-' : spec->sign, 10,
                    'a');
        return true;
    }
    case 'u':
        put_integer(sink, spec, next_unsigned(arguments, spec->size), 0, 10, 'a');
        return true;
    case 'o':
        put_integer(sink, spec, next_unsigned(arguments, spec->size), 0, 8, 'a');
        return true;
    case 'x':
    case 'X':
        put_integer(sink, spec, next_unsigned(arguments, spec->size), 0, 16, (char)(letter - 'x' + 'a'));
        return true;
    case 'p':
        put(sink, "0x", 2);
        put_integer(sink, spec, (uintptr_t)va_arg(arguments->list, void *), 0, 16, 'a');
        return true;
    case 'c':
        byte = (char)va_arg(arguments->list, int);
        spec->zero = false;
        put_padded(sink, spec, 0, 0, &byte, 1);
        return true;
    case 's':
        put_text(sink, spec, va_arg(arguments->list, const char *));
        return true;
    case 'f':
    case 'e':
    case 'g':
        if (format_f64 == NULL)
            return false;
        format_f64(sink, spec, va_arg(arguments->list, double), letter);
        return true;
    case '%':
        put(sink, "%", 1);
        return true;
    default:
        return false;
    }
}

#ifndef __wasm__
/* Conversions without flags, width and precision, which are most: %d %u %s and %l, %ll, %z before d or u. Returns what
 * follows the conversion; NULL, and nothing done, when it is another. */
static const char *convert_plain(struct sink *sink, const char *at, dew_arguments *arguments)
{
    int size = *at == 'd' || *at == 's' ? (int)sizeof(int) : read_size(&at);
    if (*at == 's' && size == sizeof(int)) {
        const char *text = va_arg(arguments->list, const char *);
        text = text != NULL ? text : "(null)";
        put(sink, text, strlen(text));
        return at + 1;
    }
    if ((*at != 'd' && *at != 'u') || size < (int)sizeof(int))
        return NULL;
    char digits[DEW_FORMAT_I64_MAX];
    const bool fits = sink->len < sink->cap && sink->cap - sink->len >= sizeof digits;
    char *dst = fits ? sink->dst + sink->len : digits;
    size_t len = *at == 'd' ? dew_format_i64(dst, next_signed(arguments, size))
                            : dew_format_u64(dst, next_unsigned(arguments, size));
    if (fits)
        sink->len += len;
    else
        put(sink, digits, len);
    return at + 1;
}
#endif

/* One conversion with all that may stand in it; `start` is at its %. Returns what follows. Apart, so that the common way
 * through dew_vformat keeps a small frame. */
static __attribute__((noinline)) const char *convert_any(struct sink *sink, const char *start, dew_arguments *arguments)
{
    const char *format = start + 1;
    struct spec spec = { .precision = -1 };
    read_flags(&format, &spec);
    if (*format == '*') {
        format++;
        int width = va_arg(arguments->list, int);
        spec.left = spec.left || width < 0;
        spec.width = width < 0 ? (width == INT32_MIN ? 0 : -width) : width;
    } else {
        spec.width = read_number(&format);
    }
    if (*format == '.') {
        format++;
        if (*format == '*') {
            format++;
            spec.precision = va_arg(arguments->list, int);
            spec.precision = spec.precision < 0 ? -1 : spec.precision;
        } else {
            spec.precision = read_number(&format);
        }
    }
    spec.size = read_size(&format);
    if (*format != '\0' && convert(sink, &spec, *format, arguments))
        return format + 1;
    put(sink, start, (size_t)(format - start));
    return format;
}

size_t dew_format_arguments(char *dst, size_t cap, const char *format, dew_arguments *arguments)
{
    struct sink sink = { dst, cap > 0 ? cap - 1 : 0, 0 };
    for (;;) {
        format = put_plain(&sink, format);
        if (*format == '\0')
            break;
#ifndef __wasm__ /* in the browser bytes count more */
        const char *after = convert_plain(&sink, format + 1, arguments);
        if (after != NULL) {
            format = after;
            continue;
        }
#endif
        format = convert_any(&sink, format, arguments);
    }
    if (cap > 0)
        dst[sink.len < cap ? sink.len : cap - 1] = '\0';
    return sink.len;
}

size_t dew_vformat(char *dst, size_t cap, const char *format, va_list args)
{
    dew_arguments arguments;
    va_copy(arguments.list, args);
    size_t len = dew_format_arguments(dst, cap, format, &arguments);
    va_end(arguments.list);
    return len;
}

size_t dew_format(char *dst, size_t cap, const char *format, ...)
{
    dew_arguments arguments;
    va_start(arguments.list, format);
    size_t len = dew_format_arguments(dst, cap, format, &arguments);
    va_end(arguments.list);
    return len;
}
