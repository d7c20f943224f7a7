"""How large a demo district is."""

import msgspec


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """Areas of each level below the one district, and weeks of cases; `seed` decides everything that is by chance."""

    streets: int = 3
    communities: int = 9
    grids: int = 45
    weeks: int = 4
    seed: int = 1

    def wrong(self) -> str:
        """What is wrong with it, in one sentence; empty where nothing is."""
        if not 1 <= self.streets <= self.communities <= self.grids:
            return "There must be at least one street, as many communities as streets, as many grids as communities."
        if self.grids > 5000 or self.streets > 99 or self.communities > 99 * self.streets:
            return "At most 99 streets, 99 communities in a street on average, 5,000 grids."
        if not 0 <= self.weeks <= 52:
            return "Weeks must be between 0 and 52."
        return ""


def shares(whole: int, parts: int) -> list[int]:
    """Split `whole` into `parts` as evenly as can be, larger ones first."""
    each, more = divmod(whole, parts)
    return [each + (place < more) for place in range(parts)]
