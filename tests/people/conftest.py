"""What the tests about people share."""

import pytest

from tests import cast as casting
from tests.cast import Cast


@pytest.fixture
async def cast(db: None) -> Cast:
    return await casting.gather()
