"""dbt's unit tests: every type as a row of YAML, names in any case, and what a wrong fixture says."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.unit_testing.test_case_insensitivity import BaseUnitTestCaseInsensivity
from dbt.tests.adapter.unit_testing.test_invalid_input import BaseUnitTestInvalidInput
from dbt.tests.adapter.unit_testing.test_quoted_reserved_word_column_names import (
    BaseUnitTestQuotedReservedWordColumnNames,
)
from dbt.tests.adapter.unit_testing.test_types import BaseUnitTestingTypes, BaseUnitTestingVarcharFixtureNoTruncation

full = pytest.mark.full


@full
class TestTypes(BaseUnitTestingTypes):
    @pytest.fixture
    def data_types(self) -> list[list[str]]:
        # value in SQL, value in YAML
        return [
            ["1", "1"],
            ["bigint '9007199254740993'", "9007199254740993"],
            ["'1'", "1"],
            ["true", "true"],
            ["1e0", "1.5e0"],
            ["date '2020-01-02'", "2020-01-02"],
            ["timestamp '2013-11-03 00:00:00'", "2013-11-03 00:00:00"],
            ["timestamp '2013-11-03 00:00:00-0'", "2013-11-03 00:00:00-0"],
            ["decimal '1.25'", "1.25"],
            ["x'65683F'", "null"],
        ]


class TestCaseInsensitivity(BaseUnitTestCaseInsensivity):
    pass


@full
class TestInvalidInput(BaseUnitTestInvalidInput):
    pass


@full
class TestQuotedReservedWords(BaseUnitTestQuotedReservedWordColumnNames):
    pass


@full
class TestLongText(BaseUnitTestingVarcharFixtureNoTruncation):
    pass
