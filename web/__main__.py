"""`python -m web`: the processes that answer HTTP. Any number of them, on any number of machines."""

import argparse
import socket
from typing import Any

import uvicorn
from litestar import Litestar

from server.kernel import logs
from server.kernel.settings import Settings, settings

DRAIN_SECONDS = 10
KEEP_ALIVE_SECONDS = 75
"""Longer than proxies in front keep an idle connection (60 s is usual): they must not write into a closed one."""


def main() -> None:
    """Serve alone on a socket handed over (`--fd`), or as WEB_WORKERS processes on HOST and PORT."""
    parser = argparse.ArgumentParser(prog="python -m web")
    parser.add_argument("--fd", type=int, help="a bound socket that this process shares")
    asked = parser.parse_args()
    chosen = settings()
    if asked.fd is None:
        _serve_all(chosen)
    else:
        with socket.socket(fileno=asked.fd) as shared:
            uvicorn.Server(uvicorn.Config(**_options(chosen))).run(sockets=[shared])


def application() -> Litestar:
    """The application of one process, its logs set up first."""
    logs.configure(settings())
    from web.app import create_app

    return create_app()


def _serve_all(chosen: Settings) -> None:
    uvicorn.run(**_options(chosen), host=chosen.host, port=chosen.port, workers=chosen.web_workers)


def _options(chosen: Settings) -> dict[str, Any]:
    return {
        "app": "web.__main__:application",
        "factory": True,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": chosen.trusted_proxies,
        "timeout_keep_alive": KEEP_ALIVE_SECONDS,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }


if __name__ == "__main__":
    main()
