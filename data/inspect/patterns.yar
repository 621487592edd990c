// Patterns that the tokens of program text do not show: read by libyara, one finding for each rule that matches a file.  meta: "what" is the
// sentence of the finding, "level" one of info, candidate, suspicious.  Add a rule, and a test in tests/inspect.py.

rule invisible_character_table
{
    meta:
        what = "zero-width characters stand beside each other in escapes, as in a table of symbols"
        level = "candidate"
    strings:
        $a = /\\u200[bcd]['"]\s*,\s*['"]\\u(200[bcde]|2060|206[2-4]|feff)['"]/ nocase
    condition:
        $a
}

rule tag_character_arithmetic
{
    meta:
        what = "a number is added to U+E0000: tag characters, which nobody sees, could be made here"
        level = "candidate"
    strings:
        $a = /from(CodePoint|CharCode)\([^;]{0,40}(0xe0000|917504)\s*\+/ nocase
        $b = /from(CodePoint|CharCode)\([^;]{0,40}\+\s*(0xe0000|917504)\b/ nocase
    condition:
        any of them
}

rule embedded_runtime
{
    meta:
        what = "a program with a JavaScript runtime and its script in one file"
        level = "info"
    strings:
        $bun = "---- Bun! ----"
        $sea = "NODE_SEA_BLOB"
        $pkg = "pkg/prelude/bootstrap.js"
        $deno = "d3n0l4nd"
    condition:
        any of them
}
