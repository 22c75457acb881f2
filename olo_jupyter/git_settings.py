"""What olo.yml says of the Git host that takes pull requests: ``git: {…}``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from olo_jupyter.engine_settings import Secret


class GitHubApp(BaseModel):
    """A GitHub App that signs in for all: its pull requests are the app's, the commits' author stays the person."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, coerce_numbers_to_str=True, description="The app's client id, or its number.")
    private_key: Secret = Field(description="Where its private key (PEM) is.")
    installation: int | None = Field(default=None, gt=0, description="Number of the installation. Default: found out.")


class GitPush(BaseModel):
    """What git alone signs in by, where that isn't the API's token: a deploy token."""

    model_config = ConfigDict(extra="forbid")

    username: str = Field(default="oauth2", pattern=r"^[^\s:]+$", description="Its name: gitlab+deploy-token-1.")
    token: Secret = Field(description="Where the deploy token is.")


class GitSettings(BaseModel):
    """The Git host that takes pull requests: found from the remote's URL, told here where that doesn't do.

    Tokens stand in the environment, in Git's credential helpers or in the keyring, never here.
    """

    model_config = ConfigDict(extra="forbid")

    host: Literal["github", "gitlab", "gitea"] | None = Field(
        default=None, description="Kind of host; Forgejo is gitea. Default: found out."
    )
    url: str = Field(default="", description="Where the host's pages are. Default: what the remote's URL names.")
    ca_file: Path | None = Field(default=None, description="Certificates of an authority of one's own, PEM.")
    token_env: str = Field(default="", description="Name of the environment variable that holds the token.")
    token: Secret | None = Field(default=None, description="Where the token is; then no other place is looked at.")
    app: GitHubApp | None = Field(default=None, description="A GitHub App to sign in as.")
    push: GitPush | None = Field(default=None, description="A deploy token for git alone: fetch and push.")
    committer: str = Field(
        default="",
        pattern=r"^$|^[^<>\n]*[^<>\s][^<>\n]* <[^<>@\s]+@[^<>\s]+>$",
        description="Service account that commits, 'Name <address>'; the author stays the person. Default: the person.",
    )
    fork: str = Field(
        default="",
        description="Where promotions are pushed, if not to origin: a remote's name, an address, or auto: your own "
        "fork, where you may not push; it is made when there is none. Pull requests are opened on origin all the same.",
    )
    labels: list[str] = Field(default_factory=list, description="Labels that pull requests of promotions get.")
    reviewers: bool = Field(default=True, description="Ask the CODEOWNERS of the changed files for reviews.")
    draft: bool = Field(default=False, description="Open pull requests as drafts.")

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> GitSettings:
        ways = [name for name in ("token", "token_env", "app") if getattr(self, name)]
        if len(ways) > 1:
            raise ValueError(f"name one of token, token_env and app, not {' and '.join(ways)}")
        parts = urlsplit(self.fork)
        if parts.password or (parts.username and parts.scheme in ("http", "https")):
            raise ValueError("a secret never stands in the file: name the fork without user and password")
        if self.app is not None and self.host not in (None, "github"):
            raise ValueError(f"app is GitHub's, and host is {self.host}")
        return self
