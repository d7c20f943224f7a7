"""What a change in the administration touches, as far as this room can know."""

import msgspec


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of a change and of its dry run alike."""

    posts: tuple[str, ...] = ()
    """Titles of the posts that fall vacant, end or change hands."""
    people: tuple[str, ...] = ()
    """Names of the people who hold them now."""
    units: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()

    @property
    def nobody(self) -> bool:
        return not (self.posts or self.people or self.units or self.organisations)
