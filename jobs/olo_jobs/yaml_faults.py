"""What libyaml says against a text, in words that tell people what to do."""

from __future__ import annotations

import yaml

from olo_jobs.problem import Problem


def not_yaml(error: yaml.MarkedYAMLError, file: str, text: str) -> Problem:
    """The problem that an error names, at its place; a tab in an indentation is told as such.

    Args:
        file: The name that the problem shows.
        text: All of the file.
    """
    mark = error.problem_mark or error.context_mark
    problem, context = error.problem or str(error), error.context or ""
    if "end of stream" in problem and error.context_mark is not None:
        mark = error.context_mark  # where the quotation mark stands that is never closed
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    # libyaml names the line after a tab in an indentation, or the tab itself.
    for number in (line, line - 1):
        shown = lines[number - 1] if 0 < number <= len(lines) else ""
        indent = shown[: len(shown) - len(shown.lstrip())]
        if "\t" in indent:
            message = "a tab in the indentation: YAML takes spaces only"
            return Problem(file, number, indent.index("\t") + 1, "tab", message, "Indent with two spaces.")
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "A text with a colon and a space needs quotation marks; else check the indentation."
    elif "cannot start any token" in problem or "unexpected character" in problem:
        hint = "A text that starts with this character needs quotation marks."
    elif "alphabetic or numeric" in problem:
        hint = 'A text that starts with * needs quotation marks, e.g. cron: "*/5 * * * *".'
    elif "quoted scalar" in context:
        hint = "The quotation mark that starts here is never closed."
    elif "flow" in context:
        hint = "A { or [ above is never closed."
    elif "block" in context:
        hint = "Check the indentation of this line against those above."
    return Problem(file, line, column, "not-yaml", f"is not YAML: {problem}", hint)


def unreadable(file: str, text: str) -> Problem:
    """The first character that YAML doesn't allow, at its place."""
    at = next((index for index, char in enumerate(text) if not _printable(char)), 0)
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return Problem(file, line, column, "not-yaml", f"a character that YAML doesn't allow: {text[at : at + 1]!r}")


def _printable(char: str) -> bool:
    return char in "\t\n\r\x85" or " " <= char <= "~" or (char >= "\xa0" and char not in "\ufffe\uffff")
