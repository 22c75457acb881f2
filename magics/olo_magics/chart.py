"""``%olo chart``: a result as a picture that stays in the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from olo_converters.magic_line import read_line
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.catalog import nearest
from olo_jupyter.lakehouse.charts import Chart, Wanted
from olo_jupyter.lakehouse.charts import chart as draw
from olo_jupyter.lakehouse.result import Result
from olo_magics.kernel import Kernel

if TYPE_CHECKING:
    import altair

MIME_TYPE = "application/vnd.vegalite.v5+json"
_DOTS = 60
_OPTIONS = ("--x", "--y", "--color", "--agg", "--bins", "--kind")


def chart(kernel: Kernel, line: str, cell: str | None) -> ChartView:
    """``%olo chart RESULT [line|bar|histogram|scatter] [--x COL] [--y COL] [--color COL] [--agg avg|sum|…]``

    Draws a result of ``%%olo sql``. The points are aggregated by the engine from all rows of the result, and the title
    says how; nothing is sampled. Kind and columns are chosen by their types where you name none. ``--bins N`` sets the
    bins of a histogram.

      %olo chart delays
      %olo chart delays bar --x carrier --y flights --agg sum
      %olo chart delays histogram --x dep_delay --bins 50
    """
    words = read_line(line, _OPTIONS)
    if words.result or not 1 <= len(words.rest) <= 2:
        raise OloError(
            "Name a result to draw." if not words.rest else f"{line!r} is not understood.",
            code="magic-line",
            hint="Write e.g. %olo chart delays bar --x carrier --y flights",
        )
    bins = words.values.get("--bins", "30")
    if not bins.isdigit() or not 1 <= int(bins) <= 1000:
        raise OloError(f"--bins {bins!r} is no number from 1 to 1000.", code="magic-line", hint="Write e.g. --bins 50")
    result = named_result(kernel, words.rest[0])
    kind = words.rest[1] if len(words.rest) == 2 else words.values.get("--kind", "")
    wanted = Wanted(
        kind, words.values.get("--x", ""), words.values.get("--y", ""), words.values.get("--color", ""),
        words.values.get("--agg", ""), int(bins),
    )  # fmt: skip
    session = kernel.session

    def run(sql: str) -> Result:
        return session.execute(sql, engine="embedded", results={"data": result}, recorded=False, max_scan=0)

    return ChartView(draw(result, wanted, run), words.rest[0])


def named_result(kernel: Kernel, name: str) -> Result:
    """The result in the variable ``name``.

    Raises:
        OloError: ``result-not-found``; the nearest is offered.
    """
    value = kernel.variables.get(name)
    if isinstance(value, Result):
        return value
    known = [each for each, one in kernel.variables.items() if isinstance(one, Result) and not each.startswith("_")]
    what = f"{name} is a {type(value).__name__}, no result of %%olo sql." if value is not None else ""
    raise OloError(
        what or f"There is no result {name}.",
        code="result-not-found",
        hint=nearest(name, known) or "Make one: %%olo sql NAME << on the first line of a cell.",
    )


class ChartView:
    """A chart as a cell shows and keeps it: Vega-Lite, which JupyterLab draws itself, also without a kernel."""

    def __init__(self, chart: Chart, name: str) -> None:
        self.chart = chart
        self.name = name

    def to_altair(self) -> altair.Chart:
        """The chart as an Altair object, to change it.

        Raises:
            OloError: ``not-installed``: Altair isn't there.
        """
        try:
            import altair
        except ImportError as error:
            hint = "pip install 'altair>=5.5,<6', or draw .to_pandas() with what you have."
            raise OloError("Altair is not installed.", code="not-installed", hint=hint) from error
        drawn = altair.Chart.from_dict(vega_lite(self.chart))
        assert isinstance(drawn, altair.Chart)
        return drawn

    def __repr__(self) -> str:
        made = self.chart
        return f"{made.kind} of {self.name}: {made.y} by {made.x}, {len(made.points):,} points. {made.note}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {MIME_TYPE: vega_lite(self.chart), "text/plain": repr(self)}


def vega_lite(made: Chart) -> dict[str, Any]:
    """The chart in Vega-Lite 5, with its points in it: no file, no address, no kernel is needed to draw it again."""
    encoding = _binned(made) if made.binned else _plain(made)
    if made.color:
        encoding["color"] = {"field": "color", "type": "nominal", "title": made.color}
    mark = {"line": "line", "bar": "bar", "histogram": "bar", "scatter": "rect" if made.binned else "point"}[made.kind]
    shown = {"x": made.x, "y": made.y, "rows": "rows", "color": made.color}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": f"{made.y} by {made.x}", "subtitle": made.note, "anchor": "start"},
        "width": 640,
        "height": 320,
        "data": {"values": list(made.points)},
        "mark": {"type": mark, "point": made.kind == "line" and len(made.points) <= _DOTS},
        "encoding": {
            **encoding,
            "tooltip": [
                {**{key: encoding[name][key] for key in ("field", "type") if name in encoding}, "title": title}
                if name in encoding
                else {"field": name, "type": "quantitative", "title": title}
                for name, title in shown.items()
                if title and name in (made.points[0] if made.points else ())
            ],
        },
    }


def _plain(made: Chart) -> dict[str, dict[str, Any]]:
    kind = {"time": "temporal", "number": "quantitative", "category": "nominal"}[made.scale]
    x: dict[str, Any] = {"field": "x", "type": kind, "title": made.x}
    if made.scale == "time":
        x |= {"title": f"{made.x} (UTC)", "scale": {"type": "utc"}}
    elif made.scale == "category":
        x["sort"] = None
    else:
        x["scale"] = {"zero": False}
    y = {"field": "y", "type": "quantitative", "title": made.y, "scale": {"zero": made.kind == "bar"}}
    return {"x": x, "y": y}


def _binned(made: Chart) -> dict[str, dict[str, Any]]:
    bins: dict[str, dict[str, Any]] = {
        "x": {"field": "x", "type": "quantitative", "title": made.x, "bin": {"binned": True}, "scale": {"zero": False}},
        "x2": {"field": "x2"},
    }
    if made.kind == "histogram":
        return {**bins, "y": {"field": "y", "type": "quantitative", "title": made.y}}
    return {
        **bins,
        "y": {"field": "y", "type": "quantitative", "title": made.y, "bin": {"binned": True}, "scale": {"zero": False}},
        "y2": {"field": "y2"},
        "color": {"field": "rows", "type": "quantitative", "title": "rows"},
    }
