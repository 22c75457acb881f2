"""A promotion before it is proved: captured, converted, checked. Reads the repository's objects, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from olo_converters.capture import Capture
from olo_converters.conversion import Conversion, Example, Request
from olo_converters.convert import convert
from olo_converters.errors import ConvertError
from olo_converters.findings import Finding
from olo_converters.names import check_artefact_name
from olo_converters.notebook import Notebook
from olo_converters.options import PromoteOptions
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion import check
from olo_jupyter.promotion.capture import Observed, capture, notebook_of, observed_in
from olo_jupyter.promotion.examples import chosen_sample, examples, with_staging
from olo_jupyter.promotion.facts import Known, read_project
from olo_jupyter.promotion.fork import find_fork
from olo_jupyter.promotion.headers import with_headers
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.publish import branch_name
from olo_jupyter.promotion.repository import Repository, Start
from olo_jupyter.promotion.secrets_gate import secrets
from olo_jupyter.promotion.target import Target, find_target


@dataclass(frozen=True)
class PromotionRequest:
    """What to promote.

    Args:
        name: Of the model or module.
        notebook: None: what the kernel knows of it.
        path: The notebook's path, for provenance; below the project it is recorded relative to it.
        source: The variable or cell; None: the variable of that name, else the result above.
        at: Id of the promoting cell; None: the notebook's end.
        observed: From the live kernel; None: what the notebook file's outputs tell.
        publish_different: Publish even where the artefact's rows are not the notebook's.
        open_pr: Open a pull request for the pushed branch, or update the open one.
        verify: Prove that the artefact gives what the notebook gave; else it is published as unverified.
    """

    name: str
    notebook: Notebook | None = None
    path: Path | None = None
    options: PromoteOptions = field(default_factory=PromoteOptions)
    source: str | None = None
    at: str | None = None
    observed: Observed | None = None
    publish_different: bool = False
    open_pr: bool = False
    verify: bool = True


@dataclass(frozen=True)
class Draft:
    """A converted promotion.

    Args:
        commit: The commit that ``known`` was read from.
        request: As the converters got it.
        notebook: Its path as the repository names it.
    """

    name: str
    branch: str
    notebook: str
    repository: Repository
    start: Start
    commit: str
    known: Known
    observed: Observed
    capture: Capture
    request: Request
    target: Target
    conversion: Conversion
    findings: tuple[Finding, ...]

    @property
    def is_stopped(self) -> bool:
        """Whether a finding stops the promotion."""
        return stops(self.findings)


def stops(findings: Iterable[Finding]) -> bool:
    """Whether one of the findings is an error."""
    return any(finding.severity == "error" for finding in findings)


def draft(request: PromotionRequest, session: Session, *, remote: bool) -> Draft:
    """Capture, convert and check.

    Args:
        remote: Whether to ask the remote what it has; without it the repository's own knowledge counts.

    Raises:
        PromotionError: The name, the notebook or the repository can't be used.
    """
    try:
        name = check_artefact_name(request.name)
        return _drafted(replace(request, name=name), session, remote=remote)
    except ConvertError as error:
        raise PromotionError(error.message, code=error.code, hint=error.hint) from error


def _drafted(request: PromotionRequest, session: Session, *, remote: bool) -> Draft:
    settings = session.settings
    repository = Repository(settings.root, settings.git, settings.user)
    branch = branch_name(settings.user, request.name)
    if remote:
        find_fork(repository, settings)
        repository.refresh(branch_name(settings.user, ""))
    recorded = _recorded(request.path, settings.root)
    observed = request.observed
    if request.notebook is not None:
        notebook = request.notebook
    elif observed is not None:
        notebook = notebook_of(observed.runs, recorded)
    else:
        raise PromotionError("There is no notebook to promote from.", code="no-notebook", hint="Name its file.")
    request = replace(request, at=_position(request, notebook))
    if observed is None:
        observed = observed_in(notebook)
    start = repository.start(branch)
    known = read_project(repository, start.commit, settings, request.name, replace(notebook, path=recorded))
    seen = capture(observed, notebook, session)
    asked = Request(
        notebook, request.name, request.options, request.source, request.at, seen, known.facts, recorded=recorded
    )
    target = find_target(asked, session.catalog, session.namespace)
    seen = capture(observed, notebook, session, profiled=target.cell)
    asked = _under_its_name(asked, request.name, known, target)
    conversion = convert(replace(asked, capture=seen))
    if conversion.kind == "dbt" and not conversion.is_refused:
        seen = with_staging(conversion, seen, session)
        for one in (*conversion.models, conversion):
            seen = chosen_sample(one, seen, session)
        conversion = convert(replace(asked, capture=seen))
        asked = replace(asked, examples=examples(conversion, seen, session))
    first = Draft(
        request.name, branch, recorded, repository, start, start.commit, known, observed, seen,
        replace(asked, capture=seen), target, conversion, (),
    )  # fmt: skip
    depends_on = known.promotions_of(first.conversion.depends_on)
    upstreams = [record.branch for name in depends_on if (record := known.records.get(name))]
    stacked = repository.start(branch, upstreams) if upstreams else start
    if stacked.commit != start.commit:
        known = read_project(repository, stacked.commit, settings, request.name, replace(notebook, path=recorded))
        first = replace(first, commit=stacked.commit)
    return converted(replace(first, start=stacked), known)


def converted(before: Draft, known: Known, given: Example | None = None) -> Draft:
    """The draft, converted for another state of the project or with an example for its tests; then checked."""
    request = replace(before.request, project=known.facts, example=given or before.request.example)
    request = _under_its_name(request, before.name, known, before.target)
    conversion = convert(request)
    cells = dict.fromkeys([*(cell for cell in conversion.cells if cell != before.target.cell), before.target.cell])
    artefacts = with_headers(conversion.artefacts, before.name, before.notebook, cells, known.facts.files)
    conversion = replace(conversion, artefacts=artefacts, depends_on=known.promotions_of(conversion.depends_on))
    findings = (
        *conversion.findings,
        *check.renamed(before.name, known.model),
        *check.names(before.name, conversion.kind, before.notebook, known.record),
        *check.changed_since(conversion.cells, known.changed),
        *secrets(conversion.artefacts, known.baseline, known.files.get),
        *check.sensitive_values(conversion.artefacts, before.capture, before.observed),
    )
    return replace(before, known=known, request=request, conversion=conversion, findings=tuple(dict.fromkeys(findings)))


def _under_its_name(request: Request, name: str, known: Known, target: Target) -> Request:
    """The request for a model of the name that the repository gave it: what is promoted, and the job, stay."""
    if not known.model:
        return replace(request, name=name, job="")
    return replace(request, name=known.model, source=target.source or None, job=name)


def _recorded(path: Path | None, root: Path) -> str:
    """A notebook's path as the repository names it: relative to the project, its bare name where it lies outside."""
    if path is None:
        return "notebook.ipynb"
    absolute = path.resolve()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.name


def _position(request: PromotionRequest, notebook: Notebook) -> str | None:
    """The cell that promotes, where the notebook has it: a kernel alone knows it only once it has run."""
    if request.at is None or any(cell.id == request.at for cell in notebook.cells):
        return request.at
    if request.notebook is None:
        return None
    raise PromotionError(
        f"This cell is not in {notebook.path} as it was last saved.",
        code="notebook-not-saved",
        hint="Save the notebook, then run the cell again.",
    )
