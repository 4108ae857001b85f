"""Both example desks, in a browser: what people do, while colleagues do something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import requests

from tests.e2e.browser import Browser
from tests.e2e.conftest import EXAMPLES, ROOT, Desk

PICTURES = ROOT / "docs" / "_static" / "desks"
REWRITE = bool(os.environ.get("KUSTOMER_REWRITE"))


def picture(browser: Browser, desk: Desk, name: str, tmp_path: Path) -> None:
    """Take the picture that the docs show; it is kept when they are made anew."""
    folder = PICTURES if REWRITE else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{desk.name}-{name}.png"
    browser.screenshot(path)
    assert path.stat().st_size > 5_000


def open_form(browser: Browser, desk: Desk) -> None:
    browser.open(f"{desk.url}/")
    browser.click(f"tr[data-id='{desk.id}'] a")
    browser.wait_for("form#edit")


def stored(desk: Desk) -> dict[str, object]:
    attributes: dict[str, object] = desk.server.world.get("conversation", desk.id)["attributes"]
    return attributes


def test_a_conversation_is_found_edited_and_saved_field_by_field(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    browser.open(f"{desk.url}/")
    assert "Jane Doe" in browser.text(f"tr[data-id='{desk.id}']")
    picture(browser, desk, "list", tmp_path)
    browser.type("q", "mug")
    browser.choose("status", "open")
    browser.find("form#search button").click()
    browser.wait_for(f"tr[data-id='{desk.id}']")
    browser.click(f"tr[data-id='{desk.id}'] a")

    assert browser.value("name") == "Mug arrived broken"
    assert browser.chosen("tags") == ["damaged"]
    assert browser.chosen("assigned_users") == ["Sam Agent"]
    assert browser.chosen("carrier") == ["DHL"]
    assert browser.value("note") == "first line\nsecond line"
    picture(browser, desk, "form", tmp_path)
    browser.type("name", "Mug, refunded")
    browser.type("refund", "30")
    browser.click("#save")

    saved = browser.wait_for(".message.success").text
    assert "name" in saved
    assert "refund" in saved
    assert desk.writes() == [{"name": "Mug, refunded", "custom": {"refundAmountNum": 30}}]
    assert browser.value("name") == "Mug, refunded"


def test_a_form_that_nobody_touched_sends_nothing(browser: Browser, desk: Desk) -> None:
    open_form(browser, desk)
    browser.click("#save")

    assert "othing" in browser.wait_for(".message").text
    assert desk.writes() == []


def test_what_a_colleague_changes_elsewhere_meanwhile_stays(browser: Browser, desk: Desk) -> None:
    open_form(browser, desk)
    browser.type("refund", "40")
    desk.server.world.edit("conversation", desk.id, status="done", custom={"carrierStr": "UPS"})
    browser.click("#save")

    browser.wait_for(".message.success")
    assert desk.writes() == [{"custom": {"refundAmountNum": 40}}]
    assert stored(desk)["status"] == "done"
    assert browser.chosen("carrier") == ["UPS"]


@pytest.mark.parametrize(
    ("choice", "name", "sent"),
    [
        ("mine", "Mug, refunded", {"name": "Mug, refunded", "custom": {"refundAmountNum": 30}}),
        ("theirs", "Mug, on its way", {"custom": {"refundAmountNum": 30}}),
    ],
)
def test_a_conflict_is_shown_side_by_side_decided_and_saved(
    browser: Browser, desk: Desk, tmp_path: Path, choice: str, name: str, sent: object
) -> None:
    open_form(browser, desk)
    browser.type("name", "Mug, refunded")
    browser.type("refund", "30")
    desk.server.world.edit("conversation", desk.id, name="Mug, on its way")
    browser.click("#save")

    browser.wait_for("section#conflict")
    row = "tr[data-field='name']"
    assert browser.text(f"{row} td.base") == "Mug arrived broken"
    assert "Mug, on its way" in browser.text(f"{row} td.theirs")
    assert "Mug, refunded" in browser.text(f"{row} td.mine")
    assert desk.writes() == []
    assert browser.value("refund") == "30"
    picture(browser, desk, "conflict", tmp_path)
    browser.click(f"input[name='resolve-name'][value='{choice}']")
    browser.click("#save")

    browser.wait_for(".message.success")
    assert desk.writes() == [sent]
    assert stored(desk)["name"] == name
    assert browser.value("name") == name


def test_a_third_writer_is_not_written_over_either(browser: Browser, desk: Desk) -> None:
    open_form(browser, desk)
    browser.type("name", "mine")
    desk.server.world.edit("conversation", desk.id, name="theirs")
    browser.click("#save")
    browser.wait_for("section#conflict")
    desk.server.world.edit("conversation", desk.id, name="a third one's")
    browser.click("input[name='resolve-name'][value='mine']")
    browser.click("#save")

    assert "a third one's" in browser.wait_for("section#conflict td.theirs").text
    assert desk.writes() == []


def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    open_form(browser, desk)
    browser.driver.execute_script(
        "document.getElementById('edit').noValidate = true;"
        "for (const box of document.querySelectorAll('#edit input')) { box.type = 'text' }"
    )
    browser.type("refund", "a lot")
    browser.type("name", "typed already")
    browser.click("#save")

    assert browser.wait_for(".field-error").text != ""
    picture(browser, desk, "errors", tmp_path)
    assert browser.value("name") == "typed already"
    assert browser.value("refund") == "a lot"
    assert desk.writes() == []


def test_a_colleague_s_change_shows_up_by_itself(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    open_form(browser, desk)
    assert not browser.find("#live").is_displayed()
    before = len(desk.server.requests)
    desk.server.world.edit("conversation", desk.id, name="Mug, on its way")

    browser.wait_for("#live", seconds=20)
    assert len(desk.server.requests) == before, "it came by webhook, not by asking"
    picture(browser, desk, "live", tmp_path)
    browser.click("#live a")
    browser.wait_for("form#edit")
    assert browser.value("name") == "Mug, on its way"


def test_it_all_works_without_scripts(browser: Browser, desk: Desk) -> None:
    browser.without_scripts(off=True)
    try:
        open_form(browser, desk)
        browser.type("name", "Mug, refunded")
        desk.server.world.edit("conversation", desk.id, name="Mug, on its way")
        browser.click("#save")
        browser.wait_for("section#conflict")
        browser.click("input[name='resolve-name'][value='mine']")
        browser.click("#save")
        browser.wait_for(".message.success")
    finally:
        browser.without_scripts(off=False)
    assert desk.writes() == [{"name": "Mug, refunded"}]


def test_tags_that_two_people_add_are_both_there(browser: Browser, desk: Desk) -> None:
    open_form(browser, desk)
    browser.choose("tags", "b2b")
    desk.server.world.edit("conversation", desk.id, tags=["damaged", "address"])
    browser.click("#save")

    browser.wait_for(".message.success")
    assert browser.chosen("tags") == ["address", "b2b", "damaged"]


def test_a_list_costs_a_request_for_all_customers_and_not_one_for_each(desk: Desk) -> None:
    requests.get(f"{desk.url}/", timeout=20).raise_for_status()
    first = len(desk.server.requests)
    requests.get(f"{desk.url}/", timeout=20).raise_for_status()

    assert first <= 6
    assert len(desk.server.requests) - first <= 2


def test_neither_page_nor_log_shows_a_key(browser: Browser, desk: Desk) -> None:
    key = desk.server.api_key
    open_form(browser, desk)
    browser.type("name", "mine")
    desk.server.world.edit("conversation", desk.id, name="theirs")
    browser.click("#save")
    browser.wait_for("section#conflict")
    paths = ("/", "/nowhere", "/conversations/5f00000000000000ffffffff", "/kustomer/webhooks")
    answers = [requests.get(f"{desk.url}{path}", timeout=20).text for path in paths]
    pages = [browser.source, *answers]

    assert [page for page in pages if key in page] == []
    assert key not in desk.log.read_text("utf-8", "replace")
    assert "Traceback" not in desk.log.read_text("utf-8", "replace")


def test_both_desks_wear_the_same_sheet() -> None:
    sheet = (EXAMPLES / "desk.css").read_text("utf-8")
    copies = sorted(EXAMPLES.rglob("static/**/desk.css"))
    assert [path.read_text("utf-8") == sheet for path in copies] == [True, True]
