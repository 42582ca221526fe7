/* field.client.c - fields of forms whose content the view says: marks in the tree, which client/fields.js acts on. */
#include "view/tree_internal.h"

#define IMPORT(name_) __attribute__((import_module("dew"), import_name(#name_)))

IMPORT(fields) void host_fields(void); /* there are such: look after them */

bool dew_fields_used;

void dew_tree_controlled_(void)
{
    if (!dew_fields_used)
        host_fields();
    dew_fields_used = true;
    dew_attr_add(A_CONTROLLED);
}

/* Only options that stand in it look at it, in the same pass. */
void dew_tree_select_value_(const char *value)
{
    dew_attr_add(A_SELECT_VALUE)->text = value;
}

void dew_tree_option_value_(const char *value)
{
    const tree *t = dew_view.building;
    uint32_t at = dew_view.open;
    while (at != 0 && t->nodes[at].tag != dew_tag_select_)
        at = t->nodes[at].size; /* of an open one: the one around it */
    const attr *a = t->attrs + t->nodes[at].attr_first, *end = a + t->nodes[at].attr_count;
    while (a < end && a->id != A_SELECT_VALUE)
        a++;
    if (a < end && strcmp(a->text, value) == 0)
        dew_tree_attr_literal_(dew_attr_selected_, "");
}
