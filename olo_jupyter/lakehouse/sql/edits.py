"""Replacements at places of a statement's text, and the way back: errors are told in the text that the user wrote."""

from __future__ import annotations

from bisect import bisect_right

from olo_jupyter.lakehouse.sql.lexer import Source


class Edited:
    """A text with stretches replaced; everything between them is as it was.

    Args:
        source: The text that the offsets count in.
        edits: (start, end, replacement), not overlapping, in any order.

    Example:
        >>> edited = Edited(Source("FROM t WHERE x"), [(6, 6, " FOR VERSION AS OF 7")])
        >>> edited.text
        'FROM t FOR VERSION AS OF 7 WHERE x'
        >>> edited.place(1, 34), edited.place(1, 10)
        ((1, 14), (1, 6))
    """

    def __init__(self, source: Source, edits: list[tuple[int, int, str]]) -> None:
        self._source = source
        pieces: list[str] = []
        at = length = 0
        # For each stretch that is as it was or was replaced: where it begins in the new text, and where in the old.
        self._begins: list[int] = []
        self._olds: list[tuple[int, bool]] = []
        for start, end, replacement in sorted(edits):
            for piece, old, kept in ((source.text[at:start], at, True), (replacement, start, False)):
                self._begins.append(length)
                self._olds.append((old, kept))
                pieces.append(piece)
                length += len(piece)
            at = end
        self._begins.append(length)
        self._olds.append((at, True))
        self.text = "".join([*pieces, source.text[at:]])
        self._lines = [0]
        for index, letter in enumerate(self.text):
            if letter == "\n":
                self._lines.append(index + 1)

    def place(self, line: int, column: int) -> tuple[int, int]:
        """1-based line and column in the user's text of those in the new one; of a replacement, where it began."""
        begin = self._lines[min(line, len(self._lines)) - 1]
        offset = min(begin + column - 1, len(self.text))
        # A stretch of no length begins where the next one does: the last of them is the one that holds the offset.
        index = bisect_right(self._begins, offset) - 1
        old, kept = self._olds[index]
        if not kept:  # the last letter before it is the user's own
            return self._source.place(max(old - 1, 0) if old else 0)
        return self._source.place(min(old + offset - self._begins[index], len(self._source.text)))
