# SPDX-License-Identifier: Apache-2.0
"""The table that the bench prints."""


class Row:
    """One line of the table.  holds is None where there is no bar or nothing was measured."""

    def __init__(self, what, ours, beside="", ratio="", bar="", holds=None):
        self.cells = [what, ours, beside, ratio, bar, {None: "", True: "yes", False: "NO"}[holds]]
        self.holds = holds


def not_measured(what, why, bar=""):
    return Row(what, "not measured", why, "", bar)


def print_table(rows):
    table = [["what", "telltale", "beside it", "ratio", "bar", "holds?"], *(row.cells for row in rows)]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(table[0]))]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip())
