"""A repository as large as one likes, made by git fast-import: a commit writes its share of the files."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def make(folder: Path, files: int, commits: int, first: Mapping[str, str]) -> None:
    """A bare repository with the branch ``main``.

    Args:
        files: Files in folders of a thousand each, beside those of ``first``.
        commits: Commits, the first of which has the files of ``first``.
        first: Text by path.
    """
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    importer = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE)
    assert importer.stdin is not None
    made = 0
    for number in range(commits):
        head = f"commit refs/heads/main\ncommitter Bo <bo@example.org> {1_700_000_000 + number} +0000\ndata 4\nstep\n"
        importer.stdin.write(head.encode())
        for path, text in first.items() if number == 0 else ():
            importer.stdin.write(_file(path, text))
        while made < (number + 1) * files // commits:
            importer.stdin.write(_file(f"data/part{made // 1000}/{made}.csv", f"{made}\n"))
            made += 1
    importer.stdin.close()
    assert importer.wait() == 0


def _file(path: str, text: str) -> bytes:
    content = text.encode()
    return f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
