"""The use case: capture → convert → check → verify → publish, each step from one value to the next."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from olo_converters.artefact import Artefact
from olo_converters.conversion import Example
from olo_converters.findings import Finding
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.promotion import check, description, evidence
from olo_jupyter.promotion.changes import changes, committed, merged
from olo_jupyter.promotion.draft import Draft, PromotionRequest, converted, draft, stops
from olo_jupyter.promotion.examples import MOST_EXPECTED
from olo_jupyter.promotion.facts import read_project
from olo_jupyter.promotion.fork import forget_fork
from olo_jupyter.promotion.hand_off import hand_off
from olo_jupyter.promotion.isolation import isolated
from olo_jupyter.promotion.ledger import keep
from olo_jupyter.promotion.merge import Merged
from olo_jupyter.promotion.outcome import Promotion, Status
from olo_jupyter.promotion.paths import inside
from olo_jupyter.promotion.proof import Proof, prepare, verified
from olo_jupyter.promotion.publish import publish
from olo_jupyter.promotion.pull_request import Told, propose
from olo_jupyter.promotion.secrets_gate import secrets
from olo_jupyter.promotion.step import example_rows, run_tests
from olo_jupyter.promotion.verify import Verification
from olo_jupyter.promotion.worktree import Worktree, open_worktree

__all__ = ["Promotion", "PromotionRequest", "plan", "promote"]

OnStep = Callable[[str], None]


def plan(request: PromotionRequest, session: Session) -> Promotion:
    """Convert, check and merge only: what would be published. Writes nothing, calls no remote.

    Raises:
        PromotionError: The name, the notebook or the repository can't be used.
    """
    made = draft(request, session, remote=False)
    if made.conversion.is_refused:
        return _outcome(made, "refused", made.findings)
    theirs = committed(made)
    done = merged(made, theirs)
    findings = tuple(dict.fromkeys((*made.findings, *done.findings)))
    outcome = _outcome(made, "refused" if stops(findings) else "planned", findings)
    return replace(outcome, changes=changes(made, done, theirs))


def promote(request: PromotionRequest, session: Session, on_step: OnStep = lambda _: None) -> Promotion:
    """Promote: convert, check, prove, commit on a branch of its own, push.

    Args:
        session: The notebook's: its settings name the project.
        on_step: Told what happens now.

    Raises:
        PromotionError: The name, the repository or the branch can't be used, or a hook refused the commit.
        GitError: git failed.
    """
    outcome = _promoted(request, session, on_step)
    keep(outcome, session.settings)
    return outcome


def _promoted(request: PromotionRequest, session: Session, on_step: OnStep) -> Promotion:
    on_step("convert")
    made = draft(request, session, remote=True)
    if made.is_stopped:
        return _outcome(made, "refused", made.findings)
    settings = session.settings
    with open_worktree(made.repository, settings.state, made.name, made.start, whole=request.verify) as tree:
        if tree.commit != made.commit:
            notebook = replace(made.request.notebook, path=made.notebook)
            known = read_project(made.repository, tree.commit, settings, made.name, notebook)
            made = converted(replace(made, commit=tree.commit), known)
        done = merged(made, tree.committed)
        findings = (*made.findings, *done.findings, *_case_clashes(tree, done.files))
        if stops(findings):
            conflicts = _conflict_files(done, settings.state / "promotions" / f"{made.name}.conflicts")
            refused = _outcome(made, "refused", findings)
            return replace(refused, conflicts=conflicts, changes=changes(made, done, tree.committed))
        for path, text in done.files.items():
            tree.write(path, text)
        for path in done.removed:
            tree.remove(path)
        if made.conversion.main and request.verify:
            on_step("example rows")
            made, done = _with_example(made, done, tree, session)
            findings = (*made.findings, *done.findings)
        proof = prepare(made, made.known.facts.package, done.moved)
        verification = (
            _verification(proof, made, tree, session, on_step)
            if request.verify
            else Verification("unverified", "verification was not asked for (--no-verify)")
        )
        findings = (*findings, *_judgement(verification, publish_different=request.publish_different))
        subject = description.subject(made, proof, session)
        files = [
            *evidence.artefacts(subject, verification, findings),
            description.record(made, done.moved),
        ]
        written = [Artefact(path, text, "module") for path, text in done.files.items()]
        findings = (
            *findings,
            *check.sensitive_values(files[:2], made.capture, made.observed),
            *secrets([*written, *files], made.known.baseline, tree.committed),
        )
        findings = tuple(dict.fromkeys(findings))
        outcome = replace(
            _outcome(made, verification.status, findings),
            verification=verification,
            evidence=evidence.evidence_json(subject, verification, findings),
            changes=changes(made, done, tree.committed),
        )
        if stops(findings):
            return outcome
        for artefact in files:
            tree.write(artefact.path, artefact.text)
        on_step("publish")
        message = description.message(made, evidence.label(subject, verification), proof.engine, proof.pins)
        paths = [*done.files, *done.removed, *(artefact.path for artefact in files)]
        publication = publish(tree, made.branch, paths, message, settings.state)
        if not publication.pushed:
            forget_fork(made.repository, settings)
    folder, left = hand_off(made.repository, settings.state, made.branch)
    said = (*findings, *publication.findings, *left)
    project = folder / made.repository.prefix if folder is not None else None
    outcome = replace(outcome, publication=publication, folder=project, findings=said)
    return _proposed(made, outcome, sorted(paths), session, on_step) if request.open_pr else outcome


def _proposed(made: Draft, outcome: Promotion, paths: list[str], session: Session, on_step: OnStep) -> Promotion:
    """With its pull request; where the host has none to give the branch stands all the same, and a finding says why."""
    publication = outcome.publication
    if publication is not None and not publication.changed and made.repository.merged(made.branch):
        nothing = Finding(
            "already-merged", "info", "Nothing has changed since it was merged: there is nothing to propose."
        )
        return replace(outcome, findings=(*outcome.findings, nothing))
    outcome = replace(outcome, wants_pull_request=True)
    if publication is None or not publication.pushed:
        return outcome
    on_step("pull request")
    jobs = [path for path in paths if path.startswith("jobs/")]
    told = Told(
        subject=description.subject_line(made),
        description=made.request.options.description,
        evidence=outcome.evidence,
        findings=outcome.findings,
        paths=paths,
        branch=made.branch,
        commit=publication.commit,
        notebook=made.notebook,
        depends_on=made.conversion.depends_on,
        job=PurePosixPath(jobs[0]).stem if jobs else "",
    )
    try:
        opened = propose(made.repository, session.settings, told)
    except OloError as error:
        why = Finding("no-pull-request", "warning", f"No pull request was opened: {error.message}", hint=error.hint)
        return replace(outcome, findings=(*outcome.findings, why))
    return replace(outcome, pull_request=opened.pull_request, findings=(*outcome.findings, *opened.findings))


def _conflict_files(done: Merged, folder: Path) -> tuple[str, ...]:
    """The files that couldn't be merged, with Git's marks, in a folder of their own; their paths."""
    shutil.rmtree(folder, ignore_errors=True)
    written = []
    for path, text in done.conflicts.items():
        place = inside(folder, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
        written.append(str(place))
    return tuple(written)


def _with_example(made: Draft, done: Merged, tree: Worktree, session: Session) -> tuple[Draft, Merged]:
    """The module again, its tests with the rows that it gives on small inputs; as it was where they wouldn't pass."""
    tests = next((a.path for a in made.conversion.artefacts if a.kind == "test"), None)
    if tests is None or tests not in done.files:
        return made, done
    with isolated(session.settings, session.catalog) as isolation:
        rows = example_rows(tree.root, tests, isolation)
        if rows is None or not 0 < rows.num_rows <= MOST_EXPECTED:
            return made, done
        inputs = {given.key: tuple(given.rows) for given in made.conversion.inputs}
        better = converted(made, made.known, Example(inputs, tuple(rows.to_pylist())))
        again = merged(better, tree.committed)
        if better.is_stopped or stops(again.findings):
            return made, done
        tree.write(tests, again.files[tests])
        if not run_tests(tree.root, tests, isolation):
            return better, again
        tree.write(tests, done.files[tests])
        return made, done


