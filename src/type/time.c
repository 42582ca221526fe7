/* time.c - see time.h. Days are counted in the proleptic Gregorian calendar, from March, so that February's length does
 * not matter (Hinnant, "chrono-compatible low-level date algorithms"). */
#include "type/time.h"

#define SECOND 1000000
#define DAY ((int64_t)86400 * SECOND)
#define DAYS_TO_1970 719468 /* from 0000-03-01 */
#define DAYS_OF_ERA 146097  /* 400 years */

/* `width` digits, zeros first. */
static char *put(char *at, uint32_t number, int width)
{
    for (int i = width; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + width;
}

bool dew_time_write(char dst[DEW_TIME_TEXT_LEN], int64_t time)
{
    if (time < DEW_TIME_MIN || time > DEW_TIME_MAX)
        return false;
    int64_t shifted = time + (DAYS_TO_1970 + DAYS_OF_ERA) * DAY; /* one era more, so that nothing is negative */
    uint32_t day = (uint32_t)(shifted / DAY), seconds = (uint32_t)(shifted % DAY / SECOND);
    uint32_t era = day / DAYS_OF_ERA, of_era = day % DAYS_OF_ERA;
    uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / (DAYS_OF_ERA - 1)) / 365;
    uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month = (5 * of_year + 2) / 153; /* 0 is March */
    uint32_t year = era * 400 + year_of_era - 400 + (month >= 10);

    char *at = put(dst, year, 4);
    *at++ = '-';
    at = put(at, month < 10 ? month + 3 : month - 9, 2);
    *at++ = '-';
    at = put(at, of_year - (153 * month + 2) / 5 + 1, 2);
    *at++ = 'T';
    at = put(at, seconds / 3600, 2);
    *at++ = ':';
    at = put(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put(at, seconds % 60, 2);
    *at++ = '.';
    at = put(at, (uint32_t)(shifted % SECOND), 6);
    *at = 'Z';
    return true;
}

/* `width` digits at text[at], at most `max`; -1 when they are not there. */
static int32_t number(dew_str text, size_t at, size_t width, int32_t max)
{
    int32_t value = 0;
    if (at + width > text.len)
        return -1;
    for (size_t i = at; i < at + width; i++) {
        unsigned digit = (unsigned char)text.ptr[i] - (unsigned)'0';
        if (digit > 9)
            return -1;
        value = value * 10 + (int32_t)digit;
    }
    return value <= max ? value : -1;
}

static int32_t days_of_month(int32_t year, int32_t month)
{
    if (month == 2)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Minutes east of UTC at the end of the text; false when malformed. */
static bool read_offset(dew_str text, size_t at, int32_t *minutes)
{
    *minutes = 0;
    if (text.len == at + 1)
        return text.ptr[at] == 'Z' || text.ptr[at] == 'z';
    int32_t hour = number(text, at + 1, 2, 23), minute = number(text, at + 4, 2, 59);
    if (text.len != at + 6 || text.ptr[at + 3] != ':' || hour < 0 || minute < 0)
        return false;
    *minutes = text.ptr[at] == '-' ? -(hour * 60 + minute) : hour * 60 + minute;
    return text.ptr[at] == '-' || text.ptr[at] == '+';
}

/* The days from 1970-01-01 to the date. */
static int64_t days_from_1970(int32_t year, int32_t month, int32_t day)
{
    int32_t from_march = year + 400 - (month <= 2), era = from_march / 400, of_era = from_march % 400;
    int32_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return (int64_t)(era - 1) * DAYS_OF_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

bool dew_time_read(dew_str text, int64_t *out)
{
    if (text.len < 20)
        return false;
    const char *t = text.ptr;
    int32_t year = number(text, 0, 4, 9999), month = number(text, 5, 2, 12), day = number(text, 8, 2, 31);
    int32_t hour = number(text, 11, 2, 23), minute = number(text, 14, 2, 59), second = number(text, 17, 2, 59);
    if ((year | month | day | hour | minute | second) < 0 || month == 0 || day == 0 ||
        day > days_of_month(year, month) || t[4] != '-' || t[7] != '-' || (t[10] != 'T' && t[10] != 't') ||
        t[13] != ':' || t[16] != ':')
        return false;
    size_t at = 19;
    int32_t fraction = 0, scale = SECOND;
    if (t[at] == '.') {
        for (at++; at < text.len && t[at] >= '0' && t[at] <= '9' && scale > 1; at++) {
            fraction = fraction * 10 + (t[at] - '0');
            scale /= 10;
        }
        if (scale == SECOND || at == text.len)
            return false;
    }
    int32_t offset;
    if (!read_offset(text, at, &offset))
        return false;
    int64_t seconds = (int64_t)hour * 3600 + (minute - offset) * 60 + second;
    int64_t time = days_from_1970(year, month, day) * DAY + seconds * SECOND + (int64_t)fraction * scale;
    if (time < DEW_TIME_MIN || time > DEW_TIME_MAX)
        return false;
    *out = time;
    return true;
}
