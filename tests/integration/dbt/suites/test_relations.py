"""Names, caches, threads: aliases, schemas, changing kinds, failing neighbours, ``store_failures``, persisted docs."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.aliases.test_aliases import BaseAliasErrors, BaseAliases, BaseSameAliasDifferentSchemas
from dbt.tests.adapter.caching.test_caching import (
    BaseCachingLowercaseModel,
    BaseCachingSelectedSchemaOnly,
    BaseCachingUppercaseModel,
    BaseNoPopulateCache,
)
from dbt.tests.adapter.concurrency.test_concurrency import BaseConcurrency, seeds__update_csv
from dbt.tests.adapter.persist_docs.test_persist_docs import (
    BasePersistDocs,
    BasePersistDocsColumnMissing,
    BasePersistDocsCommentOnQuotedColumn,
)
from dbt.tests.adapter.relations.test_changing_relation_type import BaseChangeRelationTypeValidator
from dbt.tests.adapter.relations.test_dropping_schema_named import BaseDropSchemaNamed
from dbt.tests.adapter.simple_copy.test_simple_copy import EmptyModelsArentRunBase, SimpleCopyBase
from dbt.tests.adapter.store_test_failures_tests import basic
from dbt.tests.adapter.store_test_failures_tests.test_store_test_failures import BaseStoreTestFailures
from dbt.tests.util import check_relations_equal, rm_file, run_dbt, write_file

full = pytest.mark.full


@full
class TestAliases(BaseAliases):
    pass


@full
class TestAliasErrors(BaseAliasErrors):
    pass


@full
class TestSameAliasDifferentSchemas(BaseSameAliasDifferentSchemas):
    pass


@full
class TestCachingLowercase(BaseCachingLowercaseModel):
    pass


@full
class TestCachingUppercase(BaseCachingUppercaseModel):
    pass


@full
class TestCachingSelectedSchemaOnly(BaseCachingSelectedSchemaOnly):
    pass


@full
class TestNoPopulateCache(BaseNoPopulateCache):
    pass


class TestChangingRelationType(BaseChangeRelationTypeValidator):
    pass


@full
class TestDropSchemaNamed(BaseDropSchemaNamed):
    pass


class TestConcurrency(BaseConcurrency):
    """Models side by side on four threads, two of which fail."""

    def test_concurrency(self, project: Any) -> None:
        run_dbt(["seed", "--select", "seed"])
        for attempt in range(2):
            if attempt:
                rm_file(project.project_root, "seeds", "seed.csv")
                write_file(seeds__update_csv, project.project_root, "seeds", "seed.csv")
                run_dbt(["seed", "--select", "seed"])
            results = run_dbt(["run"], expect_pass=False)
            assert sorted(str(result.status) for result in results) == ["error"] + ["skipped"] + ["success"] * 5
            for relation in ("view_model", "dep", "table_a", "table_b"):
                check_relations_equal(project.adapter, ["seed", relation])


@full
class TestSimpleCopy(SimpleCopyBase):
    def test_simple_copy_with_materialized_views(self) -> None:
        """Left out: Iceberg's JDBC catalog has no materialized views."""


@full
class TestEmptyModelsArentRun(EmptyModelsArentRunBase):
    def test_dbt_doesnt_run_empty_models(self, project: Any) -> None:
        run_dbt(["seed"])
        assert len(run_dbt()) == 7
        found = project.run_sql(
            f"select table_name from information_schema.tables where table_schema = '{project.test_schema}'",
            fetch="all",
        )
        assert {"empty", "disabled"}.isdisjoint(row[0] for row in found)


@full
class TestPersistDocs(BasePersistDocs):
    pass


@full
class TestPersistDocsColumnMissing(BasePersistDocsColumnMissing):
    pass


@full
class TestPersistDocsCommentOnQuotedColumn(BasePersistDocsCommentOnQuotedColumn):
    pass


class TestStoreFailures(BaseStoreTestFailures):
    pass


@full
class TestStoreFailuresAsInteractions(basic.StoreTestFailuresAsInteractions):
    pass


@full
class TestStoreFailuresAsProjectLevelOff(basic.StoreTestFailuresAsProjectLevelOff):
    pass


@full
class TestStoreFailuresAsProjectLevelView(basic.StoreTestFailuresAsProjectLevelView):
    pass


@full
class TestStoreFailuresAsProjectLevelEphemeral(basic.StoreTestFailuresAsProjectLevelEphemeral):
    pass


@full
class TestStoreFailuresAsGeneric(basic.StoreTestFailuresAsGeneric):
    pass


@full
class TestStoreFailuresAsExceptions(basic.StoreTestFailuresAsExceptions):
    pass
