"""What is shown masked can never be saved back over the real one: a name or number with a star in it is no value."""

REFUSED = "带星号的是遮住的,不能保存。请写全,或者不改。"


def wrong_mask(text: str) -> str:
    """What is wrong with a text that came from behind a mask, in words; empty where it did not."""
    return REFUSED if "*" in text or "\N{FULLWIDTH ASTERISK}" in text else ""
