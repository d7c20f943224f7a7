"""What a district offers to its households (tags, ways of looking in) is data: a code, a name, a purpose they read."""

from collections.abc import Collection

from server.kernel.sheets import wrong_text

FORBIDDEN = ("病", "癌", "残", "精神", "信访", "上访", "前科", "刑满", "吸毒", "艾滋", "重点人员", "维稳")
"""What nothing may be called (field.md: what it must never become). 残疾 among it: 行动不便 says what is needed."""
NAME_LONGEST = 12
PURPOSE_LONGEST = 80
CODE_LONGEST = 40


def wrong(code: str, name: str, purpose: str, *, known: Collection[str], new: bool, instead: str) -> dict[str, str]:
    """What is wrong with a trimmed code, name and purpose, by field. `new`: a `known` code is refused; `instead` is an
    example of what to write in place of what is forbidden."""
    found = {}
    if words := wrong_text(name, NAME_LONGEST):
        found["name"] = f"名称{words}。"
    elif word := next((word for word in FORBIDDEN if word in name or word in purpose), None):
        found["name"] = f"不能用“{word}”这样的标签。写需要什么,例:{instead}。"
    if words := wrong_text(purpose, PURPOSE_LONGEST):
        found["purpose"] = f"用途{words}。住户会看到这句话。"
    if not (code.isascii() and code.replace("_", "").isalnum() and len(code) <= CODE_LONGEST):
        found["code"] = "编码用英文字母和数字。"
    elif new and code in known:
        found["code"] = "这个编码已经用了,请换一个。"
    return found
