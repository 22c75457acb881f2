"""Edges that a text doesn't tell plainly: each of these was lost once, and its slice silently wrong."""

from __future__ import annotations

import pytest

from olo_converters.graph import build_graph
from olo_converters.notebook import Cell, Notebook
from olo_converters.slice import slice_for

KEPT = {
    "a reader that only its name tells": (
        "import pandas as pd",
        "open('f.txt', 'w').write('a')",
        "r = pd.read_fwf('f.txt')",
    ),
    "a reader of another library": (
        "import scipy.io as sio",
        "sio.savemat('x.mat', {'a': [1]})",
        "r = sio.loadmat('x.mat')['a']",
    ),
    "a file written under a path nobody knows": (
        "import polars as pl, sys",
        "pl.DataFrame({'a': [1]}).write_ipc(sys.argv[0] + '.arrow')",
        "r = pl.read_ipc('x.arrow')",
    ),
    "a folder that is read whole": (
        "import os\nfrom sklearn.datasets import load_files",
        "os.makedirs('c')",
        "r = load_files('c')",
    ),
    "a frame as text in a file": (
        "import pandas as pd",
        "pd.DataFrame({'a': [1]}).to_string('s.txt')",
        "r = open('s.txt').read()",
    ),
    "files named by keywords": (
        "import polars as pl",
        "pl.DataFrame({'a': [1]}).write_csv(file='k.csv')",
        "r = pl.read_csv(source='k.csv')",
    ),
    "an array mapped to a file": (
        "import numpy as np",
        "np.save('a.npy', np.zeros(3))",
        "m = np.load('a.npy', mmap_mode='r+')",
        "m[0] = 7",
        "r = np.load('a.npy').sum()",
    ),
    "a table of DuckDB's own connection": (
        "import duckdb",
        "duckdb.execute('create table t(a int)')",
        "r = duckdb.table('t').fetchall()",
    ),
    "SQL that polars runs": (
        "import polars as pl, sqlite3",
        "con = sqlite3.connect('z.db')",
        "other = sqlite3.connect('z.db')",
        "other.execute('insert into t values (4)')",
        "other.commit()",
        "r = pl.read_database('select * from t', connection=con)",
    ),
    "typing.cast hands back what it is given": (
        "from typing import cast",
        "x = [1]",
        "y = cast(list, x)",
        "y.append(2)",
        "r = len(x)",
    ),
    "special methods by their names": ("x = [1]", "x.__iadd__([2])", "x.__delitem__(0)", "r = len(x)"),
    "arguments that are written, by keyword": (
        "import numpy as np",
        "d = np.zeros(3)",
        "np.copyto(dst=d, src=[1, 2, 3])",
        "r = d.sum()",
    ),
    "several fields of an array are a view": (
        "import numpy as np",
        "a = np.zeros(2, dtype=[('x', 'i4'), ('y', 'f8')])",
        "v = a[['x', 'y']]",
        "v['x'] = 5",
        "r = a['x'].sum()",
    ),
    "methods of generators called of their class": (
        "import numpy as np",
        "rng = np.random.default_rng(1)",
        "a = np.arange(5)",
        "np.random.Generator.shuffle(rng, a)",
        "r = a[0]",
    ),
    "a style is changed by its methods": (
        "import pandas as pd",
        "df = pd.DataFrame({'a': [1.2]})",
        "st = df.style.format('{:.1f}')",
        "st.hide(axis='index')",
        "r = st.to_string()",
    ),
    "columns set by position": (
        "import pandas as pd",
        "df = pd.DataFrame({'a': [1, 2]})",
        "df.isetitem(0, [7, 8])",
        "r = df['a'].sum()",
    ),
    "an estimator that works in what it is given": (
        "import numpy as np\nfrom sklearn.preprocessing import Normalizer",
        "X = np.array([[3., 4.]])",
        "n = Normalizer(copy=False)",
        "n.transform(X)",
        "r = X.sum()",
    ),
    "a member that an Enum hasn't": (
        "from enum import Enum",
        "class Color(Enum):\n    RED = 1\n    @classmethod\n    def _missing_(cls, value):\n"
        "        seen.append(value)\n        return cls.RED",
        "seen = []",
        "c = Color(5)",
        "r = len(seen)",
    ),
    "subclasses that are asked for": (
        "class P: pass",
        "class A(P): pass",
        "r = len(P.__subclasses__())",
    ),
    "a folder that is changed into for a while": (
        "import contextlib, os",
        "os.mkdir('sub')",
        "with contextlib.chdir('sub'):\n    open('a.txt', 'w').write('1')",
        "r = open('sub/a.txt').read()",
    ),
    "bytes that are looked at": ("b = bytearray(b'abc')", "m = memoryview(b)[1:]", "m[0] = 120", "r = bytes(b)"),
    "the environment as a whole": ("import os", "os.environ['A9'] = '1'", "snap = dict(os.environ)", "r = snap['A9']"),
    "the environment in a path": ("import os", "os.environ['A9'] = '1'", "r = os.path.expandvars('$A9/x')"),
    "the environment of a command": (
        "import os, subprocess",
        "os.environ['A9'] = '1'",
        "r = subprocess.check_output('echo $A9', shell=True)",
    ),
    "an archive that is unpacked": (
        "import tarfile",
        "t = tarfile.open('t.tar')",
        "t.extractall('out')",
        "r = open('out/in.txt').read()",
    ),
    "functions that SQL knows by name": (
        "import duckdb",
        "def f(x: int) -> int:\n    return x * k",
        "duckdb.create_function('f9', f)",
        "k = 5",
        "r = duckdb.sql('select f9(3)').fetchall()",
    ),
    "a method that is called of all": (
        "from operator import methodcaller",
        "xs = [[1], [2]]",
        "list(map(methodcaller('append', 0), xs))",
        "r = sum(map(len, xs))",
    ),
    "a reader that is mapped": (
        "import pandas as pd",
        "open('d.csv', 'w').write('v')",
        "r = list(map(pd.read_csv, ['d.csv']))",
    ),
    "a reader out of a dict": (
        "import pandas as pd",
        "open('d.csv', 'w').write('v')",
        "readers = {'csv': pd.read_csv}",
        "r = readers['csv']('d.csv')",
    ),
    "one of two readers": (
        "import pandas as pd",
        "open('d.csv', 'w').write('v')",
        "kind = 'csv'",
        "if kind == 'csv':\n    read = pd.read_csv\nelse:\n    read = pd.read_json",
        "r = read('d.csv')",
    ),
    "a reader that is asked for": (
        "import pandas as pd",
        "open('d.csv', 'w').write('v')",
        "kind = 'csv'",
        "r = getattr(pd, f'read_{kind}')('d.csv')",
    ),
    "a writer with a name of its own": (
        "import pandas as pd",
        "df = pd.DataFrame({'v': [4]})",
        "save = df.to_csv",
        "save('o.csv')",
        "r = pd.read_csv('o.csv')",
    ),
    "draws that are mapped": (
        "import random",
        "random.seed(1)",
        "a = list(map(random.choice, [[1, 2], [3, 4]]))",
        "r = random.random()",
    ),
    "methods of types that are mapped": (
        "xs = [[], []]",
        "list(map(list.append, xs, [1, 2]))",
        "r = sum(map(len, xs))",
    ),
    "iterators used up by an addition": ("it = iter([7, 8])", "xs = [1]", "xs += it", "r = list(it)"),
    "iterators used up by a slice": ("it = iter([7, 8])", "xs = [1]", "xs[0:1] = it", "r = list(it)"),
    "settings of Python itself": ("import sys", "sys.set_int_max_str_digits(0)", "r = str(10 ** 5000)"),
    "a global of a class body": ("n = 0", "class A:\n    global n\n    n = 5", "r = n"),
    "colours registered by name": (
        "import matplotlib as mpl\nfrom matplotlib.colors import ListedColormap",
        "mpl.colormaps.register(ListedColormap(['r'], name='mine'))",
        "r = mpl.colormaps['mine'].N",
    ),
}
"""Every cell of these is needed for ``r``."""
REFUSED = {
    "what a function does to the session": (
        "def setup():\n    get_ipython().run_line_magic('env', 'A=1')",
        "setup()",
        "import os",
        "r = os.environ.get('A')",
    ),
    "events of the session": (
        "ip = get_ipython()",
        "count = []",
        "ip.events.register('post_execute', lambda: count.append(1))",
        "r = len(count)",
    ),
    "a hook on every call": (
        "import sys",
        "calls = []",
        "sys.setprofile(lambda *a: calls.append(1))",
        "r = len(calls)",
    ),
}


def notebook(cells: tuple[str, ...]) -> Notebook:
    return Notebook("edges", tuple(Cell(f"c{at}", at, "code", text) for at, text in enumerate(cells)))


@pytest.mark.parametrize("case", KEPT)
def test_every_cell_is_kept(case: str) -> None:
    cut = slice_for(build_graph(notebook(KEPT[case])), "r")
    assert not cut.is_refused
    assert list(cut.cells) == [f"c{at}" for at in range(len(KEPT[case]))]


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_decided_is_refused(case: str) -> None:
    assert slice_for(build_graph(notebook(REFUSED[case])), "r").is_refused


def test_a_text_that_names_no_file_is_none() -> None:
    cells = (
        "import pandas as pd",
        "s = pd.Series(['a.b'])",
        "t = s.str.split('.')",
        "u = pd.to_datetime('2020-01-01')",
    )
    graph = build_graph(notebook(cells))
    assert not [
        one for statement in graph.statements for one in statement.reads | statement.writes if one.kind == "file"
    ]
