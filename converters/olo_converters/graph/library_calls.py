"""Calls of functions of libraries, by the knowledge base."""

from __future__ import annotations

import ast
import re
import sys
from functools import cached_property

from olo_converters.graph.builtin_calls import BuiltinCalls
from olo_converters.graph.evaluator import FILE_KEYWORD, Arguments
from olo_converters.graph.model import CLOCK, ENTROPY, MODULE_PATH, Resource, library_setting
from olo_converters.graph.paths import DATA_FILE, done_to_files, path_of, text_of
from olo_converters.graph.world import SCALAR, Scope, Value
from olo_converters.knowledge.facts import (
    FunctionFact,
    function_fact,
)
from olo_converters.line_magics import is_query_text

_OBJECTS = re.compile(r"\bobject\b|['\"]O['\"]")
_COMPUTES = re.compile(r"(mode\.(?!chained)|future\.|compute\.)")
_PATH = re.compile(r"[^\s:*?<>|]*[./][^\s:*?<>|]+")
_CLOCKS = frozenset({"now", "utcnow", "today", "localtime", "times"})
"""Functions that read the clock in whatever library they are."""
_PRESENT = frozenset({"now", "today"})
_PLACES = frozenset(
    {
        "os.makedirs",
        "os.mkdir",
        "os.chdir",
        "os.fchdir",
        "os.symlink",
        "shutil.copytree",
        "contextlib.chdir",
    }
)
_CONTAINERS = frozenset({"list", "scalars", "dict", "set"})


