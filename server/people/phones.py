"""Mainland mobile numbers, however they are typed."""

import re
import unicodedata

from server.kernel.errors import Invalid

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_BETWEEN = re.compile(r"[\s\-‐-―().·]+")
_COUNTRY = re.compile(r"^(?:\+|00)?86(?=1[3-9][0-9]{9}$)")
_LONGEST = 40


def read(typed: str) -> str | None:
    """The eleven digits of a mainland mobile number; None where it is none.

    Spaces, dashes, full-width digits and +86, 0086 or 86 in front are taken as meant.
    """
    if len(typed) > _LONGEST:
        return None
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    plain = _COUNTRY.sub("", plain)
    return plain if _MOBILE.fullmatch(plain) else None


def demand(typed: str, field: str = "phone") -> str:
    """As `read`; raises `Invalid` naming `field`."""
    phone = read(typed)
    if phone is None:
        raise Invalid({field: "请填写 11 位手机号码。"})
    return phone


def masked(phone: str) -> str:
    """138****0001: enough to recognise one's own, not enough to call."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) == 11 else "****"
