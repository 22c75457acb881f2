"""Bring a later blueprint into a project (`olo update`): Git's own three-way merge of two renderings and a commit.

`copier update` renders over the project and applies the user's changes again as a patch; whether that worked isn't
looked at, and a file that the blueprint dropped goes, edited or not. Here two folders are rendered: the project's
blueprint with the project's answers, and the later one. Git merges the difference into the commit, in its object store;
the checkout is written last, in one step that Git refuses as a whole where it would overwrite anything.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from olo_jupyter.project.blueprint_error import BlueprintError
from olo_jupyter.project.blueprint_questions import Ask
from olo_jupyter.project.blueprint_render import render
from olo_jupyter.project.blueprint_source import git

ANSWERS = ".copier-answers.yml"
_YOURS, _THEIRS = "yours", "blueprint"
_ASIDE = b"\0olo: does a later blueprint leave this file to the project?\n"


@dataclass(frozen=True)
class Update:
    """What an update did.

    Args:
        before: Version of the blueprint that the project had.
        after: Its version now.
        changed: Files that changed, relative to the repository's top folder, sorted.
        conflicts: Those of them that hold both sides between conflict markers, or were deleted on one side.
    """

    before: str
    after: str
    changed: tuple[str, ...]
    conflicts: tuple[str, ...]


def update(folder: Path, *, ref: str | None = None, ask: Ask | None = None) -> Update:
    """Merge a later version of the project's blueprint into its checkout; the changes are staged, not committed.

    Args:
        folder: The project, a Git checkout with nothing uncommitted.
        ref: Branch or tag of the blueprint; default: the newest version.
        ask: Asks a person the questions that are new; None: they take their defaults.

    Raises:
        BlueprintError: The project can't be updated; nothing was changed.
    """
    folder = folder.resolve()
    answers = _answers(folder)
    source, before = str(answers.pop("_src_path")), str(answers.pop("_commit"))
    top = Path(git(folder, "rev-parse", "--show-toplevel").strip())
    if dirty := git(top, "status", "--porcelain", "--untracked-files=no").strip():
        files = ", ".join(line[2:].strip() for line in dirty.splitlines()[:5])
        raise BlueprintError(
            f"{top} has changes that aren't committed: {files}.",
            code="uncommitted",
            hint="Commit them, or put them aside (git stash), then update again.",
        )
    within = folder.relative_to(top)
    with TemporaryDirectory(prefix="olo-blueprint-") as name:
        work = Path(name)
        old, new, aside = (work / part / within for part in ("old", "new", "aside"))
        given = {key: value for key, value in answers.items() if not key.startswith("_")}
        _render(source, old, given, ref=before)
        _render(source, new, given, ref=ref, ask=ask)
        after = str(_answers(new)["_commit"])
        _refuse_earlier(before, after)
        left = _left_to_the_project(source, new, aside, after)
        merge = _Merge(top, work)
        head, path = merge.git("rev-parse", merge.head), within.as_posix()
        mine = set(merge.files(head, path))
        for file in left:
            # In the project or in the blueprint it came from: the project's alone. Else it is new, and welcome.
            if (within / file).as_posix() in mine or (old / file).exists() or (old / file).is_symlink():
                for rendering in (old, new):
                    (rendering / file).unlink(missing_ok=True)
        # Nobody edits the answers: the later ones hold.
        (old / ANSWERS).write_bytes((folder / ANSWERS).read_bytes())
        base = merge.commit(work / "old")
        theirs = merge.commit(work / "new", base)
        yours = merge.git("commit-tree", f"{head}^{{tree}}", "-p", base, "-m", "yours")
        tree, stages = merge.merge(yours, theirs)
        changed = merge.changed(head, tree)
        conflicts = tuple(sorted({line.partition("\t")[2] for line in stages}))
        added = merge.changed(head, tree, only="A")
        if there := [file for file in added if os.path.lexists(top / file)]:
            raise BlueprintError(
                f"The blueprint brings {', '.join(there)}, and Git doesn't know the file of that name that is there.",
                code="file-exists", hint="Commit it or move it away, then update again.",
            )  # fmt: skip
        if changed or stages:
            git(top, "read-tree", "-m", "-u", head, tree)
        if stages:
            nothing = "0" * len(head)
            lines = [f"0 {nothing}\t{file}" for file in conflicts] + stages
            git(top, "update-index", "-z", "--index-info", said="\0".join(lines) + "\0")
    return Update(before, after, tuple(sorted({*changed, *conflicts})), conflicts)


def _answers(folder: Path) -> dict[str, Any]:
    import yaml

    try:
        answers = yaml.safe_load((folder / ANSWERS).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise BlueprintError(
            f"{folder / ANSWERS} can't be read.", code="no-answers",
            hint="It says which blueprint a project came from; olo init writes it. Bring it back from Git.",
        ) from error  # fmt: skip
    if not isinstance(answers, dict) or not answers.get("_src_path") or not answers.get("_commit"):
        raise BlueprintError(
            f"{folder / ANSWERS} names no version of a blueprint in Git (_src_path, _commit).", code="no-answers",
            hint="Only a project that came from a Git repository can be updated: olo init DIR [--template URL].",
        )  # fmt: skip
    return answers


def _render(source: str, folder: Path, answers: Mapping[str, Any], *, ref: str | None, ask: Ask | None = None) -> None:
    try:
        render(source, folder, answers, ref=ref, ask=ask)
    except (BlueprintError, OSError) as error:
        raise BlueprintError(
            f"The blueprint {source} ({ref or 'newest version'}) can't be rendered: {error}", code="blueprint",
            hint="Is the repository there, with that version? olo blueprint makes your own again.",
        ) from error  # fmt: skip


def _refuse_earlier(before: str, after: str) -> None:
    from packaging.version import InvalidVersion, Version

    try:
        earlier = Version(after) < Version(before)
    except InvalidVersion:
        return
    if earlier:
        raise BlueprintError(
            f"The project has blueprint {before}; {after} is an earlier one.", code="earlier-blueprint",
            hint="git revert takes an update back.",
        )  # fmt: skip


def _left_to_the_project(source: str, new: Path, aside: Path, version: str) -> list[Path]:
    """Files that the blueprint writes only where there are none (`_skip_if_exists`), as rendering sees it."""
    files = [path.relative_to(new) for path in new.rglob("*") if path.is_symlink() or path.is_file()]
    for file in files:
        (aside / file).parent.mkdir(parents=True, exist_ok=True)
        (aside / file).write_bytes((new / file).read_bytes() if file == Path(ANSWERS) else _ASIDE)
    answers = {key: value for key, value in _answers(new).items() if not key.startswith("_")}
    _render(source, aside, answers, ref=version)
    return [file for file in files if not (aside / file).is_symlink() and (aside / file).read_bytes() == _ASIDE]


class _Merge:
    """A bare repository that writes its objects into the project's: no ref and no file of the project changes."""

    def __init__(self, top: Path, work: Path) -> None:
        self.head = git(top, "rev-parse", "HEAD^{commit}").strip()
        self._work = work
        objects = git(top, "rev-parse", "--path-format=absolute", "--git-path", "objects").strip()
        form = git(top, "rev-parse", "--show-object-format").strip()
        git(work, "init", "--quiet", "--bare", f"--object-format={form}", "merge.git")
        self._environ = {"GIT_DIR": str(work / "merge.git"), "GIT_OBJECT_DIRECTORY": objects}

    def git(self, *words: str, where: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
        return git(where or self._work, *words, environ={**self._environ, **(environ or {})}).strip()

    def files(self, commit: str, folder: str) -> list[str]:
        where = [] if folder == "." else ["--", folder]
        return [file for file in self.git("ls-tree", "-r", "-z", "--name-only", commit, *where).split("\0") if file]

    def changed(self, before: str, after: str, only: str = "") -> list[str]:
        choice = [f"--diff-filter={only}"] if only else []
        said = self.git("diff-tree", "-r", "-z", "--no-renames", "--name-only", *choice, before, after)
        return sorted(file for file in said.split("\0") if file)

    def commit(self, folder: Path, *parents: str) -> str:
        index = {"GIT_INDEX_FILE": str(self._work / f"{folder.name}.index"), "GIT_WORK_TREE": str(folder)}
        self.git("add", "--all", "--force", ".", where=folder, environ=index)
        words = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", self.git("write-tree", environ=index), *words, "-m", "rendering")

    def merge(self, yours: str, theirs: str) -> tuple[str, list[str]]:
        """The merged tree, and the stages of files in conflict as `git update-index --index-info` takes them."""
        for name, commit in ((_YOURS, yours), (_THEIRS, theirs)):
            self.git("update-ref", f"refs/heads/{name}", commit)
        # A file that the project moved is the project's: a rename is never guessed.
        words = ["-c", "merge.renames=false", "-c", "merge.conflictStyle=merge", "merge-tree", "--write-tree"]
        said = git(self._work, *words, "-z", "--no-messages", _YOURS, _THEIRS, environ=self._environ, accepted=(0, 1))
        tree, *stages = said.split("\0")
        return tree, [line for line in stages if line]
