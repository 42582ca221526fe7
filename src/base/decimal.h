/* decimal.h - doubles and their decimal digits, exactly: what format.c and number.c stand on.
 *
 * A small big-number arithmetic instead of tables of powers of ten: this code is part of every browser program, where
 * bytes count; the common cases take the short ways described in decimal.c. Pure; any thread; native and wasm32. */
#ifndef DEW_BASE_DECIMAL_H
#define DEW_BASE_DECIMAL_H

#include <dew/str.h>

/* No double has more significant digits than 767; one more says whether anything follows. */
#define DEW_DECIMAL_MAX 768

/* 0.d₁d₂…dₙ × 10^point. Digits are values 0 to 9, the first is not 0; count 0 is the number zero. */
typedef struct dew_decimal {
    int count, point;
    char digits[DEW_DECIMAL_MAX + 16];
} dew_decimal;

/* The digits of a finite |value|, rounded half to even: `significant` of them, or as many as stand before `fraction`
 * places after the point; the other argument is -1. Trailing zeros may be left out. */
void dew_decimal_from_f64(dew_decimal *out, double value, int significant, int fraction);

/* The double nearest to the decimal (ties to even); infinity when it overflows. */
double dew_decimal_to_f64(const dew_decimal *decimal);

#endif
