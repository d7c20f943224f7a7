"""Photos that come with a form: those sent before by their ids, those sent along as files. None loses the text."""

import hashlib
from collections.abc import Sequence
from uuid import UUID, uuid5

import msgspec
from litestar.datastructures import UploadFile
from litestar.datastructures.multi_dicts import FormMultiDict

from server.cases import evidence
from server.kernel.actor import Actor
from server.kernel.errors import TooMany
from server.photos import receive
from server.photos.refusals import PhotoRefused
from web.fragments import uploads
from web.pages import photos

TOO_MANY = f"一次最多 {evidence.MOST} 张,多出来的没有收下"
EXPIRED = "放得太久或已经用过,请重新添加"


class Taken(msgspec.Struct, frozen=True):
    """What came of the photos of a form."""

    ids: tuple[UUID, ...]
    refused: tuple[str, ...]
    """Why photos were not taken, in words."""
    sent: tuple[str, ...]
    """What was sent, whatever came of it: the same for the same form sent twice."""
    first: receive.Received | None
    """The first photo of those that came as files and say where they were taken."""


async def take(sent: FormMultiDict, told: Sequence[str], refused: Sequence[str], command: UUID, by: Actor) -> Taken:
    """Take in the files named `photos` beside the ids in `told`; refusals that the page was told before are kept."""
    dropped = {one for one in sent.getall("drop", []) if isinstance(one, str)}
    ids = [found for one in dict.fromkeys(told) if one not in dropped and (found := _uuid(one))]
    words = [one[:200] for one in refused[: evidence.MOST]]
    usable = set(await evidence.hangable(ids, by))
    kept = [one for one in ids if one in usable]
    words += [EXPIRED] * (len(ids) - len(kept))
    files = uploads(sent, "photos")
    digests = [_digest(file) for file in files]
    first = None
    for file, digest in zip(files, digests, strict=True):
        if len(kept) >= evidence.MOST:
            words.append(TOO_MANY)
            break
        try:
            await photos.limit(by)
            # The same file under the same command has the same id: a form sent twice brings each photo once.
            got = await receive.receive(file, by=by, photo_id=uuid5(command, digest))
        except (PhotoRefused, TooMany) as error:
            words.append(error.reason if isinstance(error, PhotoRefused) else error.words.rstrip("。"))
            continue
        kept.append(got.id)
        first = first or (got if got.latitude is not None else None)
    return Taken(tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(words)), (*map(str, ids), *digests), first)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _digest(file: UploadFile) -> str:
    digest = hashlib.file_digest(file.file, "sha256").hexdigest()
    file.file.seek(0)
    return digest
