"""Annotations from the values that were seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from olo_converters.capture import Capture

FRAME_TYPES = {
    "pandas.DataFrame": ("pd.DataFrame", "import pandas as pd"),
    "pandas.core.frame.DataFrame": ("pd.DataFrame", "import pandas as pd"),
    "polars.DataFrame": ("pl.DataFrame", "import polars as pl"),
    "polars.dataframe.frame.DataFrame": ("pl.DataFrame", "import polars as pl"),
    "pyarrow.Table": ("pa.Table", "import pyarrow as pa"),
    "pyarrow.lib.Table": ("pa.Table", "import pyarrow as pa"),
}
_OTHERS = {
    **FRAME_TYPES,
    "pandas.Series": ("pd.Series", "import pandas as pd"),
    "pandas.core.series.Series": ("pd.Series", "import pandas as pd"),
    "numpy.ndarray": ("np.ndarray", "import numpy as np"),
    "list": ("list[Any]", "from typing import Any"),
    "dict": ("dict[Any, Any]", "from typing import Any"),
    "set": ("set[Any]", "from typing import Any"),
    "tuple": ("tuple[Any, ...]", "from typing import Any"),
    "datetime.date": ("date", "from datetime import date"),
    "datetime.datetime": ("datetime", "from datetime import datetime"),
    "datetime.time": ("time", "from datetime import time"),
    "decimal.Decimal": ("Decimal", "from decimal import Decimal"),
    "olo_jupyter.lakehouse.result.Result": ("Result", "from olo_jupyter.lakehouse.result import Result"),
}
_SCALARS = {"int", "float", "str", "bool", "bytes"}
_ANY = ("Any", "from typing import Any")


def annotation(name: str, capture: Capture, needs: set[str]) -> str:
    """The annotation of a variable; ``needs`` gets the import line that it takes. ``Any`` where it wasn't seen."""
    seen = capture.values.get(name)
    if seen is not None and seen.type in _SCALARS:
        return seen.type
    text, line = _OTHERS.get(seen.type, _ANY) if seen is not None else _ANY
    needs.add(line)
    return text


def annotation_of(value: Any, needs: set[str]) -> str:
    """The annotation of a default value."""
    if type(value).__name__ in _SCALARS:
        return type(value).__name__
    lines: Mapping[type, str] = {
        datetime: "datetime.datetime",
        date: "datetime.date",
        time: "datetime.time",
        Decimal: "decimal.Decimal",
    }
    for type_, qualified in lines.items():
        if isinstance(value, type_):
            text, line = _OTHERS[qualified]
            needs.add(line)
            return text
    needs.add(_ANY[1])
    return "Any"
