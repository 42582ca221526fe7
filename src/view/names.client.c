/* names.client.c - the names of tags and attributes, each a symbol of its own: a program holds those that its views use,
 * and knows a tag or an attribute by the address of its name. See tree_internal.h; declared in <dew/view_tree.h>. */
#include <dew/view.h>

#define TAG(name)              const char dew_tag_##name##_[] = #name;
#define ATTR(field, name, kind) const char dew_attr_##field##_[] = name;

DEW_VOID_TAGS(TAG)
DEW_TAGS(TAG)
DEW_FOREIGN_TAGS(TAG)
TAG(script)
DEW_ATTRS_HOT(ATTR)
DEW_ATTRS_TEXT(ATTR)
DEW_ATTRS_INT(ATTR)
DEW_ATTRS_COUNT(ATTR)
DEW_ATTRS_BOOL(ATTR)
