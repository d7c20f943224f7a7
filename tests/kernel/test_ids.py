"""Ids sort by time; secrets cannot be guessed and are kept as digests."""

from server.kernel.ids import digest, new_id, new_secret


def test_ids_are_different_and_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert made == sorted(made)
    assert {each.version for each in made} == {7}


def test_secrets_fit_into_addresses_and_are_never_the_same() -> None:
    made = {new_secret() for _ in range(500)}
    assert len(made) == 500
    assert all(len(each) == 43 and each.replace("-", "").replace("_", "").isalnum() for each in made)


def test_a_digest_is_the_same_for_the_same_secret_only() -> None:
    one = new_secret()
    assert digest(one) == digest(one) != digest(new_secret())
    assert len(digest(one)) == 32
