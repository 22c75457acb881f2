"""The ``olo`` command: thin; each command parses its options and calls a room below.

Exit codes: 0 done, 1 the work failed, 2 used wrongly. Imports of a command's own needs stand in the command.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from olo_jupyter.cli.app import app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error of ours, or a wrong option, is one message, never a traceback.

    Args:
        arguments: The words after ``olo``; default: the process's own.

    With ``--json`` the message is JSON on stdout, whatever failed: ``{"error": {"code", "message", "hint"}}``.
    """
    from olo_converters.errors import ConvertError
    from olo_jupyter.cli.output import fail, usage_error
    from olo_jupyter.errors import OloError

    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words[: words.index("--") if "--" in words else None]
    try:
        sys.exit(app(words, prog_name="olo", standalone_mode=not as_json) or 0)
    except typer.TyperException as error:
        sys.exit(fail(usage_error(error), as_json=as_json))
    except (OloError, ConvertError) as error:
        sys.exit(fail(error, as_json=as_json))


__all__ = ["app", "main"]
