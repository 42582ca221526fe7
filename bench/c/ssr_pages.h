/* ssr_pages.h - what bench/c/ssr.c renders; bench/peers/ssr.mjs renders the same with other libraries. */
#ifndef DEW_BENCH_SSR_PAGES_H
#define DEW_BENCH_SSR_PAGES_H

typedef struct item {
    int id, price, qty;
    char title[128];
} item;

void list_page(const item *items, int count);
void table_page(const item *items, int count);

#endif
