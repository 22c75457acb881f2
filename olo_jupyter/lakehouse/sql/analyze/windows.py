"""The WINDOW clause: named windows put in place of their names."""

from __future__ import annotations

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.clauses import inside
from olo_jupyter.lakehouse.sql.parse import fail


def with_named_windows(node: exp.Select) -> exp.Select:
    """A SELECT in which each ``OVER w`` and ``OVER (w …)`` is spelled out."""
    defined: dict[str, exp.Window] = {}
    named = node.args.get("windows") or []
    order = node.args.get("order")
    windows = [
        part
        for root in (*node.expressions, *(order.expressions if order else ()))
        for part in inside(root)
        if isinstance(part, exp.Window)
    ]
    over = [window for window in windows if window.args.get("alias")]
    for window in named:
        name = window.this.name.lower()
        if name in defined:
            raise fail(f"WINDOW name '{window.this.name}' specified more than once", "duplicate-window-name", window)
        _extend(window, defined)
        defined[name] = window
    for window in over:
        _extend(window, defined)
    for window in windows:
        _check(window)
    return node


def _check(window: exp.Window) -> None:
    """No window in a window; no FILTER, which Trino doesn't have for windows."""
    if isinstance(window.this, exp.Filter):
        raise fail("FILTER is not yet supported for window functions", "not-supported", window)
    for part in window.iter_expressions():
        for inner in inside(part):
            if isinstance(inner, exp.Window):
                where = "window specification" if part is not window.this else "window function arguments"
                message = f"Cannot nest window functions or row pattern measures inside {where}"
                raise fail(message, "nested-window", inner)


def _extend(window: exp.Window, defined: dict[str, exp.Window]) -> None:
    """Give ``window`` what the window has that it names; only what isn't set there may be set here."""
    name = window.args.get("alias")
    if name is None:
        return
    base = defined.get(name.name.lower())
    if base is None:
        hint = f"Windows here: {', '.join(defined)}." if defined else ""
        raise fail(f"Cannot resolve WINDOW name {name.name}", "invalid-window-reference", name, hint=hint)
    own = [key for key in ("partition_by", "order", "spec") if window.args.get(key)]
    if own and base.args.get("spec"):
        raise fail(
            f"Cannot reference named WINDOW containing frame specification: {name.name}",
            "invalid-window-reference",
            name,
        )
    if "partition_by" in own:
        raise fail(
            "WINDOW specification with named WINDOW reference cannot specify PARTITION BY", "invalid-partition-by", name
        )
    if "order" in own and base.args.get("order"):
        raise fail("Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY", "invalid-order-by", name)
    window.set("alias", None)
    for key in ("partition_by", "order", "spec"):
        given = base.args.get(key)
        if given and key not in own:
            window.set(key, [each.copy() for each in given] if isinstance(given, list) else given.copy())
