"""``jupyterhub_config.py`` in one call: sign-in, rights, people's servers, services."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import Any
from urllib.parse import urlsplit

from olo_jupyter.config import short_name
from olo_jupyter.hub.provider import Provider, discover
from olo_jupyter.hub.rights import CULLER, SERVICE, TOKENS, custom_scopes, roles
from olo_jupyter.hub.settings import HubError, HubSettings, from_environment

_CRYPT_KEY = re.compile(r"[0-9a-fA-F]{64}(;[0-9a-fA-F]{64})*")


def configure(c: Any, settings: HubSettings | None = None) -> None:
    """Fill a Hub's configuration ``c``; what is set after it wins.

    Raises:
        HubError: The environment doesn't say what it must, or the identity provider can't be asked.
    """
    settings = settings or from_environment()
    if not _CRYPT_KEY.fullmatch(os.environ.get("JUPYTERHUB_CRYPT_KEY", "")):
        hint = "openssl rand -hex 32 makes one; several, with ; between them, change it without a new sign-in."
        raise HubError("JUPYTERHUB_CRYPT_KEY must hold 32 bytes in hex: tokens are kept encrypted.", hint=hint)
    state = settings.state.resolve()
    c.JupyterHub.bind_url = settings.url
    c.JupyterHub.db_url = settings.database or f"sqlite:///{state}/jupyterhub.sqlite"
    c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
    c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
    _sign_in(c, settings, discover(settings.issuer, settings.ca_file))
    c.JupyterHub.custom_scopes = custom_scopes()
    c.JupyterHub.load_roles = roles(settings.groups)
    _servers(c, settings)
    _services(c, settings)


def _sign_in(c: Any, settings: HubSettings, provider: Provider) -> None:
    local = settings.spawner == "local"
    kind = "LocalOloAuthenticator" if local else "OloAuthenticator"
    c.JupyterHub.authenticator_class = f"olo_jupyter.hub.authenticator.{kind}"
    c.OAuthenticator.client_id = settings.client_id
    c.OAuthenticator.client_secret = settings.secret
    c.OAuthenticator.oauth_callback_url = f"{settings.url}/hub/oauth_callback"
    c.OAuthenticator.authorize_url = provider.authorization_endpoint
    c.OAuthenticator.token_url = provider.token_endpoint
    c.OAuthenticator.userdata_url = provider.userinfo_endpoint
    c.OAuthenticator.username_claim = settings.username_claim
    c.OAuthenticator.scope = ["openid", "profile", "email"]
    c.OAuthenticator.login_service = "single sign-on"
    if settings.ca_file is not None:
        c.OAuthenticator.http_request_kwargs = {"ca_certs": str(settings.ca_file)}
    if provider.end_session_endpoint:
        c.OAuthenticator.logout_redirect_url = provider.end_session_endpoint
    c.OAuthenticator.manage_groups = True
    c.OAuthenticator.auth_state_groups_key = f"oauth_user.{settings.groups_claim}"
    c.OAuthenticator.allowed_groups = set(settings.groups)
    # Groups and tokens are asked for again: who was put out of a group loses its rights within this time.
    c.Authenticator.enable_auth_state = True
    c.Authenticator.auth_refresh_age = settings.refresh_seconds
    c.Authenticator.refresh_pre_spawn = True
    if local:
        c.LocalAuthenticator.create_system_users = True
        useradd = ["useradd", "--create-home", "--key", "HOME_MODE=0700", "--shell", "/bin/bash", "--user-group"]
        c.LocalAuthenticator.add_user_cmd = useradd


def _servers(c: Any, settings: HubSettings) -> None:
    c.JupyterHub.spawner_class = "localprocess" if settings.spawner == "local" else settings.spawner
    python = settings.python or sys.executable
    c.Spawner.cmd = [python, "-m", "olo_jupyter.hub.start"]
    c.Spawner.default_url = "/lab"
    c.Spawner.start_timeout = 120
    c.Spawner.http_timeout = 60
    found = settings.code_server or shutil.which("code-server") or ""
    c.Spawner.environment = {
        **settings.environment,
        **({"OLO_HUB_PROJECT": settings.project} if settings.project else {}),
        **({"OLO_CODE_SERVER": found} if found else {}),
        "OLO_SERVICE_URL": settings.service_url,
        "OLO_HUB_TOKENS": settings.tokens_url,
        # What a server does by itself, and what open pages ask, is no activity: olo_jupyter.server.activity tells.
        "JUPYTERHUB_ACTIVITY_INTERVAL": "0",
        "OLO_HUB_ACTIVITY_INTERVAL": str(min(60, max(5, settings.idle_seconds // 5))),
    }
    c.Spawner.pre_spawn_hook = refuse_same_short_name
    # The proxy counts every request of an open page as activity.
    c.JupyterHub.last_activity_interval = 0


def refuse_same_short_name(spawner: Any) -> None:
    """A hook before a server starts: two people whose names are shortened alike would share a sandbox.

    Raises:
        HubError: Somebody who came before has the same short name.
    """
    from jupyterhub import orm

    wanted = short_name(spawner.user.name)
    mine = spawner.user.orm_user.id
    for other in spawner.user.db.query(orm.User).order_by(orm.User.id):
        if other.id >= mine:
            break
        if short_name(other.name) == wanted:
            raise HubError(
                f"The sandbox {wanted}_sandbox belongs to {other.name}.",
                hint="An administrator sets OLO_HUB_USERNAME_CLAIM to a claim whose values stay apart.",
            )


def _services(c: Any, settings: HubSettings) -> None:
    python = sys.executable
    cull = [python, "-m", "olo_jupyter.hub.culler", f"--timeout={settings.idle_seconds}"]
    c.JupyterHub.services = [
        {"name": CULLER, "command": [*cull, f"--cull-every={settings.cull_every}"]},
        {
            "name": TOKENS,
            "command": [python, "-m", "olo_jupyter.hub.tokens"],
            "environment": {"OLO_HUB_TOKENS_PORT": str(urlsplit(settings.tokens_url).port or 80)},
        },
        shared_service(settings),
    ]


def shared_service(settings: HubSettings) -> dict[str, Any]:
    """The shared service as one of the Hub's: people reach it by the Hub's proxy, and sign in by the Hub."""
    state = settings.state.resolve()
    environment = {
        **settings.environment,
        **{name: os.environ[name] for name in settings.service_keep if name in os.environ},
        "HOME": os.environ.get("HOME", str(state)),
        "OLO_USER": "service",
        "OLO_SERVICE_DATABASE": os.environ.get("OLO_SERVICE_DATABASE") or f"sqlite:///{state}/olo.sqlite",
        **({"OLO_PROJECT": settings.service_project} if settings.service_project else {}),
        "OLO_STATE": str(state / "service"),
    }
    return {
        "name": SERVICE,
        "display": False,
        "url": settings.service_url,
        "command": [sys.executable, "-m", "olo_jupyter.hub.serve"],
        "environment": environment,
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": sorted(custom_scopes()),
    }
