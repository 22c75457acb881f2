"""The state that an analysis carries from statement to statement: names, objects, tables, files, random states."""

from __future__ import annotations

from dataclasses import dataclass, field

from olo_converters.graph.model import Resource, library_of, may_be
from olo_converters.graph.objects import (
    NOTHING,
    SCALAR,
    Entity,
    Function,
    Objects,
    Record,
    Scope,
    Value,
)

__all__ = ["NOTHING", "SCALAR", "Entity", "Function", "Record", "Scope", "Value", "World"]


@dataclass
class World(Objects):
    """Names and resources besides the objects."""

    givers: dict[str, frozenset[int]] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    writers: dict[Resource, list[int]] = field(default_factory=dict)
    history: dict[str, list[tuple[int, frozenset[int], frozenset[int]]]] = field(default_factory=dict)
    views: dict[str, set[Resource]] = field(default_factory=dict)
    touched: list[Resource] = field(default_factory=list)
    has_moved: bool = False
    places: list[int] = field(default_factory=list)
    """Statements that make folders or change into one: files are found and written there."""

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
        resource = self._placed(resource)
        self.touched.append(resource)
        self.record.depends.update(self.wild)
        queue, seen = [resource], {resource}
        while queue:
            one = queue.pop()
            self.record.reads.add(one)
            for written, writers in self.writers.items():
                if may_be(written, one):
                    self.record.depends.update(writers)
            if one.kind != "table":
                continue
            below = {
                part for view, parts in self.views.items() if may_be(Resource("table", view), one) for part in parts
            }
            if "$" in one.name:
                below.add(Resource("table", one.name.rpartition("$")[0]))
            for part in below - seen:
                seen.add(part)
                if part.kind == "table":
                    queue.append(part)
                elif self.is_bound(part.name):
                    self.read_name(part.name)

    def follow(self, resource: Resource) -> None:
        """The current statement comes after those that wrote just this resource."""
        self.record.depends.update(self.writers.get(resource, ()))

    def read_setting(self, name: str) -> None:
        """The current statement does what it does by a setting of the session: how numbers are printed, what raises."""
        for resource in (Resource("setting", name), Resource("setting", "*")):
            if resource in self.writers:
                self.read_resource(resource)

    def settings(self) -> dict[str, tuple[int, ...]]:
        """Per library, the statements that set how it works."""
        return {library: tuple(indexes) for one, indexes in self.writers.items() if (library := library_of(one))}

    def is_written(self, resource: Resource) -> bool:
        """Whether a statement above may have written the resource."""
        return any(may_be(written, resource) for written in self.writers)

    def is_named(self, file: Resource) -> bool:
        """Whether a statement above may have written a file of just this name, or one in the folder of this name."""
        return any(may_be(written, file) for written in self.writers if written.name != "*")

    def define_view(self, name: str) -> None:
        """The current statement makes a view of what it reads."""
        read = {one for one in self.record.reads if one.kind in ("table", "name")}
        self.views.setdefault(name, set()).update(read)

    def write_resource(self, resource: Resource, *, anew: bool = False) -> None:
        """The current statement changes a resource; ``anew``: nothing of its old state is left (a seed)."""
        resource = self._placed(resource)
        self.record.writes.add(resource)
        if anew:
            self.writers[resource] = [self.record.index]
            return
        writers = self.writers.setdefault(resource, [])
        if not writers or writers[-1] != self.record.index:
            writers.append(self.record.index)

    def _placed(self, resource: Resource) -> Resource:
        """A file where it really lies, as far as that is known; it needs the folders that were made."""
        if resource.kind != "file":
            return resource
        self.record.depends.update(self.places)
        is_relative = not resource.name.startswith(("/", "~")) and "://" not in resource.name
        return Resource("file", "*") if self.has_moved and is_relative else resource

    def note_place(self, *, moves: bool = False) -> None:
        """The current statement makes a folder, or changes into one: then relative paths are others."""
        if moves:
            self.record.depends.update(self.places)
            self.has_moved = True
        if not self.places or self.places[-1] != self.record.index:
            self.places.append(self.record.index)
        self.record.changes = True

    def draw(self, state: str, *, sure: bool = True) -> None:
        """A draw reads and advances a random state; an unsure one only joins the chain of its draws."""
        resource = Resource("random", state)
        self.record.depends.update([*self.writers.get(resource, ()), *self.wild])
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
