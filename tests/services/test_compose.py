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
from pathlib import Path

import pytest
import sqlalchemy
import yaml
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from pyarrow.fs import FileType, S3FileSystem

from tests.services import keycloak, polaris
from tests.services.gitea import Gitea
from tests.services.gitea import _as_account as as_gitea
from tests.services.mlflow import MLflow
from tests.services.mlflow import start as start_mlflow
from tests.services.postgres import Postgres
from tests.services.postgres import install as postgres_programs
from tests.services.prometheus import check
from tests.services.s3 import S3

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose"
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


def test_the_first_person_signs_in_at_keycloak(services_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "olo-realm.json"
    done = run(
        "realm.py", REALM=str(keycloak.REALM_FILE), REALM_OUT=str(out), HUB_URL="http://localhost:8000",
        OPENMETADATA_URL="http://localhost:8585", HUB_CLIENT_SECRET="secret-of-the-hub",
        FIRST_PASSWORD="word-of-the-first",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert out.stat().st_mode & 0o077 == 0
    place = services_folder / "compose-keycloak"
    place.mkdir()
    service = keycloak.start(place, realm=json.loads(out.read_text()))
    try:
        address = f"{service.issuer}/protocol/openid-connect/token"

        def asked(word: str) -> int:
            form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": word}
            try:
                with urllib.request.urlopen(address, urllib.parse.urlencode(form).encode(), timeout=30) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                return error.code

        assert asked("word-of-the-first") == 200
        assert asked("admin") in (400, 401)
        # The Hub's own client, and OpenMetadata's: their addresses are allowed, another isn't.
        start = f"{service.issuer}/protocol/openid-connect/auth?scope=openid+email+profile&"
        hub = "client_id=jupyterhub&response_type=code&code_challenge_method=S256&code_challenge=" + "a" * 43
        pages = "client_id=openmetadata&response_type=id_token&nonce=n"

        def status(asks: str, back: str) -> int:
            try:
                with urllib.request.urlopen(
                    f"{start}{asks}&redirect_uri={urllib.parse.quote(back, safe='')}"
                ) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                return error.code

        assert status(hub, "http://localhost:8000/hub/oauth_callback") == 200
        assert status(hub, "https://hub.example.org/hub/oauth_callback") == 400
        set_up = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["openmetadata"]["environment"]
        assert status(pages, set_up["AUTHENTICATION_CALLBACK_URL"]) == 200
        assert status(pages, "http://localhost:8000/callback") == 400
    finally:
        service.stop()


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
    command = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["mlflow"]["command"]
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
