/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes data/unicode/confusables.txt: the UTS #39 skeleton of every character, as ICU knows it.
 *
 * Input: none.  Output: standard output, one "02BC ; 0027" line a character, sorted by code point.  Not part of the build: its
 * output is committed.  To run it again (Debian package libicu-dev):
 *
 *     cc -o confusables data/gen/confusables.c -licui18n -licuuc
 *     ./confusables > data/unicode/confusables.txt
 *
 * Left out are: a character that is its own skeleton; Default_Ignorable_Code_Point, as source and inside a skeleton (newer
 * revisions of UTS #39 drop it, ICU 72 does not); and, where both are several characters, the skeleton of a character with a
 * canonical decomposition: it is made of the skeletons of the parts (eleven thousand Hangul syllables alone).
 */
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#define UNITS_MAX 128 /* UTF-16 units of one skeleton; the longest of Unicode 15.0 is far shorter */

static const char notice[] =
    "# UTS #39 skeletons of single characters\n"
    "# Unicode %s, as in ICU %s; written by data/gen/confusables.c\n"
    "#\n"
    "# Copyright (C) 1991-2022 Unicode, Inc. All rights reserved.\n"
    "# Distributed under the Terms of Use in https://www.unicode.org/copyright.html.\n"
    "#\n"
    "# Permission is hereby granted, free of charge, to any person obtaining a copy of the Unicode data files and any\n"
    "# associated documentation (the \"Data Files\") or Unicode software and any associated documentation (the \"Software\")\n"
    "# to deal in the Data Files or Software without restriction, including without limitation the rights to use, copy,\n"
    "# modify, merge, publish, distribute, and/or sell copies of the Data Files or Software, and to permit persons to whom\n"
    "# the Data Files or Software are furnished to do so, provided that either (a) this copyright and permission notice\n"
    "# appear with all copies of the Data Files or Software, or (b) this copyright and permission notice appear in\n"
    "# associated Documentation.\n"
    "#\n"
    "# THE DATA FILES AND SOFTWARE ARE PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT\n"
    "# NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF THIRD PARTY\n"
    "# RIGHTS. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR ANY\n"
    "# SPECIAL INDIRECT OR CONSEQUENTIAL DAMAGES, OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS,\n"
    "# WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR\n"
    "# PERFORMANCE OF THE DATA FILES OR SOFTWARE.\n"
    "#\n"
    "# Except as contained in this notice, the name of a copyright holder shall not be used in advertising or otherwise to\n"
    "# promote the sale, use or other dealings in these Data Files or Software without prior written authorization of the\n"
    "# copyright holder.\n"
    "#\n"
    "# Format: code point ; skeleton\n";

/* Removes Default_Ignorable_Code_Point from the n units of s and returns the new length. */
static int32_t
drop_ignorable(UChar *s, int32_t n)
{
    int32_t in = 0;
    int32_t out = 0;
    while (in < n) {
        UChar32 c;
        U16_NEXT(s, in, n, c);
        if (!u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) {
            U16_APPEND_UNSAFE(s, out, c);
        }
    }
    return out;
}

static int
print_skeleton(const USpoofChecker *checker, const UNormalizer2 *nfd, UChar32 cp)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar source[2];
    UChar skeleton[UNITS_MAX];
    UChar decomposed[UNITS_MAX];
    int32_t length = 0;
    U16_APPEND_UNSAFE(source, length, cp);
    int32_t n = uspoof_getSkeleton(checker, 0, source, length, skeleton, UNITS_MAX, &status);
    int32_t nd = unorm2_normalize(nfd, source, length, decomposed, UNITS_MAX, &status);
    if (U_FAILURE(status)) {
        fprintf(stderr, "confusables: U+%04X: %s\n", (unsigned) cp, u_errorName(status));
        return -1;
    }
    n = drop_ignorable(skeleton, n);
    int same = u_memcmp(skeleton, source, n < length ? n : length) == 0 && n == length;
    int of_parts = u_countChar32(decomposed, nd) > 1 && u_countChar32(skeleton, n) > 1;
    if (n == 0 || same || of_parts) {
        return 0;
    }
    printf("%04X ;", (unsigned) cp);
    for (int32_t i = 0; i < n;) {
        UChar32 c;
        U16_NEXT(skeleton, i, n, c);
        printf(" %04X", (unsigned) c);
    }
    putchar('\n');
    return 0;
}

int
main(void)
{
    UErrorCode status = U_ZERO_ERROR;
    USpoofChecker *checker = uspoof_open(&status);
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
    if (U_FAILURE(status)) {
        fprintf(stderr, "confusables: %s\n", u_errorName(status));
        return 1;
    }
    printf(notice, U_UNICODE_VERSION, U_ICU_VERSION);
    for (UChar32 cp = 0; cp <= 0x10FFFF; cp++) {
        if (!U_IS_SURROGATE(cp) && !u_hasBinaryProperty(cp, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
            print_skeleton(checker, nfd, cp) != 0) {
            return 1;
        }
    }
    uspoof_close(checker);
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
