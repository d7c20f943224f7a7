"""How often: token buckets as rows, so that every process counts the same."""

from server.kernel import clock, database


async def take(key: str, *, burst: int, per_hour: float, many: int = 1) -> bool:
    """Take `many` tokens from the bucket `key` (no personal data in it: use digests); False where it has less.

    A bucket holds `burst` tokens and refills at `per_hour`. One statement, so two at once cannot take the same token.
    """
    if many > burst:
        return False
    left = await database.fetch_value(
        """INSERT INTO buckets AS b (key, tokens, at) VALUES ($1, $2::float8 - $5, $3)
           ON CONFLICT (key) DO UPDATE SET
               tokens = LEAST($2::float8, b.tokens + $4 * EXTRACT(EPOCH FROM $3 - b.at) / 3600.0) - $5,
               at = $3
           WHERE LEAST($2::float8, b.tokens + $4 * EXTRACT(EPOCH FROM $3 - b.at) / 3600.0) >= $5
           RETURNING tokens""",
        key,
        float(burst),
        clock.now(),
        float(per_hour),
        float(many),
    )
    return left is not None
