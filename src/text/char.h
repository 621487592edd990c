/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Unicode Character Database says of a character, from tables generated at build time (data/gen/unicode.py).
 *
 * Names follow the standard: General_Category, Script, Joining_Type, Canonical_Combining_Class.
 */
#ifndef TT_TEXT_CHAR_H
#define TT_TEXT_CHAR_H

#include "base/str.h"

enum tt_char_flag {
    TT_CHAR_WAKE = 1 << 0,       /* the kernel always stops here: some channel of src/marks looks at it */
    TT_CHAR_IGNORABLE = 1 << 1,  /* Default_Ignorable_Code_Point */
    TT_CHAR_ZERO_WIDTH = 1 << 2, /* U+200B-200D 2060 FEFF 034F 180E */
    TT_CHAR_INVISIBLE =
        1 << 3, /* format characters that encoders use as symbols: zero width, bidi controls, 2061-2064, 206A-206F, 1D173-1D17A */
    TT_CHAR_TAG = 1 << 4,        /* U+E0000-E007F */
    TT_CHAR_VARIATION = 1 << 5,  /* Variation_Selector: FE00-FE0F E0100-E01EF 180B-180D 180F */
    TT_CHAR_APOSTROPHE = 1 << 6, /* the look-alike classes: skeleton-equal or NFKC-equal to the ASCII character */
    TT_CHAR_HYPHEN = 1 << 7,
    TT_CHAR_SLASH = 1 << 8,
    TT_CHAR_QUOTE = 1 << 9,
    TT_CHAR_COLON = 1 << 10,
    TT_CHAR_PICTOGRAPH = 1 << 11, /* Extended_Pictographic */
    TT_CHAR_EMOJI = 1 << 12,
    TT_CHAR_MODIFIER = 1 << 13,   /* Emoji_Modifier */
    TT_CHAR_REGIONAL = 1 << 14,   /* Regional_Indicator */
    TT_CHAR_IDEOGRAPH = 1 << 15,  /* Unified_Ideograph or CJK compatibility ideograph */
    TT_CHAR_VIRAMA = 1 << 16,     /* Canonical_Combining_Class 9 */
    TT_CHAR_VOWEL_SIGN = 1 << 17, /* Indic_Syllabic_Category Vowel_Dependent */
    TT_CHAR_SPACE = 1 << 18,      /* White_Space */
    TT_CHAR_RTL = 1 << 19,        /* Bidi_Class R, AL or AN */
    TT_CHAR_BIDI = 1 << 20,       /* controls of direction: 061C 200E 200F 202A-202E 2066-2069, deprecated 206A-206F */
    TT_CHAR_FORMAT = 1 << 21,     /* 00AD 17B4 17B5 2061-2065 FFF0-FFFB 1BCA0-1BCA3 1D173-1D17A and unassigned ignorables */
    TT_CHAR_FILLER = 1 << 22,     /* letters and symbols that print as nothing: 115F 1160 2800 3164 FFA0 1D159 */
    TT_CHAR_ODD_SPACE = 1 << 23,  /* White_Space outside ASCII */
    TT_CHAR_COMPOSING = 1 << 24,  /* last of two that NFC makes one, or a character that NFC replaces */
    TT_CHAR_PRIVATE = 1 << 25,    /* private use, noncharacters */
    TT_CHAR_TWIN =
        1 << 26, /* letter, decimal digit or Roman numeral that looks like an ASCII one and is not Latin, or is one by NFKC */
    TT_CHAR_LINE_END = 1 << 27,    /* U+000A */
    TT_CHAR_SIGN = 1 << 28,        /* controls but tab, line feed, form feed and carriage return */
    TT_CHAR_DECOMPOSING = 1 << 29, /* has a canonical decomposition */
    TT_CHAR_BESIDE =
        1
        << 30, /* APOSTROPHE, QUOTE, COLON or another sign that looks like an ASCII one, and not WAKE: the kernel stops beside ASCII words */
};

/* Order of UnicodeData.txt's two-letter codes, so that a range test answers "is it a letter". */
enum tt_category {
    TT_CN,
    TT_LU,
    TT_LL,
    TT_LT,
    TT_LM,
    TT_LO,
    TT_MN,
    TT_MC,
    TT_ME,
    TT_ND,
    TT_NL,
    TT_NO,
    TT_PC,
    TT_PD,
    TT_PS,
    TT_PE,
    TT_PI,
    TT_PF,
    TT_PO,
    TT_SM,
    TT_SC,
    TT_SK,
    TT_SO,
    TT_ZS,
    TT_ZL,
    TT_ZP,
    TT_CC,
    TT_CF,
    TT_CS,
    TT_CO,
};

