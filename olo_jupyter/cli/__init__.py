"""The ``olo`` command: thin; each command parses its options and calls a room below.

Exit codes: 0 done, 1 the work failed, 2 used wrongly. Imports of a command's own needs stand in the command.
"""

from __future__ import annotations

import sys

from olo_jupyter.cli.app import app


def main() -> None:
    """Run the command line; an error of ours is one message, never a traceback."""
    from olo_converters.errors import ConvertError
    from olo_jupyter.cli.output import fail
    from olo_jupyter.errors import OloError

    try:
        app()
    except (OloError, ConvertError) as error:
        sys.exit(fail(error))


__all__ = ["app", "main"]
