"""How other programs connect to the same tables: by Trino, with JDBC, ODBC, SQLAlchemy or dbt. No secret is in it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from olo_jupyter.engine_settings import BasicAuth, CertificateAuth, JwtAuth, OAuth2Auth, Secret, TrinoSettings

_ODBC_AUTH = {
    "none": "No Authentication",
    "basic": "LDAP Authentication",
    "jwt": "JWT Authentication",
    "oauth2": "OAuth 2.0 Authentication",
    "certificate": "Certificate Authentication",
}
_DBT_METHOD = {"none": "none", "basic": "ldap", "jwt": "jwt", "oauth2": "oauth", "certificate": "certificate"}


def links(settings: TrinoSettings, user: str, catalog: str, namespace: str = "") -> dict[str, Any]:
    """The ways into one catalog.

    Args:
        settings: ``engines.trino`` of olo.yml.
        user: Name where the settings give none.
        catalog: Its name in Trino.
        namespace: Where unqualified names count from; '' for none.

    Returns:
        ``jdbc`` and ``sqlalchemy`` URLs, an ``odbc`` connection string, and ``dbt``: an output of profiles.yml.

    Example:
        >>> links(TrinoSettings(host="t", auth="oauth2"), "ana", "lake", "gold")["jdbc"]
        'jdbc:trino://t:443/lake/gold?user=ana&SSL=true&externalAuthentication=true'
    """
    user = settings.user or user
    place = "/".join(quote(part, safe="") for part in (catalog, namespace) if part)
    return {
        "jdbc": f"jdbc:trino://{_host(settings)}:{settings.port}/{place}?{urlencode(_jdbc(settings, user))}",
        "odbc": _odbc(settings, user, catalog, namespace),
        "sqlalchemy": _sqlalchemy(settings, user, place),
        "dbt": _dbt(settings, user, catalog, namespace),
    }


def _host(settings: TrinoSettings) -> str:
    return f"[{settings.host}]" if ":" in settings.host else settings.host


def _jdbc(settings: TrinoSettings, user: str) -> dict[str, str]:
    found = {"user": user}
    if settings.http_scheme == "https":
        found["SSL"] = "true"
    if settings.ca_file is not None:
        found |= {"SSLTrustStorePath": str(settings.ca_file), "SSLTrustStoreType": "PEM"}
    match settings.auth:
        case OAuth2Auth():
            found["externalAuthentication"] = "true"
        case CertificateAuth(cert=cert):
            found |= {"SSLKeyStorePath": str(cert), "SSLKeyStoreType": "PEM"}
    if settings.roles:
        found["roles"] = ";".join(f"{catalog}:{role}" for catalog, role in settings.roles.items())
    return found


def _odbc(settings: TrinoSettings, user: str, catalog: str, namespace: str) -> str:
    values = {
        "Driver": "{Simba Trino ODBC Driver}",
        "Host": settings.host,
        "Port": str(settings.port),
        "Catalog": catalog,
        "Schema": namespace,
        "AuthenticationType": _ODBC_AUTH[settings.auth.type],
        "UID": user,
        "SSL": "1" if settings.http_scheme == "https" else "0",
        "TrustedCerts": str(settings.ca_file or ""),
    }
    return ";".join(f"{key}={value}" for key, value in values.items() if value)


def _sqlalchemy(settings: TrinoSettings, user: str, place: str) -> str:
    more: dict[str, str] = {}
    if settings.http_scheme == "https":
        more["protocol"] = "https"
    if settings.ca_file is not None:
        more["verify"] = f'"{settings.ca_file}"'
    match settings.auth:
        case OAuth2Auth():
            more["externalAuthentication"] = "true"
        case CertificateAuth(cert=cert, key=key):
            more |= {"cert": str(cert), "key": str(key)}
    query = f"?{urlencode(more)}" if more else ""
    return f"trino://{quote(user, safe='')}@{_host(settings)}:{settings.port}/{place}{query}"


def _dbt(settings: TrinoSettings, user: str, catalog: str, namespace: str) -> dict[str, Any]:
    output: dict[str, Any] = {
        "type": "trino",
        "method": _DBT_METHOD[settings.auth.type],
        "host": settings.host,
        "port": settings.port,
        "http_scheme": settings.http_scheme,
        "user": user,
        "database": catalog,
        "schema": namespace or "default",
        "threads": 4,
    }
    if settings.ca_file is not None:
        output["cert"] = str(settings.ca_file)
    match settings.auth:
        case BasicAuth(password=secret):
            output["password"] = _from_environment(secret, "TRINO_PASSWORD")
        case JwtAuth(token=secret):
            output["jwt_token"] = _from_environment(secret, "TRINO_TOKEN")
        case CertificateAuth(cert=cert, key=key):
            output |= {"client_certificate": str(cert), "client_private_key": str(key)}
    return output


def _from_environment(secret: Secret, default: str) -> str:
    return "{{ env_var('" + (secret.env or default) + "') }}"