/* Joining_Type. */
enum tt_joining { TT_JOIN_U, TT_JOIN_C, TT_JOIN_D, TT_JOIN_L, TT_JOIN_R, TT_JOIN_T };

/* Scripts that the rules name; every other script has a number above, equal for equal scripts. */
enum tt_script {
    TT_SCRIPT_UNKNOWN,
    TT_SCRIPT_COMMON,
    TT_SCRIPT_INHERITED,
    TT_SCRIPT_LATIN,
    TT_SCRIPT_GREEK,
    TT_SCRIPT_CYRILLIC,
    TT_SCRIPT_ARMENIAN,
    TT_SCRIPT_HEBREW,
    TT_SCRIPT_ARABIC,
    TT_SCRIPT_HAN,
    TT_SCRIPT_HIRAGANA,
    TT_SCRIPT_KATAKANA,
    TT_SCRIPT_HANGUL,
    TT_SCRIPT_BENGALI,
    TT_SCRIPT_KANNADA,
    TT_SCRIPT_THAI,
    TT_SCRIPT_LAO,
    TT_SCRIPT_KHMER,
    TT_SCRIPT_MYANMAR,
    TT_SCRIPT_MONGOLIAN,
    TT_SCRIPT_OTHER, /* first number that is free for the generator */
};

struct tt_char {
    uint32_t flags;    /* enum tt_char_flag */
    uint8_t category;  /* enum tt_category */
    uint8_t script;    /* enum tt_script or above */
    uint8_t joining;   /* enum tt_joining */
    uint8_t combining; /* Canonical_Combining_Class */
    bool leads;        /* the first of two that NFC makes one */
    int8_t digit;      /* decimal value 0-9 of a General_Category Nd character, else -1 */
};

/* Two stages: tt_char_stage2[tt_char_stage1[cp >> BITS] << BITS | low bits of cp] is the index of a record. */
#define TT_CHAR_BLOCK_BITS 7
#define TT_CHAR_LIMIT 0x110000u
/* The end of a plane that has room for long; its record serves for all outside the code space. */
#define TT_CHAR_UNASSIGNED 0xEFFFDu

extern const struct tt_char tt_char_records[];
extern const uint16_t tt_char_stage1[];
extern const uint16_t tt_char_stage2[];

/* Never NULL: a code point over U+10FFFF is unassigned. */
static inline const struct tt_char *
tt_char(uint32_t cp)
{
    if (cp >= TT_CHAR_LIMIT) {
        cp = TT_CHAR_UNASSIGNED;
    }
    uint32_t block = tt_char_stage1[cp >> TT_CHAR_BLOCK_BITS];
    uint32_t low = cp & ((1u << TT_CHAR_BLOCK_BITS) - 1);
    return &tt_char_records[tt_char_stage2[block << TT_CHAR_BLOCK_BITS | low]];
}

/* The one character that cp looks like (UTS #39 prototype), or cp itself where the prototype is not one character. */
uint32_t tt_char_prototype(uint32_t cp);

/* The one character that NFKC makes of cp, or cp itself. */
uint32_t tt_char_compat(uint32_t cp);

/* The ASCII character that cp stands for by prototype or by NFKC, else 0.  An ASCII character stands for itself. */
uint32_t tt_char_ascii(uint32_t cp);

static inline bool
tt_char_is(uint32_t cp, uint32_t flags)
{
    return (tt_char(cp)->flags & flags) != 0;
}

/* May a character beyond ASCII with TT_CHAR_APOSTROPHE or TT_CHAR_HYPHEN begin with this byte of UTF-8?  Few leads and no others do. */
bool tt_char_may_join(unsigned char first);

static inline bool
tt_char_is_letter(uint32_t cp)
{
    uint8_t c = tt_char(cp)->category;
    return c >= TT_LU && c <= TT_LO;
}

static inline bool
tt_char_is_mark(uint32_t cp)
{
    uint8_t c = tt_char(cp)->category;
    return c >= TT_MN && c <= TT_ME;
}

#endif
