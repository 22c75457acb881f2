"""What the converters have to know of the project, read from a commit: no checkout is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import yaml

from olo_converters.capture import KnownModel, KnownSource, ProjectFacts, Promoted
from olo_converters.notebook import Notebook
from olo_jupyter.config import Settings
from olo_jupyter.project.project import LAYERS
from olo_jupyter.promotion.git import Git
from olo_jupyter.promotion.merge import RECORDS, Record, read_record, record_path, source_hash
from olo_jupyter.promotion.moved import Moved, find_moved
from olo_jupyter.promotion.publish import branch_name
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.secrets_gate import BASELINE

SOURCE_DATABASE = "{{ 'dev' if target.name == 'sandbox' else target.database }}"
"""The sandbox reads dev's tables; every other target its own."""
_READ = ("models", "jobs", "src", "tests", RECORDS)
_READ_FILES = ("requirements.txt", "pyproject.toml", "dbt_project.yml", BASELINE)
_TEXT = (".sql", ".yml", ".yaml", ".py", ".txt", ".toml", ".md", ".csv", ".json")
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Known:
    """A project at a commit, and the promotions that are known.

    Args:
        facts: For the converters. Files that the promotion itself generated are not in it: they are generated anew.
        files: All files read, those included.
        record: What this promotion generated last, None for a first one.
        records: All promotions of the user that are known, by name: merged ones and those on their own branches.
        baseline: Text of the project's baseline of detect-secrets, None without one.
        changed: Promotions of this notebook, by the promoted cell, whose cells aren't any more what was promoted.
        moved: Where the repository has files of this promotion that aren't at their generated paths any more.
    """

    facts: ProjectFacts
    files: Mapping[str, str]
    record: Record | None
    records: Mapping[str, Record]
    baseline: str | None = None
    changed: Mapping[str, str] = field(default_factory=dict)
    moved: Moved = field(default_factory=Moved)

    @property
    def model(self) -> str:
        """The promoted model's name, where the repository gave it another one than the promotion's; '' otherwise."""
        if self.record is None:
            return ""
        name = self.moved.model or self.record.renamed
        return name if name != self.record.name else ""

    def promotions_of(self, models: Iterable[str]) -> tuple[str, ...]:
        """The promotions that made models, by their names; what none made keeps its name."""
        made = {record.model: record.name for record in self.records.values() if record.kind == "dbt"}
        return tuple(made.get(model, model) for model in models)


def read_project(repository: Repository, commit: str, settings: Settings, name: str, notebook: Notebook) -> Known:
    """Read the project at ``commit`` for the promotion ``name`` of ``notebook``, whose path is the recorded one."""
    files = _files(repository.git, commit, repository.prefix)
    records = _records(repository, settings.user, files)
    record = read_record(files.get(record_path(name)))
    of_others = frozenset(path for other in records.values() if other.name != name for path in other.files)
    moved = Moved()
    if record is not None:
        moved = find_moved(repository.git, commit, repository.prefix, record, files, of_others)
    own = {*record.files, *moved.bases.values()} if record is not None else set()
    visible = {path: text for path, text in files.items() if path not in own and not path.startswith(".olo/")}
    now = {cell.id: source_hash(cell.source) for cell in notebook.cells}
    others = [
        other for other in records.values() if other.notebook == notebook.path and other.cells and other.name != name
    ]
    # What a changed cell gives is no longer what its model gives.
    changed = {
        other.cells[-1]: other.name
        for other in others
        if any(now.get(cell) != digest for cell, digest in other.sources.items())
    }
    promoted = tuple(
        Promoted(
            other.model,
            "dbt" if other.kind == "dbt" else "python",
            other.layer,
            other.cells[-1],
            other.variable,
            other.job or other.name,
        )
        for other in others
        if other.cells[-1] not in changed
    )
    facts = ProjectFacts(
        package=settings.package or settings.name,
        files=visible,
        models=tuple(_models(visible)),
        sources=tuple(_sources(visible)),
        promoted=promoted,
        catalogs=tuple(dict.fromkeys((settings.default_catalog, settings.sandbox_catalog))),
        source_database=SOURCE_DATABASE,
    )
    return Known(facts, files, record, records, files.get(BASELINE), changed, moved)


