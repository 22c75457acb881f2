"""What docker-compose.yml mounts and runs, against the real servers without containers: each set-up, twice."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
import yaml
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from pyarrow.fs import FileType, S3FileSystem

from tests.services import keycloak, polaris
from tests.services.gitea import Gitea
from tests.services.gitea import _as_account as as_gitea
from tests.services.jupyterhub.hub import install_proxy
from tests.services.mlflow import MLflow
from tests.services.mlflow import start as start_mlflow
from tests.services.postgres import Postgres
from tests.services.postgres import install as postgres_programs
from tests.services.process import Process, free_port, http_answers, until
from tests.services.prometheus import check
from tests.services.s3 import S3
from tests.shop import forget_environment

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose"
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
sys.path.insert(0, str(COMPOSE / "init"))

import lake  # noqa: E402 - a script, not a package


def run(script: str, **environ: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, str(COMPOSE / "init" / script)]
    kept = {"PATH": path, "HOME": os.environ["HOME"]}
    return subprocess.run(command, env={**kept, **environ}, capture_output=True, text=True, check=False)


def test_the_bucket(s3: S3) -> None:
    store = S3FileSystem(
        endpoint_override=s3.uri, access_key=s3.access_key, secret_key=s3.secret_key, region=lake.REGION
    )
    assert store.get_file_info(lake.BUCKET).type == FileType.NotFound
    for _ in range(2):
        lake.make_bucket(s3.uri, s3.access_key, s3.secret_key)
        assert store.get_file_info(lake.BUCKET).type == FileType.Directory
        with store.open_output_stream(f"{lake.BUCKET}/dev/kept") as stream:
            stream.write(b"kept")
    assert store.get_file_info(f"{lake.BUCKET}/dev/kept").size == 4


def test_polaris_own_client_would_ask_the_same_for_the_catalogs() -> None:
    with polaris.listening("olo", "drawn") as heard:
        for _ in range(2):
            lake.make_catalogs(heard.url, "olo", "drawn", "http://s3:7070")
        with pytest.raises(SystemExit, match="401"):
            lake.make_catalogs(heard.url, "olo", "wrong", "http://s3:7070")
    assert len(heard.asked) == 4 * len(lake.TARGETS)
    for method, path, body in heard.asked:
        assert any(method == known and pattern.fullmatch(path) for known, pattern in polaris.operations()), path
        assert polaris.understood("CreateCatalogRequest" if method == "POST" else "AddGrantRequest", body), body
    made = [body["catalog"]["name"] for method, _, body in heard.asked if method == "POST"]
    assert made == [*lake.TARGETS, *lake.TARGETS]
    unknown = {"grant": {"type": "catalog", "privilege": "CATALOG_MANAGE_CONTENT", "more": 1}}
    assert not polaris.understood("AddGrantRequest", unknown)


def test_a_database_for_each_service(postgres: Postgres) -> None:
    script = ["sh", str(COMPOSE / "postgres" / "databases.sh")]
    server = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGPASSWORD": postgres.password}
    environ = {"PATH": f"{postgres_programs()}:/usr/bin:/bin", **server}
    word = 'it\'s \\"hard"'
    environ |= {"POSTGRES_USER": postgres.user, "POSTGRES_PASSWORD": word}
    done = subprocess.run(script, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    url = sqlalchemy.make_url(postgres.uri).set(username="mlflow", password=word, database="mlflow")
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE mine (a int)"))
    engine.dispose()


def test_the_project_in_gitea(gitea: Gitea, services_folder: Path, tmp_path: Path) -> None:
    """The first account by Gitea's own program, then repository, blueprint, clone; a second time nothing changes."""
    word = "pass-word-of-the-test-1"
    admin = ["sh", str(COMPOSE / "gitea" / "admin.sh")]
    home = {"HOME": str(gitea.folder), "GITEA_WORK_DIR": str(gitea.folder), "GITEA_CUSTOM": f"{gitea.folder}/custom"}
    environ = {**os.environ, **home, "GITEA": str(gitea.folder / "gitea"), "GITEA_ADMIN_PASSWORD": word}
    for says in ("the account olo is made", "the account is there"):
        done = subprocess.run(
            [*as_gitea(), *admin], env=environ, cwd=gitea.folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode, says in done.stdout) == (0, True), done.stdout + done.stderr
    clone = tmp_path / "clone"
    clone.mkdir()
    given = {
        "GITEA_URL": gitea.uri,
        "GITEA_USER": "olo",
        "GITEA_PASSWORD": word,
        "PROJECT": str(clone),
        "CONFIG": str(COMPOSE / "init" / "olo.yml"),
    }
    heads = []
    for _ in range(2):
        done = run("project.py", **given)
        assert done.returncode == 0, done.stderr
        listed = subprocess.run(["git", "ls-remote", f"{gitea.uri}/olo/project.git"], capture_output=True, text=True)
        heads.append(listed.stdout)
    assert heads[0] == heads[1]
    assert {"refs/heads/main", "refs/heads/deploy/prod"} <= set(heads[0].split())
    assert (clone / "olo.yml").read_text() == (COMPOSE / "init" / "olo.yml").read_text()
    assert (clone / ".gitea" / "workflows" / "check.yml").is_file()
    assert word not in (clone / ".git" / "config").read_text()
    refused = run("project.py", **{**given, "GITEA_PASSWORD": "wrong"})
    assert refused.returncode == 1 and "401" in refused.stderr and "Traceback" not in refused.stderr