def _is_of_python(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


class LibraryCalls(BuiltinCalls):
    """Evaluates calls of functions that are imported."""

    def _library(self, name: str, target: Value, arguments: Arguments, node: ast.Call, scope: Scope | None) -> Value:
        fact = function_fact(name)
        if name in _PLACES:
            self.world.note_place(moves=name.endswith("chdir"))
        if fact is None:
            self._may_touch_files(arguments, scope)
            if name.rpartition(".")[2] in _CLOCKS:
                self.world.read_resource(CLOCK)
            return self._unknown(Value(target.own, "", name), arguments, node)
        if fact.dynamic:
            if fact.dynamic in ("config", "setting"):
                self.patch(name, node.lineno, self._union(arguments.every()) if fact.dynamic == "setting" else None)
                self._logs_to(name, arguments, scope)
            elif fact.dynamic == "option":
                self._option(name, arguments, node)
            elif fact.dynamic == "printing":
                self.world.write_resource(Resource("setting", "printing"))
            elif fact.dynamic == "raising":
                self._raising(arguments)
            elif fact.dynamic == "shell":
                self.shell(name)
            else:
                self.dynamic(node.lineno, f"{name}()")
            if fact.dynamic == "setting":  # what it gives may be set, too
                return self._stands_for(self.new(""), library_setting(name.partition(".")[0]))
            return self.new("")
        given = self._union(arguments.every())
        if name == "operator.methodcaller":
            return self._calls_method(arguments, given, scope)
        if fact.returns == "logger":
            self.emit_log()
        self.call_back(given, given)
        if fact.sql is not None:  # functions that SQL knows by their names
            self.call_back(Value(target.own), given)
        for value in arguments.every():
            self.consumed(value, only_iterators=True)
        self._changed_arguments(fact, arguments)
        self.written_to(arguments)
        before = len(self.world.touched)
        self._outside(fact, arguments, scope)
        if {fact.reads, fact.writes} <= {"", "figure"} and fact.sql is None and not fact.mutates:
            self.files_by_name(name, arguments, scope, says_all=fact.returns == "figure" or _is_of_python(name))
        self._drawn_from(given)
        result = self._library_result(fact, arguments, given)
        if fact.draws and fact.returns == "rng" and not given.own:
            self._stands_for(result, Resource("random", fact.draws))
        if fact.writes.startswith("file:") or "mmap_mode" in arguments.keywords:
            self._stands_for_file(result)
        if self._in_place(arguments):
            self.world.change(given, deep=True)
            result = Value(
                result.own | self.loose(given).own, "overwriting" if fact.returns == "sklearn" else result.type
            )
        if "dtype" in arguments.keywords and _OBJECTS.search(ast.unparse(arguments.keywords["dtype"][0])):
            result = Value(result.own | given.own)  # its elements may be anything, and are no copies
        if fact.lazy:
            self.world.source(result, self.world.touched[before:])
        return self._out(arguments, result, fact.out)

    def _calls_method(self, arguments: Arguments, given: Value, scope: Scope | None) -> Value:
        """``methodcaller("append", 1)``: a function that calls the method of whatever it is given."""
        name = text_of(arguments.positional[0][0], self.constant_of(scope)) if arguments.positional else None
        is_known = name is not None and name.isidentifier()
        in_place = ", inplace=True" if arguments.in_place is not None else ""
        call = ast.parse(f"lambda owner: owner.{name if is_known else '__call__'}(*given{in_place})", mode="eval").body
        assert isinstance(call, ast.Lambda)
        return self.world.new(given.own, type_="function", function=call, scope=Scope({"given": given}))

    def _is_set(self, arguments: Arguments, keyword: str) -> bool:
        """Whether a keyword is given, and something else than None or False."""
        node, _ = arguments.keywords.get(keyword, (ast.Constant(None), SCALAR))
        return not (isinstance(node, ast.Constant) and (node.value is None or node.value is False))

    def _logs_to(self, name: str, arguments: Arguments, scope: Scope | None) -> None:
        """The file that the root logger writes from now on, and which."""
        if name == "logging.basicConfig" and (found := arguments.keywords.get("filename")):
            self.log_files.add(Resource("file", path_of(found[0], self.constant_of(scope))))
        if name.startswith("logging."):
            self.log_handlers |= self._union(arguments.every()).own
            self.emit_log()

    def emit_log(self) -> None:
        """A message may go to the files and handlers that logging was told of, through whichever logger."""
        self.world.read_setting("logging")
        for file in self.log_files:
            self.world.write_resource(file)
        self.call_back(Value(self.log_handlers), Value())
        self.world.change(Value(self.log_handlers), deep=True)

    @cached_property
    def log_files(self) -> set[Resource]:
        """Files that the root logger writes."""
        return set()

    @cached_property
    def log_handlers(self) -> frozenset[int]:
        """Handlers and filters of all loggers: a message goes up to those of the loggers above, too."""
        return frozenset()

    def _stands_for_file(self, result: Value) -> None:
        """What a call that writes a file gives back (a map of it, a writer) writes it again whenever it is changed."""
        files = {one for one in self.world.record.writes if one.kind == "file"}
        if len(files) == 1:
            for identifier in result.own:
                entity = self.world.entities[identifier]
                if entity.made == self.world.record.index and entity.resource is None:
                    (entity.resource,) = files

    def _option(self, name: str, arguments: Arguments, node: ast.Call) -> None:
        """pandas' options: most only change how something is shown."""
        for argument, _ in arguments.positional[::2]:
            text = argument.value if isinstance(argument, ast.Constant) else ""
            if _COMPUTES.match(str(text)):
                self.patch(name, node.lineno, self._union(arguments.every()))
                return
        self.world.write_resource(Resource("setting", "printing"))

    def _raising(self, arguments: Arguments) -> None:
        """Settings of what is an error: one that makes none counts only after one that does."""
        setting = Resource("setting", "raising")
        given = [node for node, _ in (*arguments.positional[:1], *arguments.keywords.values())]
        quiet = all(isinstance(node, ast.Constant) and node.value not in ("error", "raise", "call") for node in given)
        if not quiet or arguments.spread or setting in self.world.writers:
            self.world.write_resource(setting)

    def files_by_name(self, name: str, arguments: Arguments, scope: Scope | None, *, says_all: bool) -> None:
        """Files that a call is given of which the knowledge base tells none: what it does to them its name tells.

        Args:
            says_all: It touches no file where its name tells none; else one whose argument can only be a file's name.
        """
        reads, writes = done_to_files(name)
        constants = self.constant_of(scope)
        places = {*range(len(arguments.positional)), *filter(FILE_KEYWORD.search, arguments.keywords)}
        for place, (node, value) in [*enumerate(arguments.positional), *arguments.keywords.items()]:
            text = text_of(node, constants)
            path = path_of(node, constants)
            file = Resource("file", path)
            is_unsure = value.type == "" and (place == 0 or not isinstance(place, int))
            if not (value.type in ("scalar", "path") or is_unsure) or (text is None and isinstance(node, ast.Constant)):
                continue
            if text is None and not ((reads or writes) and place in places):
                continue
            if text is not None and (is_query_text(text) or not (_PATH.fullmatch(path) or self.world.is_named(file))):
                continue
            is_file = DATA_FILE.search(path) is not None and not says_all
            if reads or (is_file and not writes) or (path != "*" and self.world.is_named(file)):
                self.world.read_resource(file)
            if writes or (is_file and not reads):
                self.world.write_resource(file)

    def _may_touch_named_files(self, arguments: Arguments, scope: Scope | None) -> None:
        """A method that nobody knows may read and write the data files that its arguments name."""
        constants = self.constant_of(scope)
        for node, _ in [*arguments.positional, *arguments.keywords.values()]:
            path = path_of(node, constants)
            if path != "*" and DATA_FILE.search(path):
                self.world.read_resource(Resource("file", path))
                self.world.write_resource(Resource("file", path))

    def _may_touch_files(self, arguments: Arguments, scope: Scope | None) -> None:
        """A function that nobody knows may read and write the files that its arguments name."""
        constants = self.constant_of(scope)
        for node, value in [*arguments.positional, *arguments.keywords.values()]:
            path = path_of(node, constants)
            if path == "*" and (value.type != "scalar" or isinstance(node, ast.Constant)):
                continue
            if path == "*" or _PATH.fullmatch(path):
                self.world.read_resource(Resource("file", path))
                self.world.write_resource(Resource("file", path))

    def _drawn_from(self, given: Value) -> None:
        """Generators of random numbers that something is given are drawn from."""
        for identifier in list(self.world.reach(given.own)):
            if self.types.get(identifier) == "rng":
                self.world.change(Value(frozenset({identifier})))

    def _in_place(self, arguments: Arguments) -> bool:
        """Whether keywords say that arguments may be written, or handed back as they are."""
        for name, (node, _) in arguments.keywords.items():
            given = node.value if isinstance(node, ast.Constant) else None
            if (name in ("copy", "copy_X", "copy_x") and given is not True) or (
                name.startswith("overwrite_") and given is not False
            ):
                return True
        return False

    def _changed_arguments(self, fact: FunctionFact, arguments: Arguments) -> None:
        for which in fact.mutates:
            found = arguments.at(which) if isinstance(which, int) else arguments.keywords.get(which)
            by_keyword = list(arguments.keywords.values()) if isinstance(which, int) and found is None else []
            for _, value in [found] if found is not None else by_keyword:
                self.world.change(value, deep=True)
                if fact.keeps:
                    self.world.hold(value, self._union(arguments.every()))
        if arguments.spread and fact.mutates:
            self.world.change(self._union(arguments.spread), deep=True)
        if arguments.in_place is not None:
            self.world.change(self._union(arguments.every()))

    def _outside(self, fact: FunctionFact, arguments: Arguments, scope: Scope | None) -> None:
        constants = self.constant_of(scope)
        for what, act in ((fact.reads, self.world.read_resource), (fact.writes, self.world.write_resource)):
            if what.startswith("file:"):
                position = what.removeprefix("file:")
                found = arguments.at(int(position), "path") if position.isdigit() else None
                if position.isdigit() and found is None:
                    found = arguments.of_file
                if found is not None and found[1].type not in ("path", "scalar"):
                    self.world.change(found[1])  # a buffer, whose place moves
                if found is not None and any(self.world.entities[identifier].resource for identifier in found[1].own):
                    (self.world.change if act == self.world.write_resource else self.world.read)(found[1])
                    continue
                path = path_of(found[0] if found else None, constants)
                if path.startswith(("http://", "https://", "s3://", "gs://", "ftp://")):
                    self.world.read_resource(Resource("network", path))
                act(Resource("file", path))
                if "mmap_mode" in arguments.keywords:
                    self.world.write_resource(Resource("file", path))
            elif what == "entropy":
                self.world.record.reads.add(ENTROPY)
            elif what in ("printing", "raising"):
                self.world.read_setting(what)
            elif what == "modules":
                self.world.write_resource(Resource("setting", MODULE_PATH))
            elif what == "figure":
                act(Resource("figure", "current"))
            elif what:
                kind = what if what in ("clock", "environment", "network") else "network"
                act(Resource(kind, "*" if kind == "network" else "os"))  # type: ignore[arg-type]
        nodes = [node for node, _ in (*arguments.positional, *arguments.keywords.values())]
        is_given = bool(arguments.spread) or any(not self._is_none(node) for node in nodes)
        if fact.of_time and any(isinstance(one, ast.Constant) and one.value in _PRESENT for one in nodes):
            self.world.read_resource(CLOCK)
        if fact.seeds:
            if is_given:
                self.world.write_resource(Resource("random", fact.seeds), anew=True)
            else:
                self.world.draw(fact.seeds)
                self.world.record.reads.add(ENTROPY)
        drawn = fact.draws and not any(self._is_set(arguments, name) for name in fact.unless)
        if drawn:
            self.world.draw(fact.draws)
        if fact.seed_argument and not is_given:
            self.world.record.reads.add(ENTROPY)
        if fact.sql is not None:
            found = arguments.at(fact.sql, "sql")
            self.query(found[0] if found else None, scope, reads_names=True)
        if fact.expression is not None:
            found = arguments.at(fact.expression)
            self.read_mentioned(found[0] if found else None, scope)
        if fact.writes_table is not None:
            found = arguments.at(fact.writes_table)
            self.world.write_resource(Resource("table", self.table_name(found[0] if found else None)))
        if fact.table is not None:
            found = arguments.at(fact.table)
            self.world.read_resource(Resource("table", self.table_name(found[0] if found else None)))

    def _library_result(self, fact: FunctionFact, arguments: Arguments, given: Value) -> Value:
        returns = fact.returns
        if returns == "scalar":
            return SCALAR
        if returns == "same":
            returns = arguments.positional[0][1].type if arguments.positional else ""
        if returns == "pandas" and {"chunksize", "iterator"} & set(arguments.keywords):
            return self.new("iterator", given.own)
        if returns in _CONTAINERS:
            returns = ""  # what it holds was not seen
        if fact.result == "fresh":
            return self.new(returns)
        if fact.result == "holds":
            value = self.new(returns, given.own)
            is_seeded = returns != "sklearn" or self._is_set(arguments, "random_state")
            is_random = fact.random and not is_seeded and (not fact.when or self._is_set(arguments, fact.when))
            for identifier in value.own:
                self.world.entities[identifier].seeded = is_seeded
                self.world.entities[identifier].is_random = is_random
            return value
        if returns == "pandas" and all(
            self.is_flat(value) or (value.type == "dict" and not self.world.inner(value)) for value in arguments.every()
        ):
            return self.new(returns)
        value = self.new(returns, given.own)
        return Value(value.own | given.own, returns)
