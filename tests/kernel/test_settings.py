"""Each wrong setting is told in one sentence that names it."""

from pathlib import Path

import pytest

from server.kernel.settings import Settings, SettingsError, from_environment
from tests.kernel.settings_table import table

GIVEN = {"DATABASE_URL": "postgresql://u:p@h/d", "SECRET_KEY": "k" * 32}


def test_two_settings_are_enough() -> None:
    read = from_environment(GIVEN)
    assert (read.port, read.photo_folder, read.demo) == (8000, Path("var/photos"), False)


def test_an_empty_setting_counts_as_not_set_and_others_are_left_alone() -> None:
    assert from_environment({**GIVEN, "PORT": "", "HOME": "/root", "PATH": "x"}).port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://h/d"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("WEB_WORKERS", "0"),
        ("PUBLIC_URL", "huying.example"),
        ("S3_ENDPOINT", "minio:9000"),
        ("S3_ENDPOINT", "http://minio:9000"),
        ("S3_BUCKET", "ab"),
        ("SMS_GATEWAY_URL", "ftp://x"),
        ("TILE_URL", "tiles"),
        ("SESSION_DAYS", "0"),
        ("REOPEN_DAYS", "-1"),
        ("ARGON2_COST", "1"),
        ("DEMO", "perhaps"),
        ("OUTLET_NETWORKS", "10.8.0.0/16, intranet"),
        ("WECOM_URL", "qyapi.weixin.qq.com"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_JSON", "2"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        from_environment({**GIVEN, name: value})
    said = str(refused.value)
    assert name.removesuffix("_ENDPOINT") in said
    assert said.endswith(".") and "\n" not in said and len(said) < 200


def test_no_sentence_repeats_a_secret() -> None:
    with pytest.raises(SettingsError) as refused:
        from_environment({**GIVEN, "SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_the_readme_tells_of_every_setting_as_it_is() -> None:
    told = (Path(__file__).parents[2] / "README.md").read_text()
    assert all(f"`{field.upper()}`" in table() for field in Settings.__struct_fields__)
    assert table() in told, "put the output of `python -m tests.kernel.settings_table` into README.md"
