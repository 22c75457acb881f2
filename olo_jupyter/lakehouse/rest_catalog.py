"""PyIceberg's REST catalog with certificates of an authority of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.catalog.rest import SSL, RestCatalog

if TYPE_CHECKING:
    from requests import Session


class RestTables(RestCatalog):
    """A REST catalog whose ``ssl.cabundle`` holds whatever the environment says.

    In requests the variables REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE win over a session's own file.
    """

    def _create_session(self) -> Session:
        session = super()._create_session()
        session.trust_env = SSL not in self.properties
        return session
