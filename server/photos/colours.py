"""Any picture as plain sRGB, three channels: transparency on white, profiles applied and gone."""

from io import BytesIO

from PIL import Image, ImageCms

_PROFILE_BYTES = 4 * 1024 * 1024
_PLAIN = {"RGB", "L", "CMYK"}


def ready_to_shrink(image: Image.Image) -> Image.Image:
    """A mode that can be resampled: palettes and single bits become colours, transparency becomes a channel."""
    if "transparency" in image.info and image.mode in ("P", "RGB", "L", "1"):
        return image.convert("RGBA")
    if image.mode in ("P", "1", "PA", "LA", "La", "RGBa", "YCbCr", "LAB", "HSV"):
        return image.convert("RGB" if image.mode in ("P", "1", "YCbCr", "LAB", "HSV") else "RGBA")
    return image


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Plain sRGB without alpha. A profile that cannot be applied is left out, not a reason to lose the photo."""
    if image.mode.startswith("I") or image.mode == "F":
        return _eight_bits(image).convert("RGB")
    if image.mode == "RGBA":
        image = _on_white(image)
    if profile and len(profile) <= _PROFILE_BYTES and image.mode in _PLAIN:
        image = _apply(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Sixteen bits of grey; Pillow's own conversion would clip them at 255."""
    return image.convert("F").point(lambda value: value * (1 / 257)).convert("L")


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _apply(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        if image.mode == "RGB" and "srgb" in ImageCms.getProfileDescription(given).lower():
            return image
        turned = ImageCms.profileToProfile(image, given, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return turned or image


_SRGB = ImageCms.createProfile("sRGB")
