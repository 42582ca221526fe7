/* date.c - see date.h. The calendar is Howard Hinnant's civil_from_days (public algorithm): years start in March, so that
 * the leap day is the last of its year. */
#include "http/date.h"

#include <string.h>

static char *put_digits(char *at, unsigned value, unsigned digits)
{
    for (unsigned i = digits; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + digits;
}

static char *put_name(char *at, const char *names, unsigned index)
{
    memcpy(at, names + 3 * index, 3);
    return at + 3;
}

void dew_http_date_write(char date[DEW_HTTP_DATE_LEN], int64_t unix_s)
{
    int64_t days = unix_s / 86400, second = unix_s % 86400;
    if (second < 0) {
        second += 86400;
        days--;
    }
    int64_t from_era = days + 719468, era = (from_era >= 0 ? from_era : from_era - 146096) / 146097;
    unsigned day_of_era = (unsigned)(from_era - era * 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    unsigned month = month_from_march < 10 ? month_from_march + 2 : month_from_march - 10; /* from 0 */
    unsigned year = (unsigned)(year_of_era + era * 400 + (month <= 1));
    unsigned weekday = (unsigned)(((days + 4) % 7 + 7) % 7);

    char *at = put_name(date, "SunMonTueWedThuFriSat", weekday);
    *at++ = ',';
    *at++ = ' ';
    at = put_digits(at, day, 2);
    *at++ = ' ';
    at = put_name(at, "JanFebMarAprMayJunJulAugSepOctNovDec", month);
    *at++ = ' ';
    at = put_digits(at, year, 4);
    *at++ = ' ';
    at = put_digits(at, (unsigned)(second / 3600), 2);
    *at++ = ':';
    at = put_digits(at, (unsigned)(second / 60 % 60), 2);
    *at++ = ':';
    at = put_digits(at, (unsigned)(second % 60), 2);
    memcpy(at, " GMT", 4);
}
