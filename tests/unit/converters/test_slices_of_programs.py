"""Random programs: the slice of every variable, run alone, gives what the whole program gave."""
# ruff: noqa: E501 - one case a line

from __future__ import annotations

import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from olo_converters.graph import build_graph
from olo_converters.notebook import Cell, Notebook
from olo_converters.slice import slice_for
from tests.unit.converters.programs import run, shown

NAMES = ("a", "b", "c", "d")
TEMPLATES = (
    "{x} = []",
    "{x} = [{n}]",
    "{x} = {y}",
    "{x} = [{y}, {z}]",
    "{x} = {{'k': {y}, 'n': [{n}]}}",
    "{x} = list({y})",
    "{x} = {y}[:]",
    "{x} = {y} + [{n}]",
    "{x} += [{n}]",
    "{x}.append({n})",
    "{x}.append({y})",
    "{x}.extend([{n}, {y}])",
    "{x}.extend(list({y}))",
    "{x}.insert(0, {y})",
    "{x}[0] = {n}",
    "{x}[0] = {y}",
    "{x}[-1].append({n})",
    "{x}['k'] = {y}",
    "{x} = {y}[0]",
    "{x} = {y}['k']",
    "{x} = {y}.pop()",
    "{x}, {y} = {y}, {x}",
    "{x}, {y} = [{n}], {z}",
    "for item in list({y}):\n    {x}.append(item)",
    "for item in {y}:\n    item.append({n})",
    "for i in range(2):\n    {x} = [{y}]\n    {y} = [i]",
    "if {n} > 2:\n    {x} = {y}\nelse:\n    {z} = {x}",
    "if {n} > 2:\n    {x}.append({n})",
    "while len({x}) < 3:\n    {x}.append({n})",
    "try:\n    {x} = {y}[5]\nexcept Exception:\n    {x} = [{n}]",
    "{x} = [v for v in {y}]",
    "{x} = [[v] for v in {y}]",
    "{x} = (v for v in {y})",
    "{x} = iter({y})",
    "{x} = next(iter({y}))",
    "{x} = list(map(keep, {y}))",
    "{x} = keep({y})",
    "{x} = add({y}, {n})",
    "add({x}, {y})",
    "{x} = fresh({n})",
    "{x} = wrap({y})",
    "{x} = Box({y})",
    "{x} = Box([{n}])",
    "{x}.put({n})",
    "{x}.inner.append({n})",
    "{x} = {y}.inner",
    "{x} = lambda: {y}",
    "{x} = {y}()",
    "{x} = counter({y})",
    "{x}({n})",
    "{x} = sorted([{n}, 3, 1])",
    "{x} = random.random()",
    "random.seed({n})",
    "{x} = random.sample(range(9), 3)",
    "random.shuffle({x})",
    "{x} = rng.random()",
    "rng.shuffle({x})",
    "{x} = rng",
    "{x} = copy.copy({y})",
    "{x} = copy.deepcopy({y})",
    "{x} = enumerate({y})",
    "{x} = zip({y}, list({z}))",
    "{x} = list(zip({y}, {z}))",
    "{x} = dict(k={y})",
    "{x} = {y} if {n} > 2 else {z}",
    "{x} = {y} or {z}",
    "del {x}",
    "total += {n}",
    "{x} = [total]",
    "bump()",
    "def late():\n    return {y}",
    "{x} = late()",
    "{x} = (lambda q: q.append({n}) or q)({y})",
    "setattr(holder, 'v', {y})",
    "{x} = holder.v",
    "{x} = getattr(holder, 'v')",
    "holder.v.append({n})",
    "with Box({y}) as {x}:\n    {x}.append({n})",
    "{x} = functools.partial(add, {y})",
    "{x} = functools.reduce(add, {y}, [])",
    "{x} = {y}.copy()",
    "{x} = tuple({y})",
    "{x} = [*{y}, *{z}]",
    "{x} = {{**{y}, 'm': {z}}}",
    "({x} := [{n}]).append({y})",
    "{x} = gen({y})",
    "match {y}:\n    case [first, *rest]:\n        {x} = rest\n    case _:\n        {z} = [{n}]",
    "box = [{y}]\nbox[0].append({n})",
)
PRELUDE = (
    "import random, copy, functools",
    "random.seed(5)",
    "rng = random.Random(3)",
    "total = 0",
    "def keep(v):\n    return v",
    "def add(v, n):\n    v.append(n)\n    return v",
    "def fresh(n):\n    return [n]",
    "def wrap(v):\n    inner = [v]\n    return inner",
    "def gen(v):\n    for one in v:\n        yield one",
    "def bump():\n    global total\n    total += 1",
    "def counter(v):\n    def inner(n=1):\n        v.append(n)\n        return v\n    return inner",
    "class Box:\n    def __init__(self, inner):\n        self.inner = inner\n    def put(self, n):\n        self.inner.append(n)\n"
    "    def __enter__(self):\n        return self.inner\n    def __exit__(self, *error):\n        return False",
    "class Holder:\n    pass",
    "holder = Holder()",
    "holder.v = []",
    "def late():\n    return total",
    "a, b, c, d = [1], [2], {'k': [3]}, [[4]]",
)


def program(seed: int, length: int) -> list[str]:
    """Statements that all run: those that fail are left out, as an analyst would delete them."""
    source = random.Random(seed)
    kept = list(PRELUDE)
    for _ in range(length):
        template = source.choice(TEMPLATES)
        x, y, z = source.choices(NAMES, k=3)
        statement = template.format(x=x, y=y, z=z, n=source.randint(0, 5))
        try:
            names = run([*kept, statement])
            too_long = any(len(shown(names.get(name))) > 2000 for name in NAMES)
        except Exception:  # noqa: BLE001 - any failure of a random statement
            continue
        if too_long:
            continue
        kept.append(statement)
    return kept


def check(statements: list[str]) -> None:
    cells = tuple(Cell(f"c{number}", number, "code", text) for number, text in enumerate(statements))
    graph = build_graph(Notebook("program", cells))
    for name in ("total", *NAMES, "holder"):
        whole = run(statements)  # once a name: looking at an iterator uses it up
        if name not in whole:
            continue
        cut = slice_for(graph, name)
        if cut.is_refused:
            continue
        part = run([statement.source for statement in cut.statements])
        text = "\n".join(statements[len(PRELUDE) :])
        kept = "\n".join(statement.source for statement in cut.statements)
        assert shown(part.get(name)) == shown(whole[name]), f"{name} of\n{text}\n--- slice\n{kept}"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.integers(0, 10**9), st.integers(3, 14))
def test_slices_of_random_programs(seed: int, length: int) -> None:
    check(program(seed, length))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_valid(template: str) -> None:
    assert not re.search(r"\{[xyzn]\}", template.format(x="a", y="b", z="c", n=1))
