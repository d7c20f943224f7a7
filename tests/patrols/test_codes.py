"""The code of a label: read however it is typed, and never mistaken for another."""

from hypothesis import given
from hypothesis import strategies as st

from server.patrols import codes

BODIES = st.text(codes.SIGNS, min_size=9, max_size=9)


def test_a_new_code_is_read_as_itself_and_reads_out_in_two_halves() -> None:
    code = codes.new_code()
    assert len(code) == codes.LENGTH
    assert codes.read(code) == code
    assert codes.read(codes.spaced(code)) == code


def test_small_letters_blanks_full_width_and_signs_that_look_alike_are_taken_as_meant() -> None:
    body = "0123ABCVX"
    code = body + codes.check_sign(body)
    assert codes.read(f" {code.lower()} ") == code
    assert codes.read("O1Z3-" + code[4:]) == code
    assert codes.read("oIz3 " + code[4:]) == code
    assert codes.read("0L23" + code[4:7] + "u" + code[8:]) == code
    assert codes.read("".join(chr(ord(sign) + 0xFEE0) for sign in code)) == code


@given(BODIES, st.integers(0, 9), st.sampled_from(codes.SIGNS))
def test_one_wrong_sign_is_found(body: str, at: int, sign: str) -> None:
    code = body + codes.check_sign(body)
    wrong = code[:at] + sign + code[at + 1 :]
    assert (codes.read(wrong) == code) == (wrong == code)
    assert wrong == code or codes.read(wrong) is None


@given(BODIES, st.integers(0, 7))
def test_two_neighbours_that_changed_places_are_found(body: str, at: int) -> None:
    code = body + codes.check_sign(body)
    wrong = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert wrong == code or codes.read(wrong) is None


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    found = codes.read(typed)
    assert found is None or codes.read(found) == found
