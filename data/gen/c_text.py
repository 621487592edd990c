# SPDX-License-Identifier: Apache-2.0
"""What the generators of tables share: objects of JSON without loss, and texts as C literals."""

# What a C string takes as it is.  '?' is left out because of trigraphs.
PLAIN = frozenset(b" !#$%&'()*+,-./0123456789:;<=>@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~")
PIECE = 96  # source bytes of one piece of a literal


def unique(pairs):
    """An object as a dict; a key that stands twice would lose one of its values silently."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def literal(text, indent):
    """A C string literal in ASCII of a text or of bytes, in pieces of readable length."""
    lines = [""]
    for byte in text if isinstance(text, bytes) else text.encode():
        # Three octal digits, for an octal escape ends there; a hexadecimal one would swallow digits that follow.
        symbol = chr(byte) if byte in PLAIN else f"\\{byte:03o}"
        if len(lines[-1]) + len(symbol) > PIECE:
            lines.append("")
        lines[-1] += symbol
    return ("\n" + indent).join(f'"{line}"' for line in lines)