@pytest.fixture(scope="module")
def provider(services_folder: Path) -> Iterator[keycloak.Keycloak]:
    """A Keycloak with the realm that keycloak-init makes."""
    place = services_folder / "compose-keycloak"
    place.mkdir()
    out = place / "olo-realm.json"
    done = run(
        "realm.py", REALM=str(keycloak.REALM_FILE), REALM_OUT=str(out), HUB_URL="http://localhost:8000",
        OPENMETADATA_URL="http://localhost:8585", HUB_CLIENT_SECRET="secret-of-the-hub",
        FIRST_PASSWORD="word-of-the-first",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert out.stat().st_mode & 0o077 == 0
    service = keycloak.start(place, realm=json.loads(out.read_text()))
    yield service
    service.stop()


def answered(url: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
    """Status and text of an answer, whatever the status."""
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_first_person_signs_in_at_keycloak(provider: keycloak.Keycloak) -> None:
    address = f"{provider.issuer}/protocol/openid-connect"

    def asked(word: str) -> int:
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": word}
        return answered(f"{address}/token", form)[0]

    assert asked("word-of-the-first") == 200
    assert asked("admin") in (400, 401)
    # The Hub's own client, and OpenMetadata's: their addresses are allowed, another isn't.
    hub = "client_id=jupyterhub&response_type=code&code_challenge_method=S256&code_challenge=" + "a" * 43
    pages = "client_id=openmetadata&response_type=id_token&nonce=n"

    def status(asks: str, back: str) -> int:
        back = urllib.parse.quote(back, safe="")
        return answered(f"{address}/auth?scope=openid+email+profile&{asks}&redirect_uri={back}")[0]

    assert status(hub, "http://localhost:8000/hub/oauth_callback") == 200
    assert status(hub, "https://hub.example.org/hub/oauth_callback") == 400
    assert status(pages, SERVICES["openmetadata"]["environment"]["AUTHENTICATION_CALLBACK_URL"]) == 200
    assert status(pages, "http://localhost:8000/callback") == 400


def test_the_hub_starts_from_its_mounted_configuration(
    provider: keycloak.Keycloak, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the variables that Compose gives it; Prometheus may read what it scrapes, and nothing else."""
    forget_environment(monkeypatch)
    port, word, secret = free_port(), "t" * 32, tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("secret-of-the-hub")
    given = {
        "HUB_METRICS_TOKEN": word, "JUPYTERHUB_CRYPT_KEY": "0" * 64, "OLO_HUB_URL": f"http://127.0.0.1:{port}",
        "OLO_HUB_ISSUER": provider.issuer, "OLO_HUB_CLIENT_SECRET_FILE": str(secret),
        "OLO_HUB_DATABASE": postgres.create("compose_hub"), "OLO_SERVICE_DATABASE": postgres.create("compose_olo"),
        "OLO_HUB_STATE": str(tmp_path / "state"), "OLO_HUB_PROJECT": "", "OLO_HUB_SERVICE_PROJECT": str(tmp_path),
        "OLO_HUB_CODE_SERVER": "",
    }  # fmt: skip
    assert set(given) == set(SERVICES["jupyterhub"]["environment"]), "Compose gives it others"
    ports = {f"OLO_HUB_{name}_URL": f"http://127.0.0.1:{free_port()}" for name in ("TOKENS", "SERVICE")}
    (tmp_path / "state").mkdir()
    (tmp_path / "olo.yml").write_text("version: 1\nname: project\n")
    config = tmp_path / "jupyterhub_config.py"
    config.write_text(
        f"load_subconfig({str(COMPOSE / 'hub' / 'compose_config.py')!r})\n"
        'assert c.JupyterHub.bind_url == "http://0.0.0.0:8000"\n'
        f'c.JupyterHub.bind_url = "http://127.0.0.1:{port}"\n'
        f"c.JupyterHub.hub_port = {free_port()}\n"
        f'c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{free_port()}"\n'
        f"c.ConfigurableHTTPProxy.command = [{str(install_proxy())!r}]\n"
    )
    command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    hub = Process(command, tmp_path / "hub.log", environ={**given, **ports}, cwd=tmp_path)
    try:
        url = f"http://127.0.0.1:{port}"
        hub.wait_until(http_answers(f"{url}/hub/health"), 120, "JupyterHub")
        scraped = yaml.safe_load((COMPOSE / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
        paths = {one["job_name"]: one["metrics_path"] for one in scraped if "metrics_path" in one}
        until(lambda: answered(f"{url}{paths['olo-service']}")[0] == 200, 60)
        assert "olo_leads" in answered(f"{url}{paths['olo-service']}")[1]
        assert answered(f"{url}{paths['jupyterhub']}")[0] == 403
        signed = {"Authorization": f"Bearer {word}"}
        status, told = answered(f"{url}{paths['jupyterhub']}", **signed)
        assert (status, "jupyterhub_" in told) == (200, True)
        assert answered(f"{url}/hub/api/users", **signed)[0] == 403
        assert "word-of" not in hub.log.read_text() and word not in hub.log.read_text()
    finally:
        hub.stop()


def test_openmetadatas_keys_are_drawn_once(tmp_path: Path) -> None:
    for says in ("the keys are drawn", "the keys are there"):
        done = run("rsa_keys.py", KEYS=str(tmp_path))
        assert (done.returncode, done.stdout.strip()) == (0, says), done.stderr
    private, public = (tmp_path / f"{name}_key.der" for name in ("private", "public"))
    assert private.stat().st_mode & 0o077 == 0
    key, check = load_der_private_key(private.read_bytes(), None), load_der_public_key(public.read_bytes())
    assert key.public_key() == check


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "hub-metrics-token").write_text("t")
    (tmp_path / "prometheus.yml").write_text((COMPOSE / "prometheus" / "prometheus.yml").read_text())
    (tmp_path / "rules").symlink_to(ROOT / "templates" / "observability" / "prometheus" / "rules")
    check("check", "config", "prometheus.yml", cwd=tmp_path)


def test_mlflow_answers_to_the_names_that_services_call_it_by(mlflow: MLflow) -> None:
    """It refuses hosts that it wasn't told, so the names in Compose have to be right."""
    command = SERVICES["mlflow"]["command"]
    hosts = command[command.index("--allowed-hosts") + 1].split(",")
    assert {re.sub(r":.*", "", one) for one in hosts} == {"mlflow", "localhost", "127.0.0.1"}
    request = urllib.request.Request(f"{mlflow.uri}/api/2.0/mlflow/experiments/search?max_results=1")
    request.add_header("Host", "mlflow:5000")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 403
    mlflow.stop()
    again = start_mlflow(mlflow.folder, more=["--allowed-hosts", ",".join(hosts)])
    try:
        request.full_url = f"{again.uri}/api/2.0/mlflow/experiments/search?max_results=1"
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200
    finally:
        again.stop()
