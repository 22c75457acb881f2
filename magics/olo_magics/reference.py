"""The reference of the commands, made from their own help: ``python -m olo_magics.reference > docs/magics.md``."""

from __future__ import annotations

from olo_magics.commands import COMMANDS, command_help

_HEAD = """# The %olo commands

Made from the code by `python -m olo_magics.reference`; `%olo help COMMAND` shows the same in a notebook.
`%load_ext olo_magics` first. Tab completes commands, options, names, columns, pins, parameters and results.
"""


def reference() -> str:
    """The page in Markdown.

    Example:
        >>> "## sql" in reference()
        True
    """
    return "\n".join([_HEAD, *(f"## {name}\n\n{_markdown(command_help(name))}\n" for name in COMMANDS)])


def _markdown(text: str) -> str:
    """Help text as Markdown: double backquotes as single ones, indented lines as code."""
    return "\n".join(f"  {line}" if line.startswith("  ") else line.replace("``", "`") for line in text.splitlines())


if __name__ == "__main__":
    print(reference(), end="")
