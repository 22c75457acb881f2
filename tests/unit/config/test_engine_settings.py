"""``engines:`` in olo.yml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from olo_jupyter.config import Settings, load_settings
from olo_jupyter.config_file import ConfigError
from olo_jupyter.engine_settings import BasicAuth, CertificateAuth, SecretError, TrinoSettings

Load = Callable[[str], Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Settings of an olo.yml with this text under ``engines:``."""

    def settings(engines: str) -> Settings:
        indented = "".join(f"  {line}\n" for line in engines.splitlines())
        (tmp_path / "olo.yml").write_text(f"user: ana\nengines:\n{indented}", encoding="utf-8")
        return load_settings(tmp_path, {"PASSWORD": "s3cret"})

    return settings


def trino(settings: Settings) -> TrinoSettings:
    assert settings.engines.trino is not None
    return settings.engines.trino


def test_a_host_is_enough(load: Load) -> None:
    found = trino(load("trino: {host: localhost}"))
    assert (found.http_scheme, found.port, found.auth.type) == ("http", 8080, "none")


def test_a_sign_in_means_https(load: Load) -> None:
    found = trino(load("trino: {host: t, auth: oauth2}"))
    assert (found.http_scheme, found.port, found.auth.type) == ("https", 443, "oauth2")


def test_paths_count_from_the_project_and_secrets_are_read_late(load: Load, tmp_path: Path) -> None:
    auth = trino(load("trino: {host: t, ca_file: ca.pem, auth: {type: basic, password: {file: pw}}}"))
    assert auth.ca_file == tmp_path / "ca.pem"
    assert isinstance(auth.auth, BasicAuth)
    with pytest.raises(SecretError, match="pw can't be read: No such file"):
        auth.auth.password.read("ana")
    (tmp_path / "pw").write_text("s3cret\n", encoding="utf-8")
    assert auth.auth.password.read("ana") == "s3cret"
    certificate = trino(load("trino: {host: t, auth: {type: certificate, cert: c.pem, key: k.pem}}")).auth
    assert isinstance(certificate, CertificateAuth) and certificate.key == tmp_path / "k.pem"


def test_values_of_yaml_become_the_engines_words(load: Load) -> None:
    settings = load("trino: {host: t, session_properties: {join_reordering: true, n: 3}}\nspark: {conf: {a: false}}")
    assert trino(settings).session_properties == {"join_reordering": "true", "n": "3"}
    assert settings.engines.spark is not None and settings.engines.spark.conf == {"a": "false"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("trino: {host: t, auth: {type: basic, password: hunter2}}", "a secret never stands in the file"),
        ("trino: {host: t, auth: {type: basic, password: '${PASSWORD}'}}", "a secret never stands in the file"),
        ("trino: {host: t, auth: {type: basic, password: {}}}", "name one place"),
        ("trino: {host: t, auth: {type: jwt, token: {env: A, file: b}}}", "name one place"),
        ("trino: {host: t, auth: {type: basic}}", "engines.trino.auth.basic.password: Field required"),
        ("trino: {host: t, auth: kerberos}", "engines.trino.auth: Input tag 'kerberos'"),
        ("trino: {host: t, http_scheme: http, auth: oauth2}", "needs http_scheme https"),
        ("trino: {}", "engines.trino.host: Field required"),
        ("trino: {host: t, port: 99999}", "less than or equal to 65535"),
        ("trino: {host: t, catalogs: {a: x, b: x}}", "two catalogs of olo.yml have one name"),
        ("spark: {remote: 'sc://h', master: local}", "remote and master are given"),
        ("spark: {remote: 'http://h'}", "must begin with sc://"),
    ],
)
def test_what_is_wrong_is_told_without_the_secret(load: Load, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(text)
    assert told in refused.value.message
    assert "hunter2" not in refused.value.message and "s3cret" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("trino: {host: t, prot: 1}", "Did you mean 'port'?"),
        ("trino: {host: t, auth: {type: basic, pasword: {env: A}, password: {env: A}}}", "Did you mean 'password'?"),
        ("trino: {host: t, auth: {type: jwt, token: {envv: A}}}", "Did you mean 'env'?"),
        ("tirno: {host: t}", "Did you mean 'trino'?"),
        ("spark: {remotee: sc://h}", "Did you mean 'remote'?"),
    ],
)
def test_a_typing_error_offers_the_nearest_key(load: Load, text: str, hint: str) -> None:
    with pytest.raises(ConfigError, match="unknown key") as refused:
        load(text)
    assert refused.value.hint == hint