def _case_clashes(tree: Worktree, paths: Iterable[str]) -> list[Finding]:
    return [
        Finding(
            "name-taken",
            "error",
            f"{path} differs in case only from {other}, which is in the repository.",
            hint="Promote under another name: both can't be checked out everywhere.",
        )
        for path in paths
        if (other := tree.same_but_for_case(path)) is not None
    ]


def _verification(proof: Proof, made: Draft, tree: Worktree, session: Session, on_step: OnStep) -> Verification:
    if proof.expected is None or proof.reason:
        return Verification("unverified", proof.reason)
    results, values = made.capture.results, made.capture.values.values()
    columns = [column for result in results for column in result.columns]
    columns += [column for value in values for column in value.columns]
    sensitive = {column.name.lower() for column in columns if column.is_sensitive}
    return verified(tree.root, proof, made.conversion, sensitive, session, on_step)


def _judgement(verification: Verification, *, publish_different: bool) -> list[Finding]:
    found = [
        Finding(
            "test-failed", "error", f"The artefact's own test failed: {failed}", hint="Change the test or the cell."
        )
        for failed in verification.failed
    ]
    if verification.status == "different":
        found.append(
            Finding(
                "result-differs",
                "warning" if publish_different else "error",
                f"The artefact does not give what the notebook gave: {verification.reason}.",
                hint="Look at the rows that differ; what can't be mended may be published as different, said so.",
            )
        )
    elif verification.status == "unverified":
        found.append(
            Finding(
                "not-verified",
                "warning",
                f"Nobody proved that the artefact gives what the notebook gave: {verification.reason}.",
                hint="It is published as unverified.",
            )
        )
    return found


def _outcome(made: Draft, status: Status, findings: tuple[Finding, ...]) -> Promotion:
    return Promotion(
        made.name,
        made.conversion.kind,
        made.request.options.layer,
        made.conversion.relation,
        made.branch,
        status,
        made.conversion.artefacts,
        findings,
        cells=made.conversion.cells,
        slice=made.conversion.slice,
        options=made.request.options,
    )
