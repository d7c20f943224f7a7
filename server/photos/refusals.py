"""Why a photo is not taken, in words for the person who sent it. The record it was meant for stands without it."""

from server.kernel.errors import HuyingError

_MEGABYTE = 1024 * 1024


class PhotoRefused(HuyingError):
    """A photo was not taken.

    `code` names the cause for programs, `reason` says it alone, `words` also that the text is kept. `passing` is true
    where the same photo may be taken later (a crowd, a store that does not answer): a phone keeps it and tries again.
    """

    def __init__(self, code: str, reason: str, *, passing: bool = False) -> None:
        super().__init__(f"{reason};文字已经保存。")
        self.code = code
        self.reason = reason
        self.passing = passing


def empty() -> PhotoRefused:
    return PhotoRefused("empty", "照片是空的,请重拍或重新选一张")


def too_large(length: int, limit: int, *, whole: bool) -> PhotoRefused:
    """`length` bytes were counted; `whole` where that is all of it."""
    size = f"{length / _MEGABYTE:.0f} MB" if whole else f"超过 {limit // _MEGABYTE} MB"
    return PhotoRefused("too_large", f"照片太大({size}),请重拍或选小一点的")


def too_many_pixels(width: int, height: int) -> PhotoRefused:
    return PhotoRefused("too_many_pixels", f"照片的尺寸太大({width} × {height}),请重拍或选小一点的")


def too_many_frames() -> PhotoRefused:
    return PhotoRefused("too_many_frames", "动图太长,请选一张静止的照片")


def too_many_scans() -> PhotoRefused:
    return PhotoRefused("too_many_scans", "照片的编码太复杂,请重拍或截图后再传")


def other_kind(what: str) -> PhotoRefused:
    """It is not a photo but `what`, e.g. "PDF 文件"."""
    return PhotoRefused("other_kind", f"这是 {what},不是照片,请拍照或选一张照片")


def not_a_photo() -> PhotoRefused:
    return PhotoRefused("not_a_photo", "这个文件不是照片,请拍照或选一张照片")


def truncated() -> PhotoRefused:
    return PhotoRefused("truncated", "照片没有传完整,请再传一次或重拍")


def damaged() -> PhotoRefused:
    return PhotoRefused("damaged", "照片已损坏,打不开,请重拍或选另一张")


def other_content() -> PhotoRefused:
    return PhotoRefused("other_content", "同一编号已收到另一张照片,请重新选照片")


def crowded() -> PhotoRefused:
    return PhotoRefused("crowded", "现在传照片的人太多,这张没有收下,请稍后再传", passing=True)


def store_silent() -> PhotoRefused:
    return PhotoRefused("store_silent", "照片暂时存不下来,请稍后再传", passing=True)


def harmed() -> PhotoRefused:
    return PhotoRefused("harmed", "照片在路上传坏了,会再传一次", passing=True)
