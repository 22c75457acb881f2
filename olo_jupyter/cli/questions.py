"""Ask a blueprint's questions on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from olo_jupyter.project.blueprint_questions import Question


def answer(question: Question, text: str, default: Any) -> Any:
    """Ask one question; Enter takes the default.

    Returns:
        What was typed, as text, or the default.
    """
    import yaml

    if question.type == "bool":
        return typer.confirm(text, default=bool(default))
    plain = isinstance(default, str) or default is None
    shown = (
        default
        if plain
        else yaml.safe_dump(default, default_flow_style=True, width=2**31).strip().removesuffix("\n...")
    )
    choices = f" ({', '.join(str(one) for one in question.values())})" if question.choices else ""
    return typer.prompt(f"{text}{choices}", default=shown, hide_input=question.secret, type=str)
