"""``olo scan``."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from olo_jupyter.cli.output import FAILED, print_json, print_table
from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from olo_converters.scan import Scan

_TEXT_NOTEBOOK = re.compile(r"^(# %%|# Databricks notebook source|```\{code-cell\}|\s+format_name: myst)", re.MULTILINE)
_HEAD = 4096


class _OutOfTime(BaseException):
    """Not an Exception: nothing on the way may take it for one of its own."""


def scan(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks, or folders of notebooks.", metavar="PATH...")],
    out: Annotated[Path | None, typer.Option(help="Write the artefacts below this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a notebook, totals last.")] = False,
    workers: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Processes; default: the cores.")] = None,
    limit: Annotated[float, typer.Option("--time-limit", min=0.1, help="Seconds of work for one notebook.")] = 60.0,
) -> None:
    """Tell how much of a tree of notebooks can be promoted, and what stands in the way. Runs none of their code.

    clean: everything that the notebook ends with can be promoted; explained: what can't has a finding that says why
    and what to do; failed: no answer.

    Examples:

        olo scan notebooks/

        olo scan a.ipynb b.ipynb --json --out promoted/
    """
    from olo_converters.scan import totals

    started = time.perf_counter()
    notebooks = list(dict.fromkeys(found for path in paths for found in _notebooks(path)))
    if not notebooks:
        raise OloError("There is no notebook there.", code="notebook-missing", hint="Name a .ipynb file or its folder.")
    if out is not None:
        _usable(out)
    scans: list[Scan] = []
    for one in _in_order(_scanned(notebooks, out, workers, limit), len(notebooks)):
        scans.append(one)
        if as_json:
            print_json(one.as_json())
            sys.stdout.flush()
    summary = {**totals(scans), "seconds": round(time.perf_counter() - started, 3)}
    if as_json:
        print_json({"totals": summary})
    else:
        _show(scans, summary)
    if summary["failed"]:
        raise typer.Exit(FAILED)


def _notebooks(path: Path) -> Iterator[Path]:
    """The file itself, or the notebooks below a folder; hidden folders and checkpoints are left out."""
    if not path.exists():
        raise OloError(f"{path} does not exist.", code="notebook-missing", hint="Check the path.")
    if not path.is_dir():
        yield path
        return
    for found in sorted(path.rglob("*")):
        if any(part.startswith(".") for part in found.relative_to(path).parts) or not found.is_file():
            continue
        if found.suffix == ".ipynb" or (found.suffix in (".py", ".md", ".myst") and _is_notebook(found)):
            yield found


def _is_notebook(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _TEXT_NOTEBOOK.search(file.read(_HEAD).decode("utf-8", "replace")) is not None
    except OSError:
        return False


def _usable(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OloError(
            f"{out} is there already and not an empty folder.",
            code="bad-parameter",
            hint="Name a new folder for --out.",
        )


def _scanned(
    notebooks: Sequence[Path], out: Path | None, workers: int | None, limit: float
) -> Iterator[tuple[int, Scan]]:
    """Each notebook with its place, as they are done; a process that dies takes only its own notebook with it."""
    places = dict(enumerate(notebooks))
    while places:
        broken: list[int] = []
        alone = len(places) < len(notebooks)
        with ProcessPoolExecutor(1 if alone else workers, mp_context=get_context("spawn")) as pool:
            waiting: dict[Future[Scan], int] = {}
            for place, path in places.items():
                waiting[pool.submit(_scan_file, path, _folder(notebooks, path), out, limit)] = place
            for future in as_completed(waiting):
                try:
                    done = future.result()
                except BrokenProcessPool:
                    broken.append(waiting[future])
                else:
                    yield waiting[future], done
        if alone and broken:
            first = min(broken)
            broken.remove(first)
            yield first, _no_answer(str(places[first]), "its process died", 0.0)
        places = {place: places[place] for place in sorted(broken)}


def _folder(notebooks: Sequence[Path], path: Path) -> str:
    """Where a notebook's artefacts go below --out: named after it, apart from all others."""
    plain = [part for part in path.with_suffix("").parts if part not in ("..", ".", path.anchor)]
    others = [one for one in notebooks if one != path and one.with_suffix("") == path.with_suffix("")]
    return "/".join(plain) + (path.suffix.replace(".", "_") if others else "")


def _scan_file(path: Path, folder: str, out: Path | None, limit: float) -> Scan:
    from dataclasses import replace

    from olo_converters.errors import ConvertError
    from olo_converters.notebook import read_notebook
    from olo_converters.scan import scan_notebook, unreadable

    def stop(*_: object) -> None:
        raise _OutOfTime

    started = time.perf_counter()
    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        done = scan_notebook(read_notebook(path))
    except ConvertError as error:
        done = unreadable(str(path), error)
    except _OutOfTime:
        return _no_answer(str(path), f"it takes more than {limit:g} s of work", time.perf_counter() - started)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, OSError, RuntimeError,
            TypeError, ValueError) as error:  # fmt: skip
        # the last line of defence: one notebook that we can't handle must not end the scan of all others
        return _no_answer(str(path), f"{type(error).__name__}: {error}", time.perf_counter() - started)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)
    artefacts = tuple(replace(one, path=f"{folder}/{one.path}") for one in done.artefacts)
    if out is not None:
        for one in artefacts:
            file = out / one.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(one.text, encoding="utf-8")
    return replace(done, artefacts=artefacts, seconds=time.perf_counter() - started)


def _no_answer(path: str, why: str, seconds: float) -> Scan:
    from olo_converters.findings import finding
    from olo_converters.scan import Scan

    hint = "Give it more time with --time-limit, split the notebook, or report it."
    return Scan(path, "failed", findings=(finding("no-answer", why, hint=hint),), seconds=seconds)


def _in_order(done: Iterator[tuple[int, Scan]], count: int) -> Iterator[Scan]:
    """In the order of the paths, each as soon as all before it are there; a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    waiting: dict[int, Scan] = {}
    following = 0
    console = Console(stderr=True)
    columns = (TextColumn("scanning"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("scan", total=count)
        for place, one in done:
            bar.advance(task)
            waiting[place] = one
            while following in waiting:
                yield waiting.pop(following)
                following += 1


def _show(scans: Sequence[Scan], summary: dict[str, object]) -> None:
    rows = [
        (one.notebook, one.status, one.cells, f"{one.promotable}/{one.targets}", f"{one.seconds:.2f}", _why(one))
        for one in scans
    ]
    print_table(("notebook", "status", "cells", "promotable", "seconds", "what stands in the way"), rows)
    size = summary["median_slice"]
    slices = f"; a slice is {size:.0%} of its notebook (median)" if isinstance(size, float) else ""
    typer.echo(
        f"{summary['notebooks']} notebooks: {summary['clean']} clean, {summary['explained']} explained, "
        f"{summary['failed']} failed; {summary['promoted']} of {summary['targets']} targets promoted{slices}; "
        f"{summary['seconds']} s"
    )


def _why(one: Scan) -> str:
    errors = [found for found in one.findings if found.severity == "error"]
    if not errors:
        return "" if one.targets else "nothing to promote"
    first = errors[0]
    where = f" (cell {first.cell}, line {first.line})" if first.cell else ""
    more = f" … and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"{first.message}{where}{more}"
