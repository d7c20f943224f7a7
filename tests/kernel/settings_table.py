"""The table of settings as README.md shows it, read from the Struct itself: `python -m tests.kernel.settings_table`."""

import ast
import itertools
from pathlib import Path

ROOT = Path(__file__).parents[2]


def table() -> str:
    """A line for every setting: name, what it is without being set, what it means."""
    body = next(
        node.body
        for node in ast.parse((ROOT / "server/kernel/settings.py").read_text()).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for field, words in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(words, ast.Expr):
            assert isinstance(field.target, ast.Name) and isinstance(words.value, ast.Constant)
            lines.append(f"| `{field.target.id.upper()}` | {_default(field.value)} | {words.value.value} |")
    return "\n".join(lines)


def _default(value: ast.expr | None) -> str:
    if value is None:
        return "required"
    if isinstance(value, ast.Call):
        value = value.args[0]
    told = ast.literal_eval(value)
    return f"`{str(told).lower() if isinstance(told, bool) else told}`" if told != "" else ""


if __name__ == "__main__":
    print(table())
