"""Every provider of the catalog, every kind of request: see README.md."""

import pytest

pytest.register_assert_rewrite("matrix.scenarios")  # so that a failure shows its values
