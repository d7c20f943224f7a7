"""What is known of a photo after everything has been taken out of it. The bytes are in the store."""

from piccolo.columns import UUID, Bytea, DoublePrecision, Integer, Text, Timestamptz
from piccolo.table import Table

from server.kernel.personal import DUTY, Kind, keeps, names

PHOTOS = Kind(
    code="photos",
    what="照片和拍照的位置;照片里的其他信息收到时就去掉",
    why="说明现场",
    basis=DUTY,
    days=0,
    counted="随所属的事一起",
    then="照片和这条记录都删除",
)


class Photo(Table, tablename="photos"):
    id = UUID(primary_key=True, default=None)
    digest = Bytea(default=None, null=False)
    """SHA-256 of what was sent."""
    kind = Text(default=None, null=False)
    """jpeg, png, webp, gif or heic, as its content says."""
    width = Integer(default=None, null=False)
    """Of the display size, pixels."""
    height = Integer(default=None, null=False)
    bytes = Integer(default=None, null=False)
    """Of display size and thumbnail together."""
    taken_at = Timestamptz(default=None, null=True)
    latitude = DoublePrecision(default=None, null=True)
    longitude = DoublePrecision(default=None, null=True)
    accuracy = DoublePrecision(default=None, null=True)
    """Metres, where the photo says so."""
    position_source = Text(default=None, null=True)
    """"exif" where the photo carried its position."""
    created_at = Timestamptz(default=None, null=False)
    account_id = UUID(default=None, null=True)
    device = Text(default=None, null=True)
    """Digest of the device cookie it came with; until a record holds the photo, only its sender may see it."""

    kept = keeps(PHOTOS, "latitude", "longitude", "accuracy", "device", "account_id")
    plain = names("digest", "kind", "position_source")
