"""The state of an abstract run through a notebook: names, objects and outside resources, and who gave them their value.

Nothing is executed. A value is known by the objects that it may be (``own``) and its type where one is known; an object
knows which statements changed it, and what it holds. So a read depends on the statements that bound the name and on
every statement that may have changed an object that can be reached from it: aliases, views, containers included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from olo_converters.findings import Finding
from olo_converters.graph.model import Resource

NOTHING: frozenset[int] = frozenset()
CROWDED = 6
"""So many objects are held through one that stands for them."""


@dataclass(frozen=True)
class Value:
    """What an expression may be: objects, a type of the knowledge base ('' unknown), a module's qualified name."""

    own: frozenset[int] = NOTHING
    type: str = ""
    module: str = ""

    def joined(self, other: Value) -> Value:
        """Either of two values."""
        if self == other:
            return self
        return Value(
            self.own | other.own,
            self.type if self.type == other.type else "",
            self.module if self.module == other.module else "",
        )


SCALAR = Value(type="scalar")
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Scope:
    """Names inside a function, comprehension or class body.

    ``state`` is the object that stands for the variables of a call which inner functions may rebind.
    """

    names: dict[str, Value] = field(default_factory=dict)
    parent: Scope | None = None
    local: frozenset[str] = frozenset()
    globals: frozenset[str] = frozenset()
    state: int | None = None
    is_call: bool = False
    is_class: bool = False


@dataclass
class Entity:
    """One abstract object: made by statement ``made``, changed by ``changed``, holding ``inner`` objects.

    ``latest`` are those changes that no later one depends on: they stand for all.

    A crowd is no object itself: it stands for all that it holds; ``crowd`` is the one that an object mingled in.
    """

    made: int
    changed: list[int] = field(default_factory=list)
    latest: list[int] = field(default_factory=list)
    inner: dict[int, int] = field(default_factory=dict)
    function: Function | None = None
    scope: Scope | None = None
    methods: dict[str, Value] | None = None
    class_of: int | None = None
    resource: Resource | None = None
    module: str = ""
    seeded: bool = True
    is_lazy: bool = False
    is_crowd: bool = False
    crowd: int | None = None


@dataclass
class Record:
    """What the current statement does."""

    index: int
    reads: set[Resource] = field(default_factory=set)
    writes: set[Resource] = field(default_factory=set)
    depends: set[int] = field(default_factory=set)
    blockers: list[Finding] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    binds: bool = False
    changes: bool = False
    shows: bool = False


def _may_be(one: Resource, other: Resource) -> bool:
    """Whether two resources may be the same: ``*`` is any, and a bare table's namespace isn't known."""
    if one.kind != other.kind:
        return False
    if one.name == other.name or "*" in (one.name, other.name):
        return True
    if one.kind != "table" or ("." in one.name and "." in other.name):
        return False
    return one.name.rpartition(".")[2] == other.name.rpartition(".")[2]


