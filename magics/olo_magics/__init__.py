"""The IPython front end: ``%load_ext olo_magics``, then ``%%olo sql`` and its companions.

Importing this module costs next to nothing: what a command needs is imported when the command is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from olo_magics.kernel import Kernel

_KERNEL = "_olo_kernel"
_MATCHER = "olo"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register ``%olo`` and ``%%olo``, the display of results, and the recorder of cell runs."""
    from olo_magics.recorder import Recorder

    if hasattr(shell, _KERNEL):
        return
    recorder = Recorder()
    recorder.register(shell)
    setattr(shell, _KERNEL, recorder)

    def olo(line: str, cell: str | None = None) -> Any:
        from olo_magics.commands import run_command

        return run_command(_kernel(shell), line, cell)

    olo.__doc__ = _HELP
    shell.register_magic_function(olo, magic_kind="line_cell", magic_name="olo")  # type: ignore[call-arg, arg-type]
    assert shell.display_formatter is not None
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type_by_name("olo_jupyter.lakehouse.result", "Result", _bundle)
    formatter.for_type_by_name("olo_jupyter.lakehouse.diff.report", "Diff", _diff_bundle)
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(_matcher(shell))


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything back that loading did."""
    state = getattr(shell, _KERNEL, None)
    if state is None:
        return
    state.unregister(shell)
    delattr(shell, _KERNEL)
    if shell.Completer is not None:
        shell.Completer.custom_matchers[:] = [
            matcher
            for matcher in shell.Completer.custom_matchers
            if getattr(matcher, "matcher_identifier", "") != _MATCHER
        ]
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("olo", None)


def _matcher(shell: InteractiveShell) -> Any:
    """Completion for cells and lines of ours; costs nothing in any other."""
    from IPython.core.completer import context_matcher

    @context_matcher(identifier=_MATCHER, priority=1000)  # type: ignore[untyped-decorator, unused-ignore]
    def match(context: Any) -> Any:
        text = context.full_text
        if "%olo" not in text:
            return {"completions": []}
        from olo_magics.completion import completions, matched

        lines = text.split("\n")
        cursor = sum(len(line) + 1 for line in lines[: context.cursor_line]) + context.cursor_position
        found = completions(_kernel(shell), text, cursor)
        return {"completions": []} if found is None else matched(found, text, cursor)

    return match


def _kernel(shell: InteractiveShell) -> Kernel:
    from olo_magics.kernel import Kernel
    from olo_magics.recorder import Recorder

    state = getattr(shell, _KERNEL)
    if isinstance(state, Recorder):
        state = Kernel(shell, state)
        setattr(shell, _KERNEL, state)
    assert isinstance(state, Kernel)
    return state


def _bundle(result: Any, include: Any = None, exclude: Any = None) -> Any:
    from olo_magics.render import result_bundle

    return result_bundle(result)


def _diff_bundle(diff: Any, include: Any = None, exclude: Any = None) -> Any:
    from olo_magics.diff import diff_bundle

    return diff_bundle(diff)


_HELP = """Explore Iceberg tables and promote cells. %olo help COMMAND tells more of each.

  %%olo sql [RESULT <<] [--engine NAME] [--as-of WHEN | --snapshot ID | --ref NAME] [--limit N]
            [--max-scan 10GB] [--dry-run] [--explain]
  SELECT carrier, count(*) AS flights FROM silver.flights WHERE dep_delay > :threshold GROUP BY 1

  %olo tables [NAMESPACE]     %olo describe TABLE     %olo snapshots TABLE     %olo refs TABLE
  %olo diff TABLE PIN PIN [--key COL]     what changed between two pins (%%olo diff PIN PIN: of the query below)
  %olo tag TABLE NAME [--snapshot ID]     a name for a snapshot, which then doesn't expire
  %olo as-of WHEN | --clear   read everything as it was then, in the whole notebook
  %olo engine [NAME]          run on embedded, trino or spark, in the whole notebook
  %olo chart RESULT [KIND]    line, bar, histogram or scatter, aggregated in the engine
  %olo export RESULT FILE     to .csv or .parquet
  %olo history [TEXT]         what ran;  %olo save NAME, %olo queries [--run NAME]: queries kept in the project
  %%olo promote NAME          a YAML body: kind, layer, materialized, unique_key, schedule, tests, owner, tags …
  %olo promote NAME [--from VARIABLE|CELL] [--plan]
  %olo jobs     %olo runs [JOB]     %olo status     %olo doctor     %olo help [COMMAND]
"""
