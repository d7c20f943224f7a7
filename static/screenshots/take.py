"""Takes the manifest's screenshots from a running demo: `python static/screenshots/take.py http://127.0.0.1:8000`.

Few colours are enough for pages that are calm, and keep the pictures small.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
RESIDENT, SECRETARY, PASSWORD = "13800000001", "13800004001", "huying-demo"
PHONE, PC = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
COLOURS = 48


def main() -> None:
    """All three, over those that are there."""
    address = sys.argv[1]
    with sync_playwright() as playwright:
        system = Path("/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=system if system.exists() else None, args=["--no-sandbox"])
        phone = _page(browser, address, PHONE, 2)
        phone.goto("/signin")
        phone.fill("[name=phone]", RESIDENT)
        phone.click("main form button")
        phone.fill("[name=code]", phone.locator(".demo-code").inner_text().strip())
        phone.click("main form button")
        phone.wait_for_url("**/")
        _take(phone, "/", "home")
        _take(phone, "/report", "report")
        wide = _page(browser, address, PC, 1)
        wide.goto("/signin/staff")
        wide.fill("[name=phone]", SECRETARY)
        wide.fill("[name=password]", PASSWORD)
        wide.click("main form:has([name=password]) button")
        wide.wait_for_url("**/desk*")
        wide.locator(".desk-list a.row-title, .desk-list a").nth(4).click()
        wide.wait_for_selector(".has-case")
        _take(wide, None, "wide")
        browser.close()


def _page(browser: Browser, address: str, size: dict[str, int], scale: int) -> Page:
    context = browser.new_context(
        base_url=address, viewport=size, device_scale_factor=scale, locale="zh-CN", service_workers="block"
    )
    return context.new_page()


def _take(page: Page, path: str | None, name: str) -> None:
    if path:
        page.goto(path)
    page.wait_for_selector("html[data-ready]", state="attached")
    page.wait_for_timeout(800)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(HERE / f"{name}.png", optimize=True)
    print(f"{name}.png {picture.width}x{picture.height} {(HERE / f'{name}.png').stat().st_size} bytes")


if __name__ == "__main__":
    main()
