/* ref.h - the node that has a handle (dew/ref.h). wasm only. */
#ifndef DEW_VIEW_REF_H
#define DEW_VIEW_REF_H

#include "view/place.h"

#include <dew/ref.h>

/* The host's number of it in the standing tree; 0 when no element has it. */
uint32_t dew_ref_node(dew_ref ref);

#endif
