"""A blueprint's copier.yml: its settings, its questions, and answers that fit them.

The blueprint is a template of copier (https://copier.readthedocs.io), and `copier copy` renders it too. Here only what
renders files is read; a template that asks for more (tasks, extensions, migrations) is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from olo_jobs.explain import message_of
from olo_jupyter.project.blueprint_error import BlueprintError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_MORE = "copier renders such templates: pip install copier, then copier copy TEMPLATE FOLDER."
_EXCLUDED = ["copier.yaml", "copier.yml", "~*", "*.py[co]", "__pycache__", ".git", ".DS_Store", ".svn"]


class Config(BaseModel):
    """The settings of a template that are understood here; their meaning is copier's."""

    model_config = ConfigDict(extra="forbid")

    min_copier_version: str = "9"
    templates_suffix: str = ".jinja"
    answers_file: str = ".copier-answers.yml"
    subdirectory: str = ""
    exclude: list[str] = Field(default=_EXCLUDED)
    skip_if_exists: list[str] = Field(default=[])


class Question(BaseModel):
    """A question of a template; ``default``, ``validator``, ``when`` and ``help`` are Jinja."""

    model_config = ConfigDict(extra="forbid")

    name: str
    type: Literal["str", "int", "float", "bool", "yaml", "json"] = "yaml"
    help: str = ""
    default: Any = None
    choices: list[Any] | dict[str, Any] = Field(default=[])
    validator: str = ""
    when: str | bool = True
    secret: bool = False
    placeholder: str = ""
    multiline: bool = False

    def values(self) -> list[Any]:
        """The answers that are allowed; empty: any."""
        return list(self.choices.values() if isinstance(self.choices, dict) else self.choices)


Ask = Callable[[Question, str, Any], Any]
"""Ask a person: the question, its text and its default; gives the answer, as text or as a value."""


def read(folder: Path, named: str) -> tuple[Config, list[Question]]:
    """The settings and questions of a template's folder.

    Raises:
        BlueprintError: copier.yml is missing, wrong, or asks for more than rendering files.
    """
    from packaging.version import Version

    path = next((folder / name for name in ("copier.yml", "copier.yaml") if (folder / name).is_file()), None)
    if path is None:
        raise BlueprintError(f"{named} is no blueprint: it has no copier.yml.", code="not-a-blueprint")
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if not isinstance(said, dict):
            raise BlueprintError(f"{path.name} of {named} holds no settings.", code="blueprint")
        config = Config.model_validate({key[1:]: value for key, value in said.items() if str(key).startswith("_")})
        questions = [_question(str(key), value) for key, value in said.items() if not str(key).startswith("_")]
        needs = Version(config.min_copier_version)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        raise BlueprintError(f"{path.name} of {named}: {_why(error)}", code="blueprint", hint=_MORE) from error
    if needs >= Version("10"):
        raise BlueprintError(f"{named} needs copier {needs}; templates of copier 9 are understood.", hint=_MORE)
    return config, questions


def answered(
    questions: list[Question],
    given: Mapping[str, Any],
    jinja: SandboxedEnvironment,
    context: Mapping[str, Any],
    ask: Ask | None,
    must: Collection[str] = (),
) -> tuple[dict[str, Any], set[str]]:
    """An answer to every question, and the names of those that aren't kept in the project.

    Args:
        given: Answers that are known.
        ask: Asks for the others; None: they take their defaults.
        must: Names of given answers that a question has to be there for.

    Raises:
        BlueprintError: An answer is missing, of another type, or not allowed.
    """
    if unknown := sorted(set(must) - {one.name for one in questions}):
        known = ", ".join(one.name for one in questions)
        raise BlueprintError(
            f"The blueprint asks for no {', '.join(unknown)}.", code="bad-answer", hint=f"It asks for {known}."
        )
    answers: dict[str, Any] = {}
    hidden = set()
    for one in questions:
        now = {**context, **answers}
        asked = one.when if isinstance(one.when, bool) else yaml.safe_load(jinja.from_string(one.when).render(now))
        if not asked or one.secret:
            hidden.add(one.name)
        if one.name in given and asked:
            answers[one.name] = _checked(one, given[one.name], jinja, now)
            continue
        default = jinja.from_string(one.default).render(now) if isinstance(one.default, str) else one.default
        if not asked:
            answers[one.name] = _typed(one, default)
        elif ask is None:
            answers[one.name] = _checked(one, default, jinja, now)
        else:
            text = jinja.from_string(one.help).render(now) or one.name
            answers[one.name] = _again(one, text, default, jinja, now, ask)
    return answers, hidden


def _again(
    one: Question, text: str, default: Any, jinja: SandboxedEnvironment, now: Mapping[str, Any], ask: Ask
) -> Any:
    """Ask until the answer is allowed."""
    while True:
        try:
            return _checked(one, ask(one, text, default), jinja, now)
        except BlueprintError as error:
            text = f"{error.message} {text}"


def _question(name: str, said: Any) -> Question:
    if not isinstance(said, dict):  # copier's short form: the default alone
        kind = type(said).__name__
        return Question.model_validate(
            {"name": name, "type": kind if kind in ("str", "int", "float", "bool") else "yaml", "default": said}
        )
    kind = said.get("type") or (type(said.get("default")).__name__ if "default" in said else "yaml")
    return Question.model_validate(
        {**said, "name": name, "type": kind if kind not in ("dict", "list", "NoneType") else "yaml"}
    )


def _typed(one: Question, answer: Any) -> Any:
    if one.type in ("yaml", "json"):
        return yaml.safe_load(answer) if isinstance(answer, str) else answer
    if one.type == "str" and not isinstance(answer, str) and answer is not None:
        return str(answer)
    kinds: dict[str, TypeAdapter[Any]] = {
        "int": TypeAdapter(int),
        "float": TypeAdapter(float),
        "bool": TypeAdapter(bool),
    }
    return kinds.get(one.type, TypeAdapter(str)).validate_python(answer)


def _checked(one: Question, answer: Any, jinja: SandboxedEnvironment, now: Mapping[str, Any]) -> Any:
    try:
        value = _typed(one, answer)
    except (ValidationError, yaml.YAMLError) as error:
        why = "there is no answer" if answer is None else f"{answer!r} is no {one.type}"
        raise BlueprintError(f"{one.name}: {why}.", code="bad-answer", hint=f"--data {one.name}=VALUE") from error
    if one.choices and value not in one.values():
        allowed = ", ".join(str(each) for each in one.values())
        raise BlueprintError(f"{one.name}: {value!r} is none of {allowed}.", code="bad-answer")
    if fault := jinja.from_string(one.validator).render({**now, one.name: value}).strip():
        raise BlueprintError(f"{one.name}: {value!r} isn't allowed: {fault}.", code="bad-answer")
    return value


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        unknown = first["type"] == "extra_forbidden"
        return f"the setting {where} isn't understood here" if unknown else f"{where}: {message_of(first)}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
