"""What Lighthouse says of a resident's first pages on a phone (`make lighthouse`; PORT=… of a running server).

Without PORT a demo district of its own is brought up in a temporary folder and taken down again. Performance is the
median of three runs with Lighthouse's slowed phone; accessibility the worst of them. Ends with 1 below the limits.
"""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIGHTHOUSE = ROOT / "tools" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = ("/", "/report")
LEAST = {"performance": 95, "accessibility": 100}
FIGURES = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "shift",
}
STARTS_WITHIN = 300


def main() -> int:
    """A line for each page; 0 where all are within the limits."""
    runs = int(os.environ.get("RUNS", "3"))
    with _server() as address:
        fine = [_page(f"{address}{path}", path, runs) for path in PAGES]
    return 0 if all(fine) else 1


def _page(url: str, path: str, runs: int) -> bool:
    reports = [_report(url) for _ in range(runs)]
    scores = {
        category: [round(report["categories"][category]["score"] * 100) for report in reports] for category in LEAST
    }
    performance, accessibility = statistics.median(scores["performance"]), min(scores["accessibility"])
    figures = ", ".join(f"{word} {reports[-1]['audits'][audit]['displayValue']}" for audit, word in FIGURES.items())
    weight = reports[-1]["audits"]["total-byte-weight"]["numericValue"]
    print(
        f"{path:8} performance {performance:.0f} {scores['performance']} (at least {LEAST['performance']}), "
        f"accessibility {accessibility} (at least {LEAST['accessibility']}); {figures}, {weight / 1000:.0f} kB",
        flush=True,
    )
    for refused in _refused(reports[-1]):
        print(f"         {refused}")
    return performance >= LEAST["performance"] and accessibility >= LEAST["accessibility"]


def _report(url: str) -> dict[str, Any]:
    chrome = os.environ.get("CHROME_PATH") or _chrome()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        flags = "--headless=new --no-sandbox --disable-background-networking"
        command = ["node", str(LIGHTHOUSE), url, "--quiet", "--output=json", f"--output-path={out}"]
        command += [f"--only-categories={','.join(LEAST)}", f"--chrome-flags={flags}"]
        subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chrome}, timeout=180)
        found: dict[str, Any] = json.loads(out.read_text())
        return found


def _refused(report: dict[str, Any]) -> Iterator[str]:
    """What accessibility found wrong, so that it can be mended."""
    for reference in report["categories"]["accessibility"]["auditRefs"]:
        audit = report["audits"][reference["id"]]
        if audit["score"] is not None and audit["score"] < 1 and reference["weight"]:
            yield f"{audit['id']}: {audit['title']}"


def _chrome() -> str:
    found = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("There is no Chromium; set CHROME_PATH.")
    return found


@contextmanager
def _server() -> Iterator[str]:
    if port := os.environ.get("PORT"):
        yield f"http://127.0.0.1:{port}"
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    address = f"http://127.0.0.1:{free}"
    with tempfile.TemporaryDirectory(prefix="huying-lighthouse-") as folder:
        told = {**os.environ, "PORT": str(free), "PUBLIC_URL": address, "LOG_LEVEL": "ERROR", "DEMO": "1"}
        command = [sys.executable, "-m", "server.supervisor", "--var", folder, "run", "--with-parent"]
        with (Path(folder) / "run.log").open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=log)
        try:
            _wait(address, process, Path(folder) / "run.log")
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(1)
    sys.exit(f"The demo did not start:\n{log.read_text()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
