"""``python -m tests.services up trino postgres`` and ``python -m tests.services install [NAME…]``."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.services.catalogue import KINDS, in_order, running
from tests.services.process import ServiceError


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 done, 1 a service failed, 2 used wrongly (argparse)."""
    parser = argparse.ArgumentParser(prog="python -m tests.services", description="Real services on loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start services, print their endpoints, stop them at Ctrl-C")
    up.add_argument("names", nargs="+", choices=sorted(KINDS), metavar="NAME", help=", ".join(sorted(KINDS)))
    up.add_argument(
        "--folder", type=Path, help="keep their files here (default: a temporary folder, removed at the end)"
    )
    install = commands.add_parser("install", help="download what services need, start nothing")
    install.add_argument("names", nargs="*", metavar="NAME", help=f"default: all of {', '.join(sorted(KINDS))}")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(KINDS))
    if unknown:
        parser.error(f"unknown service: {', '.join(unknown)} (there are: {', '.join(sorted(KINDS))})")
    try:
        if options.command == "install":
            for name in in_order(options.names or sorted(KINDS)):
                print(f"{name}: {KINDS[name].install()}", flush=True)
        else:
            _up(options.names, options.folder)
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _up(names: list[str], folder: Path | None) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    place = folder.resolve() if folder else Path(tempfile.mkdtemp(prefix="olo-services-"))
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o755)
    try:
        with running(names, place) as services:
            for name, service in services.items():
                for key, value in service.endpoints.items():
                    print(f"{name}  {key}={value}", flush=True)
            print("Ctrl-C stops them.", flush=True)
            while True:
                time.sleep(3600)
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
