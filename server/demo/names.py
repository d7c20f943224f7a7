"""Names of a district that does not exist, and of people who do not either."""

from collections.abc import Iterator
from itertools import count
from random import Random

DISTRICT = "呼应区"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STREETS = ("青溪", "望山", "临水", "榕湖", "百花", "石桥", "东苑", "梅岭", "新桥", "南塘", "松岗里", "白鹭")
_COMMUNITIES = _words(
    "榕树 春风 桥头 水围 民乐 向阳 龙井 和平里 花园 同心 柳岸 新城 文峰 东坊 金谷 清泉 荔园 玉兰 南庄 北埔 "
    "竹园 观音亭 大塘 明月 祥和 长岭 紫荆 书院 西坑 海棠 凤凰里 老街 青松 稻香 白石 翠湖 旭日 河背 塘尾 木棉"
)
_SURNAMES = "李王张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
_GIVEN = _words(
    "建国 秀英 志强 桂兰 伟明 小梅 海燕 国栋 玉珍 文斌 丽华 永红 春生 晓芳 家豪 素琴 大山 雪梅 振宇 慧敏 立新 美玲 "
    "长青 少华 佳怡 德胜 彩霞 俊杰 月娥 新民 思源 淑芬 金龙 婷婷 卫东 锦绣 光明 若兰 学勤 凤仪 子涵 庆丰 静 敏 "
    "磊 军 洁 波"
)
ROADS = _words(
    "榕荫路 青溪大道 望山路 临水街 春风路 书院街 河背巷 同心路 百花二路 桥头老街 柳岸路 金谷街 荔园路 玉兰街 石桥巷 "
    "新城大道 东苑路 清泉街 稻香路 梅岭路"
)
ESTATES = _words(
    "春风花园 榕荫苑 望山雅居 临水人家 同心家园 百花新村 石桥小区 "
    "金谷公寓 翠湖名苑 柳岸华庭 向阳里 和平里小区 玉兰苑 书香雅苑 老机械厂宿舍"
)
_DIGITS = "零一二三四五六七八九"


def street(place: int) -> str:
    """The name of the street at this place; later rounds get a number."""
    turn, here = divmod(place, len(_STREETS))
    return f"{_STREETS[here]}{number(turn + 1) if turn else ''}街道"


def communities(chance: Random) -> Iterator[str]:
    """Names for communities, without end and never twice."""
    mixed = chance.sample(_COMMUNITIES, len(_COMMUNITIES))
    for turn in count(1):
        yield from (f"{name}{number(turn) if turn > 1 else ''}" for name in mixed)


def people(chance: Random) -> Iterator[str]:
    """Names for people, without end; the same may come again after some two thousand."""
    while True:
        each = [surname + given for surname in _SURNAMES for given in _GIVEN]
        yield from chance.sample(each, len(each))


def number(value: int) -> str:
    """1 to 99 and beyond as Chinese numerals: 一, 十, 十二, 二十三; from a hundred on in digits."""
    tens, ones = divmod(value, 10)
    if tens >= 10:
        return str(value)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
