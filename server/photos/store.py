"""Where this installation keeps the bytes of photos: a folder, or an S3 server."""

from functools import cache

from server.kernel.settings import settings
from server.photos.stores import Store


@cache
def store() -> Store:
    """The store of this installation, as its settings say."""
    # Here, not above: an installation with a folder needs no S3 client in its memory.
    from server.photos.folder import Folder
    from server.photos.s3 import S3

    chosen = settings()
    if not chosen.s3_endpoint:
        return Folder(chosen.photo_folder)
    return S3(
        chosen.s3_endpoint,
        access_key=chosen.s3_access_key,
        secret_key=chosen.s3_secret_key,
        bucket=chosen.s3_bucket,
        region=chosen.s3_region,
    )
