"""A headless Chromium, and the few things that the tests of pages do with it."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

# No sandbox, since CI is root; nothing in the background, since there is no network.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--window-size=1100,900",
    "--force-device-scale-factor=1",
    "--lang=en-GB",
)


class Browser:
    """One browser, driven by CSS selectors."""

    def __init__(self, profile: str) -> None:
        options = Options()
        options.binary_location = shutil.which("chromium") or "chromium"
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        self.driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))

    def close(self) -> None:
        self.driver.quit()

    def open(self, url: str) -> None:
        self.driver.get(url)

    @property
    def url(self) -> str:
        return self.driver.current_url

    @property
    def source(self) -> str:
        return self.driver.page_source

    def find(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def text(self, css: str) -> str:
        return self.find(css).text

    def value(self, name: str) -> str:
        return str(self.find(f"[name='{name}']").get_property("value") or "")

    def type(self, name: str, text: str) -> None:
        box = self.find(f"[name='{name}']")
        box.clear()
        box.send_keys(text)

    def choose(self, name: str, label: str) -> None:
        Select(self.find(f"select[name='{name}']")).select_by_visible_text(label)

    def chosen(self, name: str) -> list[str]:
        boxes = Select(self.find(f"select[name='{name}']")).all_selected_options
        return [box.text for box in boxes]

    def click(self, css: str) -> None:
        self.find(css).click()

    def wait_for(self, css: str, seconds: float = 10) -> WebElement:
        """Wait until something is shown."""
        found: list[WebElement] = []

        def is_shown(_: object) -> bool:
            found[:] = [each for each in self.all(css) if each.is_displayed()]
            return bool(found)

        # A page may go while it is looked at.
        gone = (StaleElementReferenceException,)
        WebDriverWait(self.driver, seconds, 0.1, ignored_exceptions=gone).until(is_shown)
        return found[0]

    def without_scripts(self, *, off: bool) -> None:
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": off})

    def screenshot(self, path: Path) -> None:
        """Take a picture of the whole page."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        area = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        wanted = {"captureBeyondViewport": True, "clip": area}
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", wanted)
        path.write_bytes(base64.b64decode(picture["data"]))
