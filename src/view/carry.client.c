/* carry.client.c - see carry.h. */
#include "view/carry.h"

#ifdef DEW_DEVELOPMENT

#include "base/hash.h"
#include "view/tree_internal.h"

#include <dew/state.h>

#include <stdlib.h>

#define NAME_MAX_ 256
#define LINES_MAX 10000

/* One line. Borrows from the text. */
typedef struct line {
    dew_str name, bytes; /* bytes: as digits */
    uint64_t way;
    bool is_taken;
} line;

static struct {
    char *text; /* NULL: nothing is on its way */
    line *lines;
    size_t count;
} carried;

/* ---- names ---- */

static uint64_t mix_text(uint64_t hash, dew_str text)
{
    return dew_hash_mix(hash, dew_xxh32(text.ptr, text.len, 7));
}

/* Which of the siblings with its tag an element is. */
static uint64_t order_of(const node *nodes, uint32_t parent, uint32_t element)
{
    uint64_t order = 0;
    for (uint32_t sibling = parent + 1; sibling < element; sibling += nodes[sibling].size)
        order += nodes[sibling].tag == nodes[element].tag;
    return order;
}

/* As way_here (place.client.c), but of names: addresses are others in the next program. */
uint64_t dew_carry_way(const dew_place *parent, dew_key key)
{
    const node *const nodes = dew_view.building->nodes;
    uint64_t hash = dew_hash_mix(parent->carry_way, (uint64_t)key.kind);
    hash = key.kind == DEW_KEY_TEXT_ ? mix_text(hash, key.text) : dew_hash_mix(hash, (uint64_t)key.number);
    for (uint32_t at = dew_view.open; at > parent->element; at = nodes[at].size) {
        const node *n = &nodes[at];
        hash = mix_text(hash, dew_str_of(n->tag));
        if (n->flags & KEY_TEXT)
            hash = mix_text(hash, *(const dew_str *)(uintptr_t)(uint32_t)n->key);
        else
            hash = dew_hash_mix(hash, n->flags & KEY_NUMBER ? (uint64_t)n->key : order_of(nodes, n->size, at));
    }
    return hash;
}

static dew_str name_of(const dew_place *place, size_t size, char out[NAME_MAX_])
{
    const dew_carry_site *site = place->site;
    dew_buf name = { .ptr = out, .cap = NAME_MAX_, .max = NAME_MAX_ };
    dew_buf_putf(&name, "%s/%s/%zu", site->function, site->type, site->is_text ? 0 : size);
    for (size_t i = 0; i < name.len; i++)
        if (out[i] == ' ') /* "struct point" */
            out[i] = '_';
    return name.error == 0 ? dew_buf_str(&name) : dew_str_make(NULL, 0);
}

static uint64_t way_of(const dew_place *place)
{
    return dew_hash_mix(place->carry_way, place->ordinal);
}

/* ---- giving ---- */

/* Might a word of it be an address of this program's? Below the heap's end, above the stack. Numbers alone are none. */
static bool has_address(const dew_place *place, dew_str bytes)
{
    const dew_carry_site *site = place->site;
    if (site->is_text || site->is_number)
        return false;
    for (size_t at = 0; at + sizeof(uint32_t) <= bytes.len; at += sizeof(uint32_t)) {
        uint32_t word;
        memcpy(&word, bytes.ptr + at, sizeof word);
        if (word >= 1024 && word < __builtin_wasm_memory_size(0) * 65536u)
            return true;
    }
    return false;
}

static void give_one(const dew_place *place, dew_buf *out)
{
    static const char digits[] = "0123456789abcdef";
    char room[NAME_MAX_];
    dew_str bytes = place->kind->carry->give(place), name = name_of(place, bytes.len, room);
    if (name.len == 0 || has_address(place, bytes))
        return;
    dew_buf_put_str(out, name);
    dew_buf_put_char(out, ' ');
    uint64_t way = way_of(place);
    for (int shift = 60; shift >= 0; shift -= 4)
        dew_buf_put_char(out, digits[way >> shift & 15]);
    dew_buf_put_char(out, ' ');
    for (size_t i = 0; i < bytes.len; i++) {
        dew_buf_put_char(out, digits[(unsigned char)bytes.ptr[i] >> 4]);
        dew_buf_put_char(out, digits[bytes.ptr[i] & 15]);
    }
    dew_buf_put_char(out, '\n');
}

void dew_carry_give(const dew_place *root, dew_buf *out)
{
    for (const dew_place *child = root->first; child != NULL; child = child->after) {
        if (child->kind->carry != NULL)
            give_one(child, out);
        dew_carry_give(child, out);
    }
}

/* ---- taking ---- */

static unsigned digit(char c)
{
    return c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');
}

static dew_str word_next(dew_str *rest, char end)
{
    const char *at = memchr(rest->ptr, end, rest->len);
    size_t len = at != NULL ? (size_t)(at - rest->ptr) : rest->len;
    dew_str word = dew_str_make(rest->ptr, len);
    len += at != NULL;
    *rest = dew_str_make(rest->ptr + len, rest->len - len);
    return word;
}

/* The line that is a place's: of its name and way; else the only one of its name. NULL: none. */
static line *line_of(dew_str name, uint64_t way)
{
    line *only = NULL;
    size_t alike = 0;
    for (size_t i = 0; i < carried.count; i++) {
        line *one = &carried.lines[i];
        if (!dew_str_eq(one->name, name))
            continue;
        if (one->way == way)
            return one->is_taken ? NULL : one;
        only = one;
        alike++;
    }
    return alike == 1 && !only->is_taken ? only : NULL;
}

void dew_carry_arrive(dew_place *place)
{
    if (carried.text == NULL)
        return;
    char room[NAME_MAX_];
    size_t size = place->kind->carry->give(place).len;
    dew_str name = name_of(place, size, room);
    line *found = line_of(name, way_of(place));
    if (found == NULL)
        return;
    found->is_taken = true;
    size_t len = found->bytes.len / 2;
    char *bytes = malloc(len + 1);
    if (bytes == NULL)
        return;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(digit(found->bytes.ptr[2 * i]) << 4 | digit(found->bytes.ptr[2 * i + 1]));
    place->kind->carry->take(place, dew_str_make(bytes, len));
    free(bytes);
}

static void arrive_below(dew_place *place)
{
    for (dew_place *child = place->first; child != NULL; child = child->after) {
        if (child->kind->carry != NULL)
            dew_carry_arrive(child);
        arrive_below(child);
    }
}

void dew_carry_take(dew_place *root, dew_str text)
{
    dew_carry_end();
    carried.text = malloc(text.len + 1);
    carried.lines = calloc(LINES_MAX, sizeof *carried.lines);
    if (carried.text == NULL || carried.lines == NULL) {
        dew_carry_end();
        return;
    }
    memcpy(carried.text, text.ptr, text.len);
    dew_str rest = dew_str_make(carried.text, text.len);
    while (rest.len != 0 && carried.count < LINES_MAX) {
        dew_str all = word_next(&rest, '\n');
        line *one = &carried.lines[carried.count++];
        one->name = word_next(&all, ' ');
        dew_str way = word_next(&all, ' ');
        for (size_t i = 0; i < way.len; i++)
            one->way = one->way << 4 | digit(way.ptr[i]);
        one->bytes = all;
    }
    arrive_below(root);
}

void dew_carry_end(void)
{
    free(carried.text);
    free(carried.lines);
    carried.text = NULL;
    carried.lines = NULL;
    carried.count = 0;
}

#endif
