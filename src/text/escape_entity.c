/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named character references of the HTML Standard, section 13.5: those of ASCII signs that escapes and sentences need, and
 * those of characters that a channel looks at.  The others stand for what nobody judges.
 */
#include "text/escape_parts.h"

static const struct {
    const char *name;
    uint32_t cp;
} entities[] = {
    /* ASCII */
    {"amp", '&'},
    {"AMP", '&'},
    {"lt", '<'},
    {"gt", '>'},
    {"quot", '"'},
    {"apos", '\''},
    {"sol", '/'},
    {"bsol", '\\'},
    {"colon", ':'},
    {"period", '.'},
    {"comma", ','},
    {"num", '#'},
    {"percnt", '%'},
    {"semi", ';'},
    /* invisible */
    {"zwnj", 0x200C},
    {"zwj", 0x200D},
    {"ZeroWidthSpace", 0x200B},
    {"NegativeVeryThinSpace", 0x200B},
    {"NegativeThinSpace", 0x200B},
    {"NegativeMediumSpace", 0x200B},
    {"NegativeThickSpace", 0x200B},
    {"NoBreak", 0x2060},
    {"af", 0x2061},
    {"ApplyFunction", 0x2061},
    {"it", 0x2062},
    {"InvisibleTimes", 0x2062},
    {"ic", 0x2063},
    {"InvisibleComma", 0x2063},
    {"lrm", 0x200E},
    {"rlm", 0x200F},
    {"shy", 0x00AD},
    /* spaces */
    {"nbsp", 0x00A0},
    {"NonBreakingSpace", 0x00A0},
    {"ensp", 0x2002},
    {"emsp", 0x2003},
    {"emsp13", 0x2004},
    {"emsp14", 0x2005},
    {"numsp", 0x2007},
    {"puncsp", 0x2008},
    {"thinsp", 0x2009},
    {"ThinSpace", 0x2009},
    {"hairsp", 0x200A},
    {"VeryThinSpace", 0x200A},
    {"MediumSpace", 0x205F},
    /* like an apostrophe or a quotation mark */
    {"lsquo", 0x2018},
    {"OpenCurlyQuote", 0x2018},
    {"rsquo", 0x2019},
    {"rsquor", 0x2019},
    {"CloseCurlyQuote", 0x2019},
    {"ldquo", 0x201C},
    {"OpenCurlyDoubleQuote", 0x201C},
    {"rdquo", 0x201D},
    {"rdquor", 0x201D},
    {"CloseCurlyDoubleQuote", 0x201D},
    {"prime", 0x2032},
    {"Prime", 0x2033},
    {"bprime", 0x2035},
    {"backprime", 0x2035},
    {"acute", 0x00B4},
    {"DiacriticalAcute", 0x00B4},
    {"grave", 0x0060},
    {"DiacriticalGrave", 0x0060},
    /* like a hyphen, a slash or a colon */
    {"hyphen", 0x2010},
    {"dash", 0x2010},
    {"horbar", 0x2015},
    {"ndash", 0x2013},
    {"mdash", 0x2014},
    {"minus", 0x2212},
    {"frasl", 0x2044},
    {"ratio", 0x2236},
    {"Colon", 0x2237},
};

uint32_t
tt_escape_entity(struct tt_str name)
{
    for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++) {
        if (name.len > 0 && entities[i].name[0] == name.ptr[0] && tt_str_eq(name, tt_str_cstr(entities[i].name))) {
            return entities[i].cp;
        }
    }
    return 0;
}
