"""Answers as an HTML form sends them: everything is text there, and nothing chosen is nothing sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from server.forms.questions import Form, Question, is_blank

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}([.][0-9]{1,10})?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－＋", "0123456789.-+")
_YES_NO = {"yes": True, "no": False}


def typed(form: Form, fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Answers for `questions.problems` from the fields of a page, each named by its question's id, in the order sent.

    yes_no is sent as "yes" or "no". What cannot be read as its kind is handed on as text, so that it is named there.
    """
    answers = {question.id: _read(question, fields.get(question.id, ())) for question in form}
    return {name: answer for name, answer in answers.items() if not is_blank(answer)}


def _read(question: Question, sent: Sequence[str]) -> Any:
    if question.kind in ("choices", "photo"):
        return [one for one in sent if not is_blank(one)]
    # Browsers send line breaks as two characters; the phone counts one.
    text = sent[-1].replace("\r\n", "\n").strip() if sent else ""
    if question.kind == "yes_no":
        return _YES_NO.get(text, text)
    if question.kind == "number" and _NUMBER.fullmatch(plain := text.translate(_FULL_WIDTH)):
        return float(plain) if "." in plain else int(plain)
    return text
