/* hash.c - see hash.h. The shape is walked depth first; each step hashes a few bytes with the hash so far as the seed,
 * so nothing is allocated. Types nest finitely: a C struct cannot contain itself. */
#include "type/hash.h"

#include "type/json.h"

int dew_hash_typed(const dew_type *type, const void *value, size_t text_max, dew_value_hash *out)
{
    dew_buf text;
    dew_buf_init(&text, text_max);
    int code = dew_json_write(&text, type, value, NULL);
    if (code == 0)
        *out = dew_hash_value(dew_buf_str(&text));
    dew_buf_dispose(&text);
    return code;
}

static void add(dew_value_hash *hash, const void *bytes, size_t len)
{
    hash->high = dew_xxh32(bytes, len, hash->high);
    hash->low = dew_xxh32(bytes, len, hash->low);
}

static void add_type(dew_value_hash *hash, const dew_type *type)
{
    uint8_t head[] = { type->kind,
                       (uint8_t)(type->field_count & 0xff),
                       (uint8_t)(type->field_count >> 8),
                       (uint8_t)(type->name_count & 0xff),
                       (uint8_t)(type->name_count >> 8),
                       type->key_name != NULL };
    add(hash, head, sizeof head);
    for (size_t i = 0; i < type->field_count; i++) {
        const dew_field *field = &type->fields[i];
        add(hash, field->name, field->name_len);
        add(hash, &field->optional, 1);
        add_type(hash, field->type());
    }
    for (size_t i = 0; i < type->name_count; i++)
        add(hash, type->names[i], strlen(type->names[i]));
    if (type->key_name != NULL)
        add(hash, type->key_name, strlen(type->key_name));
    if (type->kind == DEW_KIND_LIST)
        add_type(hash, type->item());
}

dew_value_hash dew_schema_hash(const dew_type *type)
{
    dew_value_hash hash = { 0, 1 };
    add_type(&hash, type);
    return hash;
}
