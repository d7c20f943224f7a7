"""The code on a place's label: ten signs that are not mistaken for each other, the last of which checks the others.

31 digits and letters without I, L, O, U, Z: 31 is prime, so the check finds every single wrong sign and every two
neighbours that changed places. Nine signs by chance are enough that nobody walks through the places by guessing.
"""

import secrets
import unicodedata

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXY"
LENGTH = 10
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "Z": "2", "U": "V"})


def new_code() -> str:
    """A code that nobody can guess."""
    chance, body = secrets.randbelow(len(SIGNS) ** (LENGTH - 1)), ""
    for _ in range(LENGTH - 1):
        chance, place = divmod(chance, len(SIGNS))
        body += SIGNS[place]
    return body + check_sign(body)


def check_sign(body: str) -> str:
    """The last sign of the code that begins with these."""
    return SIGNS[sum(weight * SIGNS.index(sign) for weight, sign in enumerate(body, 1)) % len(SIGNS)]


def read(typed: str) -> str | None:
    """The code that was typed or scanned, lenient to case, spaces, dashes, O for 0, I for 1; None for no code."""
    if len(typed) > 40:
        return None
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isalnum())
    plain = plain.translate(_MEANT)
    if len(plain) != LENGTH or any(sign not in SIGNS for sign in plain):
        return None
    return plain if check_sign(plain[:-1]) == plain[-1] else None


def spaced(code: str) -> str:
    """As people read it out: ABCDE-FGHJK."""
    return f"{code[:5]}-{code[5:]}"
