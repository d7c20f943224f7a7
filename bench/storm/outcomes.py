"""What storms came to: counted, and what went wrong by seed."""

from collections import Counter
from typing import Any


class Outcomes:
    """Of all storms of a run."""

    def __init__(self) -> None:
        self.lived: list[dict[str, Any]] = []
        self.wrong: dict[str, list[str]] = {}
        self.killed: Counter[str] = Counter()
        self.ready: list[float] = []
        """Seconds from the last kill until the installation was ready."""

    def add(self, lived: dict[str, Any], wrong: list[str]) -> None:
        """One storm, and what is wrong with it."""
        self.lived.append(lived)
        if lived["seed"] % 50 == 0 or wrong:
            print(f"seed {lived['seed']}: {'; '.join(wrong[:3]) or 'well'}", flush=True)
        self.wrong_with(f"seed {lived['seed']}", wrong)

    def wrong_with(self, what: str, wrong: list[str]) -> None:
        """More that is wrong."""
        if wrong:
            self.wrong[what] = self.wrong.get(what, []) + wrong

    def tell(self, took: float) -> None:
        """Print what happened."""
        phones = [phone for lived in self.lived for phone in lived.get("outcomes", [])]
        saves = [save for phone in phones for save in phone["saves"] if save["acknowledged"]]
        met: Counter[str] = Counter()
        for lived in self.lived:
            met.update(lived.get("met", {}))
        most = max((len(lived.get("outcomes", [])) for lived in self.lived), default=0)
        print(f"{len(self.lived)} storms, {len(phones)} phones (at most {most} in one) in {took:.0f} s")
        print(f"{len(saves)} acknowledged saves: {dict(Counter(save['verb'] for save in saves))}")
        print(f"faults: {dict(met)}")
        if self.killed:
            print(f"killed: {dict(self.killed)}; ready again after {max(self.ready):.1f} s at most")
        left = [one["state"] for phone in phones for one in phone["left"].values()]
        needs = left.count("need")
        longest = max((phone["took"] for phone in phones), default=0)
        print(f"{needs} need the person, {len(left) - needs} are of accounts that were closed")
        print(f"the slowest queue drained in {longest} ms")
        for what, said in self.wrong.items():
            print(f"{what}: " + "; ".join(said[:5]))
        print(f"{len(self.wrong)} went wrong" if self.wrong else "nothing is lost, doubled or stuck")
