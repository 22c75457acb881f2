"""jupyterhub-idle-culler, whose log says nothing secret: it prints its own token where the Hub doesn't answer."""

from __future__ import annotations

import logging
import os

import jupyterhub_idle_culler


class Redacted(logging.Filter):
    """Takes a secret out of every record.

    Example:
        >>> record = logging.LogRecord("x", 20, "", 0, "token %s", ("s3cret",), None)
        >>> Redacted("s3cret").filter(record), record.getMessage()
        (True, 'token [secret]')
    """

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's text; it is always kept."""
        record.msg, record.args = record.getMessage().replace(self._secret, "[secret]"), None
        return True


def main() -> None:
    """Cull until the Hub stops this process."""
    token = os.environ["JUPYTERHUB_API_TOKEN"]
    for name in ("tornado.application", "tornado.general", "tornado.access", "asyncio", "IdleCuller"):
        logging.getLogger(name).addFilter(Redacted(token))
    jupyterhub_idle_culler.main()


if __name__ == "__main__":
    main()
