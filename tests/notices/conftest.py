"""Other sides that listen, and this installation set to reach them."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from server.kernel.settings import settings
from tests.notices.fakes import KEY, Gateway, Hook, WeCom, running

Setting = Callable[..., None]


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    """Set settings for this test: `setting(sms_sign="民乐")`."""

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name.upper(), value)
        settings.cache_clear()

    yield put
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
async def gateway(setting: Setting) -> AsyncIterator[Gateway]:
    async with running(Gateway()) as one:
        setting(sms_gateway_url=one.url, sms_gateway_key=KEY)
        yield one


@pytest.fixture
async def hook(setting: Setting) -> AsyncIterator[Hook]:
    async with running(Hook()) as one:
        setting(outlet_networks="127.0.0.0/8")
        yield one


@pytest.fixture
async def wecom(setting: Setting) -> AsyncIterator[WeCom]:
    async with running(WeCom()) as one:
        setting(outlet_networks="127.0.0.0/8", wecom_url=one.url)
        yield one
