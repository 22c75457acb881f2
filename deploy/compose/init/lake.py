"""The bucket, and a Polaris catalog for each target in it. What is there stays: it runs at every start.

Environment: S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY; POLARIS_URL, POLARIS_CLIENT_ID, POLARIS_CLIENT_SECRET.
Standard library and pyarrow only.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

BUCKET, TARGETS, REGION = "lake", ("dev", "staging", "prod"), "us-east-1"


def make_bucket(endpoint: str, key: str, secret: str) -> None:
    """The bucket ``lake``; nothing happens where it is there."""
    from pyarrow.fs import FileType, S3FileSystem

    store = S3FileSystem(
        endpoint_override=endpoint, access_key=key, secret_key=secret, region=REGION, allow_bucket_creation=True
    )
    if store.get_file_info(BUCKET).type == FileType.NotFound:
        store.create_dir(BUCKET)


def make_catalogs(url: str, client: str, secret: str, storage: str) -> None:
    """A catalog for each target, whose administrator may also write tables.

    Polaris' management API: https://polaris.apache.org. The store has no STS, so clients bring their own keys.

    Raises:
        SystemExit: Polaris refused something, and not because it is there.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": client,
        "client_secret": secret,
        "scope": "PRINCIPAL_ROLE:ALL",
    }
    token = _send("POST", f"{url}/api/catalog/v1/oauth/tokens", form=form)["access_token"]
    for target in TARGETS:
        place = f"s3://{BUCKET}/{target}"
        storage_config = {
            "storageType": "S3", "allowedLocations": [place], "endpoint": storage, "region": REGION,
            "pathStyleAccess": True, "stsUnavailable": True,
        }  # fmt: skip
        catalog = {
            "name": target,
            "type": "INTERNAL",
            "properties": {"default-base-location": place},
            "storageConfigInfo": storage_config,
        }
        manage = f"{url}/api/management/v1/catalogs"
        _send("POST", manage, token, {"catalog": catalog}, there=(409,))
        grant = {"grant": {"type": "catalog", "privilege": "CATALOG_MANAGE_CONTENT"}}
        _send("PUT", f"{manage}/{target}/catalog-roles/catalog_admin/grants", token, grant, there=(409,))


def _send(
    method: str,
    url: str,
    token: str = "",
    body: Any = None,
    *,
    form: dict[str, str] | None = None,
    there: tuple[int, ...] = (),
) -> Any:
    data = urllib.parse.urlencode(form).encode() if form else json.dumps(body).encode()
    headers = {"Accept": "application/json"}
    headers["Content-Type"] = "application/x-www-form-urlencoded" if form else "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        if error.code in there:
            return None
        raise SystemExit(f"{method} {url}: {error.code} {error.read().decode(errors='replace')[:300]}") from error


if __name__ == "__main__":
    see = os.environ
    make_bucket(see["S3_ENDPOINT"], see["S3_ACCESS_KEY"], see["S3_SECRET_KEY"])
    make_catalogs(see["POLARIS_URL"], see["POLARIS_CLIENT_ID"], see["POLARIS_CLIENT_SECRET"], see["S3_ENDPOINT"])
    sys.stdout.write(f"bucket {BUCKET}, catalogs {', '.join(TARGETS)}: there\n")