def read_records(repository: Repository, user: str) -> dict[str, Record]:
    """All promotions of the user that are known, by name: on the default branch and on their own."""
    files = _files(repository.git, repository.default_commit(), repository.prefix, (RECORDS,))
    return _records(repository, user, files)


def _records(repository: Repository, user: str, files: Mapping[str, str]) -> dict[str, Record]:
    merged = (read_record(text) for path, text in files.items() if path.startswith(f"{RECORDS}/"))
    records = {record.name: record for record in merged if record is not None}
    for ref, pushed in _on_branches(repository, user):
        known = records.get(pushed.name)
        if known is None or (known != pushed and _goes_on(repository, ref, pushed.name)):
            records[pushed.name] = pushed
    return records


def _goes_on(repository: Repository, ref: str, name: str) -> bool:
    """Whether a branch holds a later promotion than the default branch: its history has that one's record."""
    path = f"{repository.prefix}{record_path(name)}"
    merged = repository.git.run("rev-parse", "--verify", "--quiet", f"{repository.default_commit()}:{path}").text
    listed = repository.git("log", "--format=", "--raw", "--no-abbrev", "--no-renames", ref, "--", f":(top){path}")
    return bool(merged) and any(merged in line for line in listed.split("\n"))


def _files(git: Git, commit: str, prefix: str, names: Iterable[str] = (*_READ, *_READ_FILES)) -> dict[str, str]:
    """The text files that matter, by path below the project."""
    wanted = [f"{prefix}{name}" for name in names]
    listed = git("ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *wanted).split("\0")
    blobs: list[tuple[str, str]] = []
    for entry in filter(None, listed):
        described, _, path = entry.partition("\t")
        mode, kind, blob, size = described.split()
        regular = kind == "blob" and mode != "120000" and int(size) <= _LARGEST
        if regular and (PurePosixPath(path).suffix in _TEXT or path == f"{prefix}{BASELINE}"):
            blobs.append((path.removeprefix(prefix), blob))
    contents = _blobs(git, [blob for _, blob in blobs])
    found = {}
    for (path, _), content in zip(blobs, contents, strict=True):
        try:
            found[path] = content.decode("utf-8")
        except UnicodeDecodeError:
            continue  # not text: nothing that could be edited
    return found


def _blobs(git: Git, ids: list[str]) -> list[bytes]:
    """The contents of blobs, by one process."""
    if not ids:
        return []
    out = git.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in ids).encode()).out
    contents, at = [], 0
    for _ in ids:
        end = out.index(b"\n", at)
        size = int(out[at:end].split()[2])
        contents.append(out[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return contents


def _on_branches(repository: Repository, user: str) -> Iterable[tuple[str, Record]]:
    """The records on the user's promotion branches with their refs, each from its own branch."""
    prefix = branch_name(user, "")
    places = (repository.tracking(prefix), f"refs/heads/{prefix}")
    for ref in repository.git("for-each-ref", "--format=%(refname)", *places).split():
        name = ref.rpartition("/")[2]
        content = repository.git.file_at(ref, f"{repository.prefix}{record_path(name)}")
        record = read_record(content.decode("utf-8", "replace")) if content is not None else None
        if record is not None:
            yield ref, record


def _models(files: Mapping[str, str]) -> Iterable[KnownModel]:
    for path in files:
        pure = PurePosixPath(path)
        if pure.parts[0] == "models" and pure.suffix == ".sql":
            layer = pure.parts[1] if len(pure.parts) > 2 and pure.parts[1] in LAYERS else "gold"
            yield KnownModel(pure.stem, layer, pure.stem)


def _sources(files: Mapping[str, str]) -> Iterable[KnownSource]:
    for path, text in files.items():
        if not path.startswith("models/") or PurePosixPath(path).suffix not in (".yml", ".yaml"):
            continue
        for source in _mappings(_yaml(text), "sources"):
            name = str(source.get("name", ""))
            database = str(source.get("database", ""))
            for table in _mappings(source, "tables"):
                known = str(table.get("name", ""))
                yield KnownSource(
                    name,
                    known,
                    str(source.get("schema", name)),
                    str(table.get("identifier", known)),
                    "" if "{{" in database else database,
                )


def _yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None  # dbt says what is wrong with it when the artefact is proved


def _mappings(value: Any, key: str) -> list[dict[str, Any]]:
    items = value.get(key) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
