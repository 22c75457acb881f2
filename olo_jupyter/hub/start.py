"""What a person's server runs first, as that person: a clone of the project, a sandbox; then it becomes the server.

Nothing here stops a server from starting: what failed is said in its log, and the panels say it too.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from olo_jupyter.errors import OloError

_SECONDS = 90


def main() -> None:
    """Prepare, then become jupyterhub-singleuser."""
    environ = dict(os.environ)
    environ.setdefault("OLO_USER", environ.get("JUPYTERHUB_USER", ""))
    source = environ.pop("OLO_HUB_PROJECT", "")
    home = Path.home()
    close(home)
    if source:
        try:
            project = clone(source, home)
            environ.setdefault("OLO_PROJECT", str(project))
            say(f"project {project}")
            say(prepare_sandbox(project, environ))
        except OloError as error:
            say(f"{error.message} {error.hint}".strip())
    os.chdir(home)
    program = [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]]
    os.execve(sys.executable, program, environ)  # noqa: S606 - there is nothing for a shell to do


def close(home: Path) -> None:
    """Keep others of this machine out of a home folder: many systems make it readable for all."""
    try:
        mode = stat.S_IMODE(home.stat().st_mode)
        if mode & 0o077:
            home.chmod(mode & 0o700)
    except OSError as error:
        say(f"{home} stays as open as it is: {error.strerror}")


def clone(source: str, home: Path) -> Path:
    """A person's own clone of the project, made once; what is there stays as it is.

    Raises:
        OloError: git-clone: Git failed, or it took too long; nothing half-made is left.
    """
    name = source.rstrip("/").rpartition("/")[2].removesuffix(".git") or "project"
    target = home / name
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(prefix=".olo-clone-", dir=home) as scratch:
        draft = Path(scratch) / name
        command = ["git", "clone", "--quiet", "--no-hardlinks", "--", source, str(draft)]
        environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        if source.startswith("/"):
            environ["GIT_CONFIG_GLOBAL"] = _trusting(source, Path(scratch))
        try:
            done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise OloError(f"The clone of the project took more than {_SECONDS} s.", code="git-clone") from error
        if done.returncode:
            said = " ".join(done.stderr.split())[:500] or "git failed"
            raise OloError(f"The project could not be cloned: {said}", code="git-clone")
        draft.rename(target)
    return target


def _trusting(source: str, folder: Path) -> str:
    """A configuration for git: a repository of the Hub's belongs to somebody else, which git refuses unless told."""
    config = folder / "gitconfig"
    config.write_text(f'[include]\n\tpath = "{Path.home()}/.gitconfig"\n[safe]\n\tdirectory = "{source}"\n')
    return str(config)


def prepare_sandbox(project: Path, environ: Mapping[str, str]) -> str:
    """The person's sandbox catalog with its namespace; what was done, in words.

    Raises:
        OloError: olo.yml isn't valid, or the catalog can't be made.
    """
    from olo_jupyter.config import load_settings
    from olo_jupyter.lakehouse.catalog import Catalogs
    from olo_jupyter.workspaces.sandbox import ensure_sandbox

    settings = load_settings(project, {**environ, "OLO_PROJECT": str(project)})
    if settings.sandbox_catalog not in settings.catalogs:
        return f"olo.yml has no catalog {settings.sandbox_catalog}: no sandbox was made"
    catalogs = Catalogs(settings)
    try:
        made = ensure_sandbox(catalogs)
    finally:
        catalogs.close()
    return f"sandbox {settings.sandbox_catalog}" + (" made" if made else " is there")


def say(text: str) -> None:
    """A line in the server's log."""
    print(f"olo: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
