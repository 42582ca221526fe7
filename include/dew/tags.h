/* tags.h - the elements of the view language, as X-macro lists: X(name).
 *
 * Left out on purpose, so that el() of them does not compile:
 *   html head body title meta link base   the document's shell: Dew writes it (dew/page.h)
 *   script style                          text in them is code: see dew_script_json in dew/view.h
 *   animate set                           they can make an address of anything, after it was checked
 *   noscript template                     their content is no tree on one of the two sides
 *   frameset, xmp, plaintext, …           obsolete
 * The order gives the numbers that the browser half uses; both halves are built from this file. */
#ifndef DEW_TAGS_H
#define DEW_TAGS_H

/* Elements without content or end tag. */
#define DEW_VOID_TAGS(X)                                                                                              \
    X(area) X(br) X(col) X(embed) X(hr) X(img) X(input) X(source) X(track) X(wbr)

#define DEW_TAGS(X)                                                                                                   \
    X(a) X(abbr) X(address) X(article) X(aside) X(audio) X(b) X(bdi) X(bdo) X(blockquote) X(button) X(canvas)         \
    X(caption) X(cite) X(code) X(colgroup) X(data) X(datalist) X(dd) X(del) X(details) X(dfn) X(dialog) X(div) X(dl)  \
    X(dt) X(em) X(fieldset) X(figcaption) X(figure) X(footer) X(form) X(h1) X(h2) X(h3) X(h4) X(h5) X(h6) X(header)   \
    X(hgroup) X(i) X(iframe) X(ins) X(kbd) X(label) X(legend) X(li) X(main) X(map) X(mark) X(menu) X(meter) X(nav)    \
    X(object) X(ol) X(optgroup) X(option) X(output) X(p) X(picture) X(pre) X(progress) X(q) X(s) X(samp) X(search)    \
    X(section) X(select) X(small) X(span) X(strong) X(sub) X(summary) X(sup) X(table) X(tbody) X(td) X(textarea)      \
    X(tfoot) X(th) X(thead) X(time) X(tr) X(u) X(ul) X(var) X(video)

/* SVG: inside of svg; HTML again inside of foreignObject. `a` is a link there as well; title and desc hold text. What is in
 * mixed case among the attributes (viewBox) goes into .attrs, as all that is SVG's own. */
#define DEW_SVG_TAGS(X)                                                                                               \
    X(svg) X(g) X(path) X(rect) X(circle) X(ellipse) X(line) X(polyline) X(polygon) X(text) X(tspan) X(textPath)      \
    X(defs) X(use) X(symbol) X(marker) X(mask) X(pattern) X(clipPath) X(linearGradient) X(radialGradient) X(stop)     \
    X(image) X(foreignObject) X(title) X(desc) X(switch) X(view) X(mpath) X(animateMotion) X(animateTransform)        \
    X(filter) X(feBlend) X(feColorMatrix) X(feComponentTransfer) X(feComposite) X(feDropShadow) X(feFlood) X(feFuncA) \
    X(feFuncB) X(feFuncG) X(feFuncR) X(feGaussianBlur) X(feMerge) X(feMergeNode) X(feMorphology) X(feOffset)          \
    X(feTile) X(feTurbulence)

/* MathML: inside of math. */
#define DEW_MATHML_TAGS(X)                                                                                            \
    X(math) X(mi) X(mn) X(mo) X(ms) X(mtext) X(mspace) X(mrow) X(mfrac) X(msqrt) X(mroot) X(mstyle) X(merror)         \
    X(mpadded) X(mphantom) X(msub) X(msup) X(msubsup) X(munder) X(mover) X(munderover) X(mmultiscripts)               \
    X(mprescripts) X(mtable) X(mtr) X(mtd) X(semantics) X(annotation)

#define DEW_FOREIGN_TAGS(X) DEW_SVG_TAGS(X) DEW_MATHML_TAGS(X)

enum dew_tag {
    DEW_TAG_TEXT_, /* a text node, in the browser's tree */
#define DEW_TAG_ENUM_(name) DEW_TAG_##name,
    DEW_VOID_TAGS(DEW_TAG_ENUM_)
    DEW_TAG_VOID_END_,
    DEW_TAGS(DEW_TAG_ENUM_)
    DEW_FOREIGN_TAGS(DEW_TAG_ENUM_)
#undef DEW_TAG_ENUM_
    DEW_TAG_SCRIPT_, /* dew_script_json's */
    DEW_TAG_COUNT_
};

/* el(script) and el(style) fail to compile with these words. */
#define DEW_TAG_script no_el_script_but_dew_script_json_or_a_file_of_your_own_in_the_head
#define DEW_TAG_style  no_el_style_but_a_stylesheet_linked_in_the_head_or_the_attribute_style

#endif
