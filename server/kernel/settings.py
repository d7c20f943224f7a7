"""Settings: one Struct, read from the environment once, wrong ones named in one sentence."""

import os
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta


class SettingsError(Exception):
    """A setting is missing or wrong; the text is one sentence that names it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an installation can choose. Each field is an environment variable of the same name in capitals."""

    database_url: str
    """PostgreSQL to use, as postgresql://user:password@host:port/name."""
    secret_key: Annotated[str, Meta(min_length=32)]
    """At least 32 characters of chance; encrypts second factors and codes on their way to the outlet."""
    public_url: str = "http://localhost:8000"
    """The address residents type; goes into links and QR codes."""
    host: str = "127.0.0.1"
    """The address web listens on."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    """The port web listens on."""
    web_workers: Annotated[int, Meta(ge=1, le=64)] = 2
    """Processes of web."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For is believed, separated by commas."""
    photo_folder: Path = Path("var/photos")
    """Where photos are kept when no S3 server is set."""
    s3_endpoint: str = ""
    """S3 server as http(s)://host:port; empty keeps photos in `photo_folder`."""
    s3_access_key: str = ""
    """Key name for the S3 server."""
    s3_secret_key: str = ""
    """Key for the S3 server."""
    s3_bucket: Annotated[str, Meta(min_length=3, max_length=63)] = "huying-photos"
    """Bucket for photos; made if absent."""
    s3_region: str = "us-east-1"
    """Region of the bucket; set, so that no request is needed to find it."""
    sms_gateway_url: str = ""
    """HTTP SMS gateway; empty prints messages on the console of the worker, in the demo only."""
    sms_gateway_key: str = ""
    """Key that signs what is sent to the SMS gateway."""
    sms_sign: Annotated[str, Meta(min_length=2, max_length=16)] = "呼应"
    """The sign, as registered with the carrier, that every text message begins with."""
    wecom_url: str = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
    """Where robots of WeCom groups are called; another one for a WeCom of one's own."""
    outlet_networks: str = ""
    """Private networks that robots and webhooks may reach all the same, e.g. 10.8.0.0/16, separated by commas."""
    push_services: str = ""
    """Push services besides those of the browsers, as origins (https://push.example.cn), separated by commas."""
    tile_url: str = ""
    """Map tiles with {z} {x} {y}; empty shows grid polygons alone. The only foreign host the pages may name."""
    tile_attribution: str = ""
    """Whose tiles they are, shown on the map."""
    session_days: Annotated[int, Meta(ge=1, le=90)] = 30
    """Days unseen after which a session ends."""
    reopen_days: Annotated[int, Meta(ge=1, le=365)] = 15
    """Days after closing within which the reporter may reopen."""
    argon2_cost: Annotated[int, Meta(ge=8, le=1_048_576)] = 65_536
    """Memory of a password hash in KiB (argon2id); lower only in tests."""
    demo: bool = False
    """A demo district: demo accounts are shown on the sign-in page."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    log_json: bool = True
    """One JSON object a line; false for people to read."""


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read settings from `environment`; raise `SettingsError` with one sentence naming the first wrong one."""
    given = {
        field: environment[field.upper()]
        for field in Settings.__struct_fields__
        if environment.get(field.upper(), "") != ""
    }
    for field in ("database_url", "secret_key"):
        if field not in given:
            raise SettingsError(f"{field.upper()} is not set.")
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$.")
        raise SettingsError(f"{path.rstrip('`').upper()} is wrong: {reason}.") from None
    _check_addresses(settings)
    return settings


def _from_text(wanted: type, text: object) -> object:
    return wanted(text)


def _check_addresses(settings: Settings) -> None:
    if urlsplit(settings.database_url).scheme not in ("postgresql", "postgres"):
        raise SettingsError("DATABASE_URL is wrong: it must begin with postgresql://.")
    for field in ("public_url", "s3_endpoint", "sms_gateway_url", "wecom_url", "tile_url"):
        value = getattr(settings, field)
        if value and urlsplit(value).scheme not in ("http", "https"):
            raise SettingsError(f"{field.upper()} is wrong: it must begin with http:// or https://.")
    if settings.s3_endpoint and not (settings.s3_access_key and settings.s3_secret_key):
        raise SettingsError("S3_ACCESS_KEY and S3_SECRET_KEY must be set where S3_ENDPOINT is.")
    if settings.sms_gateway_url and not settings.sms_gateway_key:
        raise SettingsError("SMS_GATEWAY_KEY must be set where SMS_GATEWAY_URL is.")
    try:
        for network in filter(None, map(str.strip, settings.outlet_networks.split(","))):
            ip_network(network)
    except ValueError:
        raise SettingsError("OUTLET_NETWORKS is wrong: it must be networks like 10.8.0.0/16.") from None
    if settings.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise SettingsError("LOG_LEVEL is wrong: it must be DEBUG, INFO, WARNING or ERROR.")


@cache
def settings() -> Settings:
    """The settings of this process, read from its environment at first use."""
    return from_environment(os.environ)
