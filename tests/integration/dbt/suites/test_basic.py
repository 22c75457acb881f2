"""Seeds, views, tables, ephemeral models, data tests, ``docs generate``: what every project uses."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.basic.expected_catalog import base_expected_catalog, expected_references_catalog, no_stats
from dbt.tests.adapter.basic.test_adapter_methods import BaseAdapterMethod
from dbt.tests.adapter.basic.test_base import BaseSimpleMaterializations
from dbt.tests.adapter.basic.test_docs_generate import BaseDocsGenerate, BaseDocsGenReferences
from dbt.tests.adapter.basic.test_empty import BaseEmpty
from dbt.tests.adapter.basic.test_ephemeral import BaseEphemeral
from dbt.tests.adapter.basic.test_generic_tests import BaseGenericTests
from dbt.tests.adapter.basic.test_singular_tests import BaseSingularTests
from dbt.tests.adapter.basic.test_singular_tests_ephemeral import BaseSingularTestsEphemeral
from dbt.tests.adapter.basic.test_table_materialization import BaseTableMaterialization
from dbt.tests.adapter.basic.test_validate_connection import BaseValidateConnection
from dbt.tests.adapter.ephemeral.test_ephemeral import (
    BaseEphemeralErrorHandling,
    BaseEphemeralMulti,
    BaseEphemeralNested,
)
from dbt.tests.util import check_relations_equal, run_dbt

full = pytest.mark.full

_CATALOG = {
    "role": None,  # there are no users, so no owners
    "id_type": "integer",
    "text_type": "varchar",
    "view_type": "VIEW",
    "table_type": "BASE TABLE",
    "model_stats": no_stats(),
}


class TestSimpleMaterializations(BaseSimpleMaterializations):
    pass


@full
class TestAdapterMethods(BaseAdapterMethod):
    pass


@full
class TestSingularTests(BaseSingularTests):
    pass


@full
class TestSingularTestsEphemeral(BaseSingularTestsEphemeral):
    pass


@full
class TestEmpty(BaseEmpty):
    pass


@full
class TestEphemeral(BaseEphemeral):
    pass


@full
class TestGenericTests(BaseGenericTests):
    pass


@full
class TestTableMaterialization(BaseTableMaterialization):
    pass


@full
class TestValidateConnection(BaseValidateConnection):
    pass


@full
class TestEphemeralMulti(BaseEphemeralMulti):
    def test_ephemeral_multi(self, project: Any) -> None:
        run_dbt(["seed"])
        assert len(run_dbt(["run"])) == 3
        check_relations_equal(project.adapter, ["seed", "dependent", "double_dependent", "super_dependent"])


@full
class TestEphemeralNested(BaseEphemeralNested):
    def test_ephemeral_nested(self, project: Any) -> None:
        assert len(run_dbt(["run"])) == 2  # the base class compares the text of PostgreSQL's CREATE VIEW


@full
class TestEphemeralErrorHandling(BaseEphemeralErrorHandling):
    pass


class TestDocsGenerate(BaseDocsGenerate):
    @pytest.fixture(scope="class")
    def expected_catalog(self, project: Any) -> Any:
        return base_expected_catalog(project, time_type="timestamp(6)", **_CATALOG)


@full
class TestDocsGenerateReferences(BaseDocsGenReferences):
    @pytest.fixture(scope="class")
    def expected_catalog(self, project: Any) -> Any:
        return expected_references_catalog(project, time_type="timestamp(6)", bigint_type="bigint", **_CATALOG)
