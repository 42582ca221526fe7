/* foreign.c - SVG and MathML: names in mixed case. Both sides; in the browser linked by programs that render some.
 *
 * The list is the HTML Standard's (§13.2.6.1, "adjust SVG attributes" and "adjust MathML attributes"): of these the parser keeps
 * the case, all others it makes lower. None of them is an address or an event's handler. */
#include "view/view_internal.h"

#include <string.h>

static const char *const mixed[] = {
    "attributeName",    "attributeType",   "baseFrequency",    "calcMode",          "clipPathUnits",
    "diffuseConstant",  "edgeMode",        "filterUnits",      "glyphRef",          "gradientTransform",
    "gradientUnits",    "kernelMatrix",    "kernelUnitLength", "keyPoints",         "keySplines",
    "keyTimes",         "lengthAdjust",    "limitingConeAngle", "markerHeight",     "markerUnits",
    "markerWidth",      "maskContentUnits", "maskUnits",       "numOctaves",        "pathLength",
    "patternContentUnits", "patternTransform", "patternUnits", "pointsAtX",         "pointsAtY",
    "pointsAtZ",        "preserveAlpha",   "preserveAspectRatio", "primitiveUnits", "refX",
    "refY",             "repeatCount",     "repeatDur",        "requiredExtensions", "requiredFeatures",
    "specularConstant", "specularExponent", "spreadMethod",    "startOffset",       "stdDeviation",
    "stitchTiles",      "surfaceScale",    "systemLanguage",   "tableValues",       "targetX",
    "targetY",          "textLength",      "viewBox",          "viewTarget",        "xChannelSelector",
    "yChannelSelector", "zoomAndPan",      "definitionURL",
};

bool dew_attr_is_mixed(const char *name)
{
    for (size_t i = 0; i < sizeof mixed / sizeof *mixed; i++)
        if (strcmp(name, mixed[i]) == 0)
            return true;
    return false;
}
