"""Photos that come with a form of the staff: taken in first, under ids that follow from the command.

So the same form sent twice is the same photos, and a form that is shown again holds those that have come already.
"""

from collections.abc import Mapping
from uuid import UUID, uuid5

from litestar.datastructures.multi_dicts import FormMultiDict

from server.kernel.actor import Actor
from server.kernel.errors import Invalid
from server.photos import receive
from server.photos.refusals import PhotoRefused
from web.fragments import uploads

MOST = 9


class NotTaken(Invalid):
    """Some photos were refused; `taken` are those that have come, by field."""

    def __init__(self, fields: Mapping[str, str], taken: dict[str, tuple[UUID, ...]]) -> None:
        super().__init__(fields)
        self.taken = taken


async def taken(sent: FormMultiDict, strips: tuple[str, ...], command: UUID, by: Actor) -> dict[str, tuple[UUID, ...]]:
    """The photos of each field: files of the form, and `<field>_id` of what has come before."""
    wrong: dict[str, str] = {}
    found = {}
    for strip in strips:
        ids = _ids(sent, f"{strip}_id")
        files = uploads(sent, strip)
        if len(ids) + len(files) > MOST:
            wrong[strip] = f"一次最多 {MOST} 张照片,请少选几张。"
            files = []
        for place, file in enumerate(files):
            photo_id = uuid5(command, f"{strip}-{place}")
            try:
                ids.append((await receive.receive(file, by=by, photo_id=photo_id)).id)
            except PhotoRefused as error:
                wrong[strip] = f"{error.reason}。文字和其他照片都还在。"
        found[strip] = tuple(dict.fromkeys(ids))
    if wrong:
        raise NotTaken(wrong, found)
    return found


def _ids(sent: FormMultiDict, name: str) -> list[UUID]:
    try:
        return [UUID(str(one)) for one in sent.getall(name, []) if one][: MOST + 1]
    except ValueError:
        raise Invalid({name.removesuffix("_id"): "有照片没有找到,请重新添加。"}) from None