@dataclass
class World:
    """Names, objects and resources; ``record`` is the statement under way."""

    record: Record = field(default_factory=lambda: Record(-1))
    givers: dict[str, frozenset[int]] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    entities: list[Entity] = field(default_factory=list)
    writers: dict[Resource, list[int]] = field(default_factory=dict)
    history: dict[str, list[tuple[int, frozenset[int], frozenset[int]]]] = field(default_factory=dict)
    wild: list[int] = field(default_factory=list)
    views: dict[str, set[Resource]] = field(default_factory=dict)
    crowds: dict[frozenset[int], int] = field(default_factory=dict)
    unknowns: dict[frozenset[int], Value] = field(default_factory=dict)
    touched: list[Resource] = field(default_factory=list)

    # objects

    def new(self, holds: Iterable[int] = (), *, type_: str = "", **facts: object) -> Value:
        """A value of one new object that holds others."""
        inner = dict.fromkeys(self._crowd(frozenset(holds)), self.record.index)
        self.entities.append(Entity(self.record.index, inner=inner, **facts))  # type: ignore[arg-type]
        return Value(frozenset({len(self.entities) - 1}), type_)

    def _crowd(self, members: frozenset[int]) -> frozenset[int]:
        """Many objects as one that stands for them, so that holding many in many isn't quadratic."""
        members = self._by_crowd(members)
        if len(members) < CROWDED:
            return members
        known = self.crowds.get(members)
        if known is None:
            self.entities.append(
                Entity(self.record.index, inner=dict.fromkeys(members, self.record.index), is_crowd=True)
            )
            known = self.crowds[members] = len(self.entities) - 1
        return frozenset({known})

    def unknown(self, holds: Iterable[int] = ()) -> Value:
        """An object of no known type; one for the whole statement stands for all that hold the same."""
        key = self._by_crowd(holds)
        if not key:
            return self.new()
        known = self.unknowns.get(key)
        if known is None:
            known = self.unknowns[key] = self.new(key)
        return known

    def _by_crowd(self, members: Iterable[int]) -> frozenset[int]:
        """Objects by the crowd that they mingled in: it reaches them, and they reach it."""
        return frozenset(one if (crowd := self.entities[one].crowd) is None else crowd for one in members)

    def mingle(self, value: Value) -> None:
        """Each of a value's objects may hold each other one from now on."""
        parts = self._by_crowd(value.own)
        if len(parts) < 2:
            return
        crowd = next((one for one in sorted(parts) if self.entities[one].is_crowd), None)
        if crowd is None:
            self.entities.append(Entity(self.record.index, is_crowd=True))
            crowd = len(self.entities) - 1
        for one in parts - {crowd}:
            self.entities[crowd].inner.setdefault(one, self.record.index)
            self.entities[one].inner.setdefault(crowd, self.record.index)
            if not self.entities[one].is_crowd:
                self.entities[one].crowd = crowd

    def reach(self, own: Iterable[int], before: int | None = None) -> Iterator[int]:
        """The objects and everything they hold; ``before``: as it was when that statement began."""
        seen: set[int] = set()
        queue = list(own)
        while queue:
            identifier = queue.pop()
            if identifier in seen:
                continue
            seen.add(identifier)
            entity = self.entities[identifier]
            if not entity.is_crowd:
                yield identifier
            queue.extend(entity.inner if before is None else (one for one, at in entity.inner.items() if at < before))
            if entity.class_of is not None:
                queue.append(entity.class_of)

    def read(self, value: Value) -> None:
        """The current statement sees the state of a value."""
        seen = self.record.seen
        queue = [identifier for identifier in value.own if identifier not in seen]
        while queue:
            identifier = queue.pop()
            if identifier in seen:
                continue  # what changed it since, or what it holds since, is this statement's own doing
            seen.add(identifier)
            entity = self.entities[identifier]
            self.record.depends.update(entity.latest)
            if self.wild:
                self.record.depends.update(at for at in self.wild if at > entity.made)
            if entity.resource is not None:
                if entity.is_lazy:
                    self.read_resource(entity.resource)
                else:
                    self.record.reads.add(entity.resource)
            queue.extend(entity.inner)
            if entity.class_of is not None:
                queue.append(entity.class_of)

    def change(self, value: Value, *, deep: bool = False) -> None:
        """The current statement may change a value in place; ``deep``: also what it holds."""
        for identifier in list(self.reach(value.own)) if deep else value.own:
            entity = self.entities[identifier]
            if entity.is_crowd:
                continue
            self.record.changes = True
            if not entity.changed or entity.changed[-1] != self.record.index:
                entity.changed.append(self.record.index)
                if identifier in self.record.seen:
                    entity.latest = [self.record.index]
                else:
                    entity.latest.append(self.record.index)
            if entity.resource is not None and not entity.is_lazy:
                self.write_resource(entity.resource)

    def hold(self, container: Value, content: Value) -> None:
        """A value now holds another one."""
        held = self._crowd(content.own)
        for identifier in self._by_crowd(container.own):
            inner = self.entities[identifier].inner
            for other in held:
                inner.setdefault(other, self.record.index)

    def inner(self, value: Value) -> frozenset[int]:
        """What a value's objects hold, one level down."""
        found: set[int] = set()
        queue = list(value.own)
        crowds: set[int] = set()
        while queue:
            for one in self.entities[queue.pop()].inner:
                if not self.entities[one].is_crowd:
                    found.add(one)
                elif one not in crowds:
                    crowds.add(one)
                    queue.append(one)
        return frozenset(found)

    def source(self, value: Value, resources: Iterable[Resource]) -> None:
        """A value reads these again whenever it is used."""
        for resource in dict.fromkeys(resources):
            self.hold(value, self.new((), resource=resource, is_lazy=True))

    # names

    def is_bound(self, name: str) -> bool:
        """Whether a name of the notebook has a value."""
        return name in self.values

    def read_name(self, name: str) -> Value:
        """The value of a bound name, its giver and its state noted."""
        self.record.reads.add(Resource("name", name))
        self.record.depends.update(self.givers[name])
        value = self.values[name]
        self.read(value)
        return value

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value, in place of what it had."""
        self.record.writes.add(Resource("name", name))
        self.record.binds = True
        self.givers[name] = frozenset({self.record.index})
        self.values[name] = value

    def unbind(self, name: str) -> None:
        """``del name``."""
        self.record.writes.add(Resource("name", name))
        self.record.binds = True
        self.values.pop(name, None)
        self.givers[name] = frozenset({self.record.index})

    # resources

    def read_resource(self, resource: Resource) -> None:
        """The current statement depends on everything that wrote the resource. ``*`` stands for any.

        A view is read with what it was made of, a metadata table (``t$files``) with its table.
        """
        self.touched.append(resource)
        queue, seen = [resource], {resource}
        while queue:
            one = queue.pop()
            self.record.reads.add(one)
            for written, writers in self.writers.items():
                if _may_be(written, one):
                    self.record.depends.update(writers)
            if one.kind != "table":
                continue
            below = {
                part for view, parts in self.views.items() if _may_be(Resource("table", view), one) for part in parts
            }
            if "$" in one.name:
                below.add(Resource("table", one.name.rpartition("$")[0]))
            for part in below - seen:
                seen.add(part)
                if part.kind == "table":
                    queue.append(part)
                elif self.is_bound(part.name):
                    self.read_name(part.name)

    def is_written(self, resource: Resource) -> bool:
        """Whether a statement above may have written the resource."""
        return any(_may_be(written, resource) for written in self.writers)

    def define_view(self, name: str) -> None:
        """The current statement makes a view of what it reads."""
        read = {one for one in self.record.reads if one.kind in ("table", "name")}
        self.views.setdefault(name, set()).update(read)

    def write_resource(self, resource: Resource, *, anew: bool = False) -> None:
        """The current statement changes a resource; ``anew``: nothing of its old state is left (a seed)."""
        self.record.writes.add(resource)
        if anew:
            self.writers[resource] = [self.record.index]
            return
        writers = self.writers.setdefault(resource, [])
        if not writers or writers[-1] != self.record.index:
            writers.append(self.record.index)

    def draw(self, state: str, *, sure: bool = True) -> None:
        """A draw reads and advances a random state; an unsure one only joins the chain of its draws."""
        resource = Resource("random", state)
        self.record.depends.update(self.writers.get(resource, ()))
        self.writers[resource] = [self.record.index]  # it depends on all before it, and so stands for them
        if sure:
            self.record.reads.add(resource)
            self.record.writes.add(resource)

    def go_wild(self) -> None:
        """The current statement may bind any name and change any object."""
        self.record.changes = True
        self.wild.append(self.record.index)
        for name, givers in self.givers.items():
            self.givers[name] = givers | {self.record.index}

    # statements

    def begin(self, index: int) -> Record:
        """Start the next statement."""
        self.record = Record(index)
        self.unknowns = {}
        self.touched = []
        return self.record

    def end(self) -> None:
        """Close the statement: note which names have new givers."""
        index = self.record.index
        self.record.depends.discard(index)
        names = (
            list(self.givers)
            if self.wild and self.wild[-1] == index
            else [resource.name for resource in self.record.writes if resource.kind == "name"]
        )
        for name in names:
            value = self.values.get(name)
            entry = (index, self.givers.get(name, NOTHING), value.own if value is not None else NOTHING)
            self.history.setdefault(name, []).append(entry)
