"""Run git: argument lists, a time limit that its hooks can't outlive, no prompts, no credentials in messages."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from olo_jupyter.errors import OloError

LOCAL_SECONDS = 60.0
NETWORK_SECONDS = 60.0
HOOK_SECONDS = 300.0
NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}")
"""Before a command that must not run the user's hooks."""
_OF_ANOTHER_COMMAND = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")
SECRET_VARIABLE = "OLO_GIT_HANDED_OVER"  # noqa: S105 - its name
"""The environment variable by which a token reaches git; what git says is masked for its value."""
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+(?=@)")


class GitError(OloError):
    """git said no, took too long, or isn't there. ``code`` is ``git-failed``, ``git-timeout`` or ``git-missing``."""

    default_code = "git-failed"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "", output: str = "") -> None:
        super().__init__(message, code=code, hint=hint)
        self.output = output


@dataclass(frozen=True)
class Output:
    """What a git command gave: its exit code and its two streams, undecoded and decoded."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output without the last newline."""
        return self.out.decode("utf-8", "surrogateescape").rstrip("\n")


class Git:
    """git in one folder.

    Args:
        folder: Where commands run.
        env: Variables of every command: in a partial clone each of them may have to ask the remote.
    """

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.env = env or {}

    def __call__(
        self,
        *arguments: str,
        seconds: float = LOCAL_SECONDS,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> str:
        """Run a command that must succeed; its standard output.

        Raises:
            GitError: It failed (``output`` holds what it said), ran over ``seconds``, or git isn't installed.
        """
        result = self.run(*arguments, seconds=seconds, env=env, stdin=stdin)
        if result.code != 0:
            said = "\n".join(filter(None, (masked(result.text).strip(), result.err.strip())))
            last = said.splitlines()[-1] if said else f"exit code {result.code}"
            raise GitError(f"git {_command(arguments)} failed: {last}", output=said)
        return result.text

    def run(
        self,
        *arguments: str,
        seconds: float = LOCAL_SECONDS,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> Output:
        """Run a command whatever its exit code.

        Raises:
            GitError: It ran over ``seconds`` (it and its hooks are ended), or git isn't installed.
        """
        env = {**self.env, **(env or {})}
        # gc and maintenance would write to the user's repository in the background.
        command = ["git", "-c", "gc.auto=0", "-c", "maintenance.auto=false", *arguments]
        try:
            process = subprocess.Popen(
                command, cwd=self.folder, env=_environment(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError as error:
            if not self.folder.is_dir():
                raise GitError(f"{self.folder} is no folder.") from error
            raise GitError("git is not installed.", code="git-missing", hint="Install git ≥ 2.30.") from error
        try:
            out, err = process.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise GitError(
                f"git {_command(arguments)} took longer than {seconds:g} s and was ended.",
                code="git-timeout",
                hint="A hook that waits for input, or a remote that doesn't answer, is the usual cause.",
            ) from error
        except BaseException:
            _end(process)
            raise
        said = masked(err.decode("utf-8", "replace"))
        secret = env.get(SECRET_VARIABLE, "")
        if secret:
            said, out = said.replace(secret, "***"), out.replace(secret.encode(), b"***")
        return Output(process.returncode, out, said)

    def succeeds(self, *arguments: str) -> bool:
        """Whether a command's exit code is 0."""
        return self.run(*arguments).code == 0

    def commit_of(self, revision: str) -> str | None:
        """The commit that ``revision`` names, None where there is none."""
        found = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return found.text if found.code == 0 else None

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether ``newer`` holds ``older``."""
        return self.succeeds("merge-base", "--is-ancestor", older, newer)

    def file_at(self, commit: str, path: str) -> bytes | None:
        """A file's content at a commit, None where it isn't there (or is no file)."""
        found = self.run("cat-file", "blob", f"{commit}:{path}")
        return found.out if found.code == 0 else None


def masked(text: str) -> str:
    """``text`` without credentials in URLs.

    Example:
        >>> masked("fatal: unable to access 'https://ana:ghp_x@example.org/a.git/'")
        "fatal: unable to access 'https://***@example.org/a.git/'"
    """
    return _CREDENTIALS.sub("***", text)


def _command(arguments: tuple[str, ...]) -> str:
    """The subcommand, behind the options that set configuration."""
    at = 0
    while arguments[at] == "-c":
        at += 2
    return arguments[at]


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in _OF_ANOTHER_COMMAND}
    return {
        **kept, "GIT_TERMINAL_PROMPT": "0", "SSH_ASKPASS_REQUIRE": "never", "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_EDITOR": "true", "LC_ALL": "C", **(extra or {}),
    }  # fmt: skip


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and everything it started: a hanging hook would keep its pipes open."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
