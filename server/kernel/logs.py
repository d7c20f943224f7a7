"""Logs: one JSON object a line (or lines for people), with request ids, without anything personal in them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from server.kernel.settings import Settings

REMOVED = "[removed]"

_SECRET_NAMES = frozenset({"cookie", "set-cookie", "authorization", "password", "code", "token", "secret", "phone"})
_PATTERNS = (
    # Secrets (links, cookies, tokens) are 43 characters of chance: nothing else in a log looks like that.
    (re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}(?![A-Za-z0-9_-])"), REMOVED),
    (re.compile(r"((?:cookie|huying\w*)\s*[=:]\s*)[^\s;,\"']+", re.IGNORECASE), rf"\1{REMOVED}"),
    (re.compile(r"(://[^:/\s]+:)[^@/\s]+(?=@)"), rf"\1{REMOVED}"),
    (re.compile(r"(?<![\dA-Fa-f-])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"), "[phone]"),
    # PostgreSQL's DETAIL quotes the row that offended, asyncpg the value that it could not encode.
    (re.compile(r"(DETAIL:).*?(?=\nHINT:|\n\n|\nTraceback|\Z)", re.DOTALL), rf"\1 {REMOVED}"),
    (re.compile(r"(invalid input for query argument \$\d+: ).*?(?=\n\n|\nTraceback|\Z)", re.DOTALL), rf"\1{REMOVED}"),
    (re.compile(r"(invalid input syntax for type [a-z ]+: ).*"), rf"\1{REMOVED}"),
)


def configure(settings: Settings) -> None:
    """Have structlog and the standard library's loggers (uvicorn, pgqueuer) write to standard output alike."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_json
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "pgqueuer"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # Ours tells of every request without its query and without secrets; httpx would print whole addresses.
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets, phone numbers and cookies out of everything that is about to be written."""
    for name, value in event.items():
        if name.startswith("_"):
            continue
        event[name] = REMOVED if name.lower() in _SECRET_NAMES else _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, instead in _PATTERNS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, dict):
        return {name: REMOVED if str(name).lower() in _SECRET_NAMES else _clean(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    if value is None or isinstance(value, int | float):
        return value
    return _clean(str(value))
