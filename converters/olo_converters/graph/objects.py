"""Values and the objects that they may be: who holds whom, and which statements changed them.

Nothing is executed. A value is known by the objects that it may be (``own``) and its type where one is known; an object
knows which statements changed it, and what it holds. So a read depends on the statements that bound the name and on
every statement that may have changed an object that can be reached from it: aliases, views, containers included.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from olo_converters.findings import Finding
from olo_converters.graph.model import Resource

NOTHING: frozenset[int] = frozenset()
MANY = 6
"""So many objects are held through one that stands for them."""


MOST_LINKS = 256
"""An object that holds more others is taken as one with them, so that reading it stays quick."""


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

    A group is no object itself: it stands for all that it holds. A crowd stands for objects that may all hold each
    other: whoever reaches one of them reaches all. ``crowd`` is the one that an object mingled in; what happens to the
    object from then on happens to its crowd; ``notable`` are those of its objects that are called or looked into.
    ``inner`` tells what is held since which statement, ``links`` the same by crowds (for a crowd: what its objects hold
    besides each other).
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
    is_random: bool = False
    is_kept: bool = False
    is_lazy: bool = False
    is_group: bool = False
    is_crowd: bool = False
    crowd: int | None = None
    links: set[int] = field(default_factory=set)
    notable: list[int] = field(default_factory=list)

    @property
    def stands_for_state(self) -> bool:
        """Whether it is a random state of a library itself."""
        return self.resource is not None and self.resource.kind == "random"

    @property
    def is_notable(self) -> bool:
        """Whether more than its changes count: it is called, has methods, stands for something outside."""
        return bool(
            self.function is not None
            or self.methods is not None
            or self.class_of is not None
            or self.resource is not None
            or self.is_kept
            or not self.seeded
        )


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


@dataclass
class Objects(ABC):
    """All objects; ``record`` is the statement under way."""

    record: Record = field(default_factory=lambda: Record(-1))
    entities: list[Entity] = field(default_factory=list)
    wild: list[int] = field(default_factory=list)
    groups: dict[frozenset[int], int] = field(default_factory=dict)
    unknowns: dict[frozenset[int], Value] = field(default_factory=dict)

    @abstractmethod
    def read_resource(self, resource: Resource) -> None:
        """The current statement depends on everything that wrote the resource."""

    @abstractmethod
    def write_resource(self, resource: Resource, *, anew: bool = False) -> None:
        """The current statement changes a resource."""

    def new(self, holds: Iterable[int] = (), *, type_: str = "", **facts: object) -> Value:
        """A value of one new object that holds others."""
        held = self._grouped(frozenset(holds))
        inner = dict.fromkeys(held, self.record.index)
        self.entities.append(Entity(self.record.index, inner=inner, links=set(held), **facts))  # type: ignore[arg-type]
        return Value(frozenset({len(self.entities) - 1}), type_)

    def crowd_of(self, identifier: int) -> int:
        """What stands for an object: its crowd, itself where it has none."""
        if self.entities[identifier].crowd is None:
            return identifier
        found = identifier
        while (above := self.entities[found].crowd) is not None:
            found = above
        while identifier != found:
            entity = self.entities[identifier]
            identifier, entity.crowd = entity.crowd or found, found
        return found

    def _grouped(self, members: frozenset[int]) -> frozenset[int]:
        """Many objects as one that stands for them, so that holding many in many isn't quadratic."""
        members = self._crowds(members)
        if len(members) < MANY:
            return members
        known = self.groups.get(members)
        if known is None:
            self.entities.append(
                Entity(
                    self.record.index,
                    inner=dict.fromkeys(members, self.record.index),
                    links=set(members),
                    is_group=True,
                )
            )
            known = self.groups[members] = len(self.entities) - 1
        return frozenset({known})

    def unknown(self, holds: Iterable[int] = ()) -> Value:
        """An object of no known type; one for the whole statement stands for all that hold the same."""
        key = self._crowds(holds)
        if not key:
            return self.new()
        known = self.unknowns.get(key)
        if known is None:
            known = self.unknowns[key] = self.new(key)
        return known

    def _crowds(self, members: Iterable[int]) -> frozenset[int]:
        return frozenset(map(self.crowd_of, members))

    def mingle(self, value: Value) -> None:
        """Each of a value's objects may hold each other one from now on."""
        parts = self._crowds(value.own)
        if len(parts) < 2:
            return
        index = self.record.index
        crowds = [one for one in parts if self.entities[one].is_crowd]
        if crowds:
            crowd = max(crowds, key=lambda one: (len(self.entities[one].inner), -one))
        else:
            self.entities.append(Entity(index, is_crowd=True))
            crowd = len(self.entities) - 1
        whole = self.entities[crowd]
        latest = dict.fromkeys(whole.latest)
        for one in sorted(parts - {crowd}):
            entity = self.entities[one]
            entity.crowd = crowd
            entity.inner.setdefault(crowd, index)  # as the graph tells it, with the time since when
            whole.inner.setdefault(one, index)
            whole.made = min(whole.made, entity.made)
            latest.update(dict.fromkeys(entity.latest))
            whole.links |= entity.links
            whole.notable += entity.notable
            if entity.is_notable:
                whole.notable.append(one)
        whole.latest = list(latest)
        if crowd in self.record.seen and not parts <= self.record.seen:
            self.record.seen.discard(crowd)

    def _next(self, identifier: int) -> set[int]:
        """What an object (or crowd) holds, beside its class."""
        entity = self.entities[identifier]
        if len(entity.links) >= MANY:
            entity.links = set(map(self.crowd_of, entity.links)) - {identifier}
        return entity.links

    def link(self, container: int, content: int) -> None:
        """One object now holds another one."""
        entity = self.entities[container]
        entity.inner.setdefault(content, self.record.index)
        entity.links.add(content)

    def reach(self, own: Iterable[int]) -> Iterator[int]:
        """The objects and everything they hold; of a crowd the crowd itself and its notable objects."""
        seen: set[int] = set()
        queue = list(own)
        while queue:
            identifier = self.crowd_of(queue.pop())
            if identifier in seen:
                continue
            seen.add(identifier)
            entity = self.entities[identifier]
            if not entity.is_group:
                yield identifier
            if entity.is_crowd:
                for one in entity.notable:
                    yield one
                    if (kind := self.entities[one].class_of) is not None:
                        queue.append(kind)
            queue.extend(self._next(identifier))
            if entity.class_of is not None:
                queue.append(entity.class_of)

    def read(self, value: Value) -> None:
        """The current statement sees the state of a value."""
        seen = self.record.seen
        queue = list(value.own)
        while queue:
            identifier = self.crowd_of(queue.pop())
            if identifier in seen:
                continue  # what changed it since, or what it holds since, is this statement's own doing
            seen.add(identifier)
            entity = self.entities[identifier]
            self.record.depends.update(entity.latest)
            if self.wild:
                self.record.depends.update(at for at in self.wild if at > entity.made)
            for one in (identifier, *entity.notable):
                self._see(self.entities[one], queue)
            queue.extend(self._next(identifier))

    def _see(self, entity: Entity, queue: list[int]) -> None:
        if entity.resource is not None:
            if entity.is_lazy:
                self.read_resource(entity.resource)
            else:
                self.record.reads.add(entity.resource)
        if entity.class_of is not None:
            queue.append(entity.class_of)

    def change(self, value: Value, *, deep: bool = False) -> None:
        """The current statement may change a value in place; ``deep``: also what it holds."""
        for identifier in dict.fromkeys(map(self.crowd_of, list(self.reach(value.own)) if deep else sorted(value.own))):
            entity = self.entities[identifier]
            if entity.is_group:
                continue
            self.record.changes = True
            if not entity.changed or entity.changed[-1] != self.record.index:
                entity.changed.append(self.record.index)
                if identifier in self.record.seen:
                    entity.latest = [self.record.index]
                else:
                    entity.latest.append(self.record.index)
            for one in (identifier, *entity.notable):
                resource = self.entities[one].resource
                if resource is not None and not self.entities[one].is_lazy:
                    self.write_resource(resource)

    def hold(self, container: Value, content: Value) -> None:
        """A value now holds another one."""
        held = self._grouped(content.own)
        for identifier in self._crowds(container.own):
            for other in held:
                if other != identifier:
                    self.link(identifier, other)
            if len(self._next(identifier)) > MOST_LINKS:
                self.mingle(Value(frozenset({identifier, *self._next(identifier)})))

    def inner(self, value: Value) -> frozenset[int]:
        """What a value's objects hold, one level down; objects of a crowd hold the crowd."""
        found: set[int] = set()
        groups: set[int] = set()
        queue: list[int] = []
        for identifier in self._crowds(value.own):
            if self.entities[identifier].is_crowd:
                found.add(identifier)
                found.update(self.entities[identifier].notable)
            queue.extend(self._next(identifier))
        while queue:
            one = queue.pop()
            if not self.entities[one].is_group:
                found.add(one)
            elif one not in groups:
                groups.add(one)
                queue.extend(self._next(one))
        return frozenset(found)

    def source(self, value: Value, resources: Iterable[Resource]) -> None:
        """A value reads these again whenever it is used."""
        for resource in dict.fromkeys(resources):
            self.hold(value, self.new((), resource=resource, is_lazy=True))
