/* type.c - the descriptors of the built-in kinds that need no codec, and growing lists. See dew/type.h. Pure; native and wasm32. */
#include <dew/type.h>

#define BUILT_IN(name_)                                                                                               \
    const dew_type *dew_tf_##name_(void)                                                                              \
    {                                                                                                                 \
        static const dew_type type = { .name = #name_, .kind = dew_k_##name_, .size = sizeof(dew_c_##name_) };        \
        return &type;                                                                                                 \
    }
BUILT_IN(bool)
BUILT_IN(i32)
BUILT_IN(i64)
BUILT_IN(str)

const dew_type *dew_tf_dew_none(void)
{
    static const dew_type type = { .name = "dew_none", .kind = DEW_KIND_STRUCT, .size = sizeof(dew_none) };
    return &type;
}

#define ROOM_MIN 4

void *dew_list_add(dew_arena *arena, void *value, size_t item_size)
{
    dew_list *list = value;
    if (list->count >= list->room) {
        size_t room = list->count < ROOM_MIN ? ROOM_MIN : list->count * 2;
        if (room < list->count || room > SIZE_MAX / item_size)
            return NULL;
        /* memory that is not ours is copied, never grown */
        void *items = list->room != 0 ? dew_arena_grow(arena, list->items, list->room * item_size, room * item_size)
                                      : dew_arena_alloc(arena, room * item_size);
        if (items == NULL)
            return NULL;
        if (list->room == 0 && list->count != 0)
            memcpy(items, list->items, list->count * item_size);
        list->items = items;
        list->room = room;
    }
    return memset((char *)list->items + list->count++ * item_size, 0, item_size);
}
