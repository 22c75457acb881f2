"""The project in Gitea, deployed to staging and prod once, and a clone for the shared service. What is there stays.

Environment: GITEA_URL, GITEA_USER, GITEA_PASSWORD; PROJECT (the clone's folder); CONFIG (this platform's olo.yml).
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

NAME = "project"


def make_repository(url: str, user: str, password: str) -> bool:
    """An empty repository; False where it is there.

    Raises:
        SystemExit: Gitea refused.
    """
    sign_in = base64.b64encode(f"{user}:{password}".encode()).decode()
    body = json.dumps({"name": NAME, "private": False, "default_branch": "main", "auto_init": False}).encode()
    headers = {"Authorization": f"Basic {sign_in}", "Content-Type": "application/json"}
    try:
        urllib.request.urlopen(urllib.request.Request(f"{url}/api/v1/user/repos", body, headers), timeout=30).close()
    except urllib.error.HTTPError as error:
        if error.code == 409:
            return False
        raise SystemExit(f"Gitea: {error.code} {error.read().decode(errors='replace')[:300]}") from error
    return True


def git(folder: Path, *words: str, user: str, password: str) -> str:
    """Run git, signed in by environment: no password on a command line, in a URL or in a file."""
    sign_in = base64.b64encode(f"{user}:{password}".encode()).decode()
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
           for key, value in (("NAME", "olo"), ("EMAIL", "olo@users.noreply.invalid"))}  # fmt: skip
    header = {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {sign_in}",
        "GIT_CONFIG_KEY_1": "safe.directory",
        "GIT_CONFIG_VALUE_1": "*",
    }
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **who, **header}, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout


def fit(folder: Path, config: Path) -> None:
    """A project of the blueprint becomes this platform's: its catalogs, and sandboxes that stand in homes."""
    shutil.copyfile(config, folder / "olo.yml")
    sandbox = folder / "targets" / "sandbox.yml"
    sandbox.write_text(sandbox.read_text(encoding="utf-8").replace("${var.lakehouse}", "${var.own}"), encoding="utf-8")


def start_project(remote: str, config: Path, user: str, password: str) -> None:
    """The blueprint with this platform's catalogs, pushed to main."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / NAME
        olo = ["olo", "init", str(folder), "--defaults", "--name", NAME, "--owner", user, "--data", "ci=gitea"]
        subprocess.run(olo, check=True, stdout=subprocess.DEVNULL)
        fit(folder, config)
        for words in (
            ("init", "--quiet", "--initial-branch=main"),
            ("add", "--all"),
            ("commit", "--quiet", "--message", "chore: start from the blueprint"),
            ("push", "--quiet", remote, "main"),
            # Airflow's bundle can't recover from a branch that isn't there yet.
            ("push", "--quiet", remote, "main:refs/heads/deploy/prod"),
        ):
            git(folder, *words, user=user, password=password)


def main() -> None:
    """All of it, or what is missing."""
    url, user, password = os.environ["GITEA_URL"], os.environ["GITEA_USER"], os.environ["GITEA_PASSWORD"]
    remote, clone = f"{url}/{user}/{NAME}.git", Path(os.environ["PROJECT"])
    make_repository(url, user, password)
    if not git(Path("/"), "ls-remote", "--heads", remote, "main", user=user, password=password).strip():
        start_project(remote, Path(os.environ["CONFIG"]), user, password)
    if not (clone / ".git").exists():
        git(clone, "clone", "--quiet", remote, ".", user=user, password=password)
    sys.stdout.write(f"{remote}: there\n")


if __name__ == "__main__":
    main()
