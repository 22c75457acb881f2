"""Values that no second run gives again are told: those of the clock, and of random draws without a seed."""

from __future__ import annotations

import pytest

from olo_converters.graph import build_graph
from olo_converters.notebook import Cell, Notebook
from olo_converters.slice import slice_for

CLOCK = (
    ("import pandas as pd", "x = pd.Timestamp.utcnow()"),
    ("import pandas as pd", "x = pd.Timestamp('now')"),
    ("import pandas as pd", "x = pd.to_datetime('today')"),
    ("import pandas as pd", "x = pd.date_range(end='now', periods=3)"),
    ("import numpy as np", "x = np.datetime64('today', 'D')"),
    ("from django.utils import timezone", "x = timezone.now()"),
    ("import duckdb", "x = duckdb.sql('select now() t').df()"),
    ("from pyspark.sql import functions as F", "x = spark.table('t').withColumn('t', F.current_timestamp())"),
    ("%%olo sql x <<\nselect current_date",),
    ("%%sql x <<\nselect date('now')",),
)
DRAWS = (
    ("import os", "x = os.urandom(4)"),
    ("import numpy as np", "np.random.seed(None)", "x = np.random.rand()"),
    ("import numpy as np", "rng = np.random.default_rng(seed=None)", "x = rng.random()"),
    ("import pandas as pd", "df = pd.DataFrame({'a': [1]})", "x = df.sample(frac=1, random_state=None)"),
    ("from sklearn.ensemble import RandomForestClassifier", "x = RandomForestClassifier().fit([[1]], [1])"),
    ("from sklearn.cluster import KMeans", "x = KMeans(2, random_state=None).fit_predict([[1], [2]])"),
    ("from sklearn.model_selection import KFold", "x = list(KFold(2, shuffle=True).split([1, 2, 3]))"),
    (
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.tree import DecisionTreeClassifier",
        "p = make_pipeline(DecisionTreeClassifier())",
        "x = p.fit([[1]], [1])",
    ),
    ("import duckdb", "x = duckdb.sql('select random()').df()"),
    ("%%olo sql x <<\nselect random() r",),
    ("%%sql x <<\nselect * from t using sample 10",),
    ("from pyspark.sql import functions as F", "x = spark.table('t').withColumn('r', F.rand())"),
    ("x = spark.table('t').sample(0.1)",),
    ("x, y = spark.table('t').randomSplit([.8, .2])",),
)
SAME = (
    ("import numpy as np", "np.random.seed(0)", "x = np.random.rand()"),
    ("from sklearn.linear_model import LinearRegression", "x = LinearRegression().fit([[1]], [1])"),
    ("from sklearn.cluster import KMeans", "x = KMeans(2, random_state=0).fit([[1], [2]])"),
    ("from sklearn.model_selection import KFold", "x = list(KFold(2).split([1, 2, 3]))"),
    (
        "import numpy as np\nfrom sklearn.cluster import KMeans",
        "np.random.seed(0)",
        "x = KMeans(2).fit([[1], [2]])",
    ),
    ("from pyspark.sql import functions as F", "x = spark.table('t').withColumn('r', F.rand(3))"),
    ("x, y = spark.table('t').randomSplit([.8, .2], 42)",),
    ("x = spark.table('t').sample(0.1, seed=3)",),
    ("import pandas as pd", "x = pd.to_datetime('2020-01-01')"),
    ("%%olo sql x <<\nselect 'now()' a, t.current_date from t -- random()",),
    ("%%sql x <<\nselect * from t tablesample (1 percent) repeatable (3)",),
)


def codes(cells: tuple[str, ...]) -> set[str]:
    notebook = Notebook("n", tuple(Cell(f"c{at}", at, "code", text) for at, text in enumerate(cells)))
    return {one.code for one in slice_for(build_graph(notebook), "x").findings}


@pytest.mark.parametrize("cells", CLOCK, ids=[cells[-1] for cells in CLOCK])
def test_the_clock_is_told(cells: tuple[str, ...]) -> None:
    assert "clock-dependence" in codes(cells)


@pytest.mark.parametrize("cells", DRAWS, ids=[cells[-1] for cells in DRAWS])
def test_draws_without_a_seed_are_told(cells: tuple[str, ...]) -> None:
    assert "unseeded-random" in codes(cells)


@pytest.mark.parametrize("cells", SAME, ids=[cells[-1] for cells in SAME])
def test_nothing_is_told_of_what_is_the_same_each_time(cells: tuple[str, ...]) -> None:
    assert not {"clock-dependence", "unseeded-random"} & codes(cells)
