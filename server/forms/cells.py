"""Answers as the cells of a spreadsheet hold them: people write words there, not values."""

import re
from typing import Any

from server.forms import fields
from server.forms.questions import CHECK_WORDS, Question

_YES = ("是", "有", "对", "yes", "y", "true", "1")
_NO = ("否", "不是", "没有", "无", "不", "no", "n", "false", "0")
_LIST = re.compile(r"[、,,;;|\n]")
_DATE = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?(?:[ T]00:00(?::00)?)?")


def read(question: Question, text: str) -> Any:
    """What a cell answers, for `questions.problems`; what cannot be read as its kind is handed on as text.

    Of choices the label counts as well as the value. A photo cannot be written into a cell.
    """
    plain = text.strip()
    match question.kind:
        case "yes_no":
            return True if plain.lower() in _YES else False if plain.lower() in _NO else plain
        case "check":
            return next((value for value, word in CHECK_WORDS.items() if plain == word), plain)
        case "choice":
            return _choice(question, plain)
        case "choices":
            whole = _choice(question, plain)
            parts = [plain] if whole in {one.value for one in question.choices} else _LIST.split(plain)
            return [_choice(question, part.strip()) for part in parts if part.strip()]
        case "date":
            found = _DATE.fullmatch(plain)
            return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else plain
    return fields.typed([question], {question.id: [plain]}).get(question.id, "")


def _choice(question: Question, text: str) -> str:
    return next((one.value for one in question.choices if text in (one.value, one.label)), text)
