"""Render a blueprint into a folder: its names and its .jinja files by Jinja, all others as they are."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from olo_jupyter.project.blueprint_error import BlueprintError
from olo_jupyter.project.blueprint_questions import Ask, Config, answered, read
from olo_jupyter.project.blueprint_source import Source, opened

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment
    from pathspec import GitIgnoreSpec


def render(
    named: str,
    folder: Path,
    answers: Mapping[str, Any],
    *,
    ref: str | None = None,
    ask: Ask | None = None,
    keep: bool = False,
    must: Collection[str] = (),
) -> list[Path]:
    """Render a blueprint as `copier copy` does.

    Args:
        named: Folder or Git repository of the blueprint.
        folder: Where to; made where it isn't there.
        answers: Answers to its questions, by name.
        ref: Branch, tag or commit; default: the newest version.
        ask: Asks a person what has no answer; None: defaults.
        keep: Whether every file that is there stays; else those do that the blueprint's ``_skip_if_exists`` names.
        must: Names of answers that the blueprint has to ask for.

    Returns:
        The files written, relative to ``folder``, sorted.

    Raises:
        BlueprintError: It can't be rendered. All is rendered before the first file is written.
    """
    from jinja2 import TemplateError

    with opened(named, ref) as source:
        config, questions = read(source.folder, named)
        jinja = _environment()
        start = {"_copier_conf": {"answers_file": config.answers_file, "dst_path": folder, "src_path": source.folder}}
        context: dict[str, Any] = {**start, "_folder_name": folder.resolve().name, "_copier_python": sys.executable}
        try:
            found, hidden = answered(questions, answers, jinja, context, ask, must)
            told = {"_commit": source.version, "_src_path": source.named}
            kept = {key: value for key, value in told.items() if value is not None}
            kept |= {key: value for key, value in found.items() if key not in hidden}
            files = dict(_rendered(source, config, jinja, {**context, **found, "_copier_answers": kept}))
        except TemplateError as error:
            raise BlueprintError(f"The blueprint {named}: {error.message}", code="blueprint") from error
        leave = _matcher(["*"] if keep else [jinja.from_string(one).render(found) for one in config.skip_if_exists])
        written = [path for path in files if not ((folder / path).exists() and leave.match_file(path.as_posix()))]
        for path in written:
            _write(folder / path, *files[path])
    return sorted(written)


def _rendered(
    source: Source, config: Config, jinja: SandboxedEnvironment, context: Mapping[str, Any]
) -> Iterator[tuple[Path, tuple[bytes, Path]]]:
    """Every file of the project: its path, its content, and the file it comes from."""
    top = source.folder / jinja.from_string(config.subdirectory).render(context)
    exclude = _matcher([jinja.from_string(one).render(context) for one in config.exclude])
    for path in sorted(top.rglob("*")):
        within = path.relative_to(top)
        if not path.is_file() or any(exclude.match_file(str(part)) for part in (within, *within.parents[:-1])):
            continue
        if not path.resolve().is_relative_to(source.folder.resolve()):
            raise BlueprintError(f"{within} of the blueprint is a link to outside of it.", code="blueprint")
        is_template = path.name.endswith(config.templates_suffix)
        name = within.with_name(path.name.removesuffix(config.templates_suffix)) if is_template else within
        parts = [jinja.from_string(part).render(context) for part in name.parts]
        if not all(parts):
            continue
        if any(part in (".", "..") or re.search(r"[/\\\0]", part) for part in parts):
            raise BlueprintError(f"{within} of the blueprint would be {'/'.join(parts)!r}: no name of a file there.")
        content = path.read_bytes()
        if is_template:
            content = _text(content, within, jinja, context)
        yield Path(*parts), (content, path)


def _text(content: bytes, within: Path, jinja: SandboxedEnvironment, context: Mapping[str, Any]) -> bytes:
    from jinja2 import TemplateError

    try:
        return jinja.from_string(content.decode("utf-8")).render(context).encode("utf-8")
    except UnicodeDecodeError as error:
        raise BlueprintError(f"{within} of the blueprint is no UTF-8.", code="blueprint") from error
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"{within}:{line}" if line else str(within)
        raise BlueprintError(f"{where} of the blueprint: {error.message}", code="blueprint") from error


def _write(path: Path, content: bytes, like: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    shutil.copymode(like, path)


def _matcher(patterns: list[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


def _environment() -> SandboxedEnvironment:
    """Jinja with the two filters of copier's set that blueprints need: a template can't reach Python's insides."""
    from jinja2.sandbox import SandboxedEnvironment

    jinja = SandboxedEnvironment(keep_trailing_newline=True)
    jinja.filters["regex_search"] = _regex_search
    jinja.filters["to_nice_yaml"] = _to_nice_yaml
    return jinja


def _regex_search(value: str, pattern: str) -> str | None:
    found = re.search(pattern, value)
    return found.group() if found else None


def _to_nice_yaml(value: Any, indent: int = 4) -> str:
    return yaml.safe_dump(value, indent=indent, allow_unicode=True, default_flow_style=False)
