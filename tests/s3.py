"""An S3 server for the tests: MinIO's own where `make test` could build it, else moto's, saying so."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.supervisor.users import dying_with_parent

MINIO = Path(__file__).parent.parent / ".tools" / "minio"


class S3Server(msgspec.Struct, frozen=True):
    """Where it is, and the keys to it."""

    endpoint: str
    access_key: str
    secret_key: str
    kind: str


@contextlib.contextmanager
def s3(folder: Path) -> Iterator[S3Server]:
    """A server with nothing in it, gone at the end."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    if MINIO.exists():
        kind, command = "minio", [str(MINIO), "server", "--quiet", "--address", f"127.0.0.1:{port}"]
        command += ["--console-address", "127.0.0.1:0", str(folder)]
    else:
        kind, command = "moto", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        print("MinIO is not there: the S3 tests run against moto's server.", file=sys.stderr)
    server = S3Server(f"http://127.0.0.1:{port}", "huying-tests", "huying-tests-secret", kind)
    environment = {**os.environ, "MINIO_ROOT_USER": server.access_key, "MINIO_ROOT_PASSWORD": server.secret_key}
    environment |= {"MINIO_BROWSER": "off", "MINIO_UPDATE": "off", "HOME": str(folder)}
    with (folder.parent / f"{folder.name}.log").open("wb") as log:
        process = subprocess.Popen(dying_with_parent(command), env=environment, stdout=log, stderr=log)
    try:
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: S3Server, process: "subprocess.Popen[bytes]") -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            direct.open(server.endpoint + "/minio/health/live", timeout=2).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()
            if server.kind == "moto":
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{server.kind} does not answer on {server.endpoint}")
