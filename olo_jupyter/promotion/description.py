"""What a promotion says of itself: the subject of its evidence, its record, the message of its commit."""

from __future__ import annotations

from collections.abc import Mapping

from olo_converters.artefact import Artefact
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion import evidence
from olo_jupyter.promotion.compare import MASK
from olo_jupyter.promotion.draft import Draft
from olo_jupyter.promotion.merge import Record, record_path, source_hash
from olo_jupyter.promotion.proof import Proof
from olo_jupyter.promotion.publish import commit_message
from olo_jupyter.promotion.repository import VERIFICATION_TRAILER


def subject(made: Draft, proof: Proof, session: Session) -> evidence.Subject:
    """What the evidence is about; defaults of sensitive parameters are masked."""
    run = made.capture.result_of(made.target.cell)
    hidden = tuple(finding.message for finding in made.findings if finding.code == "sensitive-default")
    values = {
        name: MASK if any(message.startswith(f":{name} ") for message in hidden) else value
        for name, value in made.conversion.vars.items()
    }
    return evidence.Subject(
        made.name,
        made.conversion.kind,
        made.conversion.relation,
        made.notebook,
        made.conversion.cells,
        proof.engine,
        session.settings.default_engine,
        proof.pins,
        values,
        run.profile if run is not None else (),
        tuple(made.conversion.required) if made.conversion.kind == "dbt" else (),
    )


def record(made: Draft, places: Mapping[str, str]) -> Artefact:
    """What was generated, for the next promotion: the files that are its own, as generated, without hand edits.

    Args:
        places: Where files are that the repository has moved, by their generated paths.
    """
    visible = made.known.facts.files
    own = {places.get(a.path, a.path): a.text for a in made.conversion.artefacts if a.path not in visible}
    cells = tuple(cell for cell in made.conversion.cells if cell != made.target.cell)
    last = Record(
        made.name,
        made.conversion.kind,
        made.request.options.layer,
        made.notebook,
        made.branch,
        made.target.source if made.target.source.isidentifier() else "",
        (*cells, made.target.cell),
        made.conversion.depends_on,
        _sources(made),
        {path: place for path, place in places.items() if place in own},
        own,
        made.known.model,
    )
    return Artefact(record_path(made.name), last.dump(), "evidence")


def _sources(made: Draft) -> dict[str, str]:
    """Hash of the source of each cell that went in."""
    wanted = {*made.conversion.cells, made.target.cell}
    return {cell.id: source_hash(cell.source) for cell in made.request.notebook.cells if cell.id in wanted}


def message(made: Draft, verification: str, engine: str, pins: Mapping[str, int]) -> str:
    """The commit's message, whose trailers name notebook, cells, their hashes, engine and pins."""
    return commit_message(
        subject_line(made),
        [f"From {made.notebook}; the evidence is in {evidence.FOLDER}/{made.name}.md."],
        {
            "Olo-Notebook": made.notebook,
            "Olo-Cells": ", ".join(made.conversion.cells),
            "Olo-Sources": ", ".join(f"{cell}:{digest}" for cell, digest in _sources(made).items()),
            "Olo-Engine": engine,
            "Olo-Pins": ", ".join(f"{table}@{snapshot}" for table, snapshot in sorted(pins.items())) or "none",
            VERIFICATION_TRAILER: verification,
        },
    )


def subject_line(made: Draft) -> str:
    """The commit's first line, and the pull request's title."""
    what = "model" if made.conversion.kind == "dbt" else "task"
    return f"feat({made.request.options.layer}): promote {made.name} as a {what}"
