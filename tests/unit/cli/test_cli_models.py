"""`kustomer-orm models`: a module that checkers take, and every drift of the organisation found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from kustomer_orm import Client, Conversation, custom
from kustomer_orm.emulator import Emulator
from kustomer_orm.records.core import records

Run = Callable[..., Result]


ROOT = Path(__file__).parents[3]
CHECKERS = {"mypy": ["mypy", "--strict", "--config-file="], "pyright": ["pyright"]}


def checked(checker: str, *files: Path) -> tuple[int, str]:
    """Run a checker on files outside this project; its status and what it said."""
    folder = files[0].parent
    (folder / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(ROOT)]}), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", *CHECKERS[checker], *map(str, files)],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the default classes of generated modules forgotten."""
    monkeypatch.setattr(records, "_classes", dict(records._classes))


@pytest.fixture
def written(run: Run, seeded: Emulator, tmp_path: Path) -> Path:
    """The module of the emulator's seeded organisation."""
    module = tmp_path / "models.py"
    result = run("models", "generate", str(module))
    assert result.exit_code == 0, result.output
    return module


@pytest.mark.parametrize("checker", CHECKERS)
def test_the_module_of_the_seeded_organisation_passes_the_checkers(
    written: Path, tmp_path: Path, checker: str
) -> None:
    use = tmp_path / "use.py"
    use.write_text(
        "from typing import assert_type\n\n"
        "from models import Conversation, ConversationRefundReason, Order\n\n\n"
        "def use(record: Conversation, order: Order) -> None:\n"
        "    assert_type(record.refund_amount, int | float | None)\n"
        "    assert_type(record.refund_reason, ConversationRefundReason | None)\n"
        "    assert_type(order.total_price, int | float | None)\n"
        '    record.refund_reason = "Late"\n',
        "utf-8",
    )
    status, said = checked(checker, written, use)

    assert status == 0, said


def test_the_module_is_laid_out(written: Path) -> None:
    for words in (["format", "--check"], ["check"]):
        command = [sys.executable, "-m", "ruff", *words, "--isolated", str(written)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_wrong_choice_is_flagged(written: Path, tmp_path: Path, checker: str) -> None:
    use = tmp_path / "use.py"
    use.write_text(
        "from models import Conversation\n\n\n"
        "def use(record: Conversation) -> None:\n"
        '    record.refund_reason = "Lat"\n',
        "utf-8",
    )
    status, said = checked(checker, use)

    assert status == 1
    assert "refund_reason" in said or "Lat" in said


def test_generating_again_changes_nothing(run: Run, written: Path) -> None:
    before = written.read_text("utf-8")

    result = run("models", "generate", str(written))

    assert "unchanged" in result.output
    assert written.read_text("utf-8") == before


def test_without_a_file_it_is_printed(run: Run, seeded: Emulator) -> None:
    result = run("models", "generate", "--only", "company", "--no-default")

    assert result.exit_code == 0
    assert "class Company(kustomer_orm.Company):" in result.output
    assert "class Order" not in result.output


def test_a_file_that_was_written_by_hand_is_not_written_over(
    run: Run, seeded: Emulator, tmp_path: Path
) -> None:
    mine = tmp_path / "models.py"
    mine.write_text("X = 1\n", "utf-8")

    refused = run("models", "generate", str(mine))

    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert mine.read_text("utf-8") == "X = 1\n"
    assert run("models", "generate", "--force", str(mine)).exit_code == 0


@pytest.mark.parametrize("place", ["missing.py", "no.such.module", "broken.py"])
def test_a_module_that_cannot_be_read_is_an_error_of_ours(
    run: Run, seeded: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text("class", "utf-8")

    result = run("models", "check", place)

    assert result.exit_code == 2
    assert place.removesuffix(".py") in result.output


def test_an_unknown_type_is_refused(run: Run, seeded: Emulator) -> None:
    result = run("models", "generate", "--only", "kobject.none")

    assert result.exit_code == 2
    assert "kobject.none" in result.output


def test_code_and_organisation_that_agree_have_no_drift(run: Run, written: Path) -> None:
    result = run("models", "check", str(written))

    assert result.exit_code == 0, result.output
    assert "agree" in result.output


def a_klass(server: Emulator) -> None:
    server.world.add("klass", name="parcel", status="enabled")


def no_klass(server: Emulator) -> None:
    (klass,) = server.world.store.where("klass", "name", "subscription")
    klass.attributes["status"] = "disabled"


def described(resource: str, **facts: Any) -> Callable[[Emulator], object]:
    return lambda server: server.world.describe(resource, **facts)


def statuses(*words: str) -> Callable[[Emulator], object]:
    return described("kobject.order", orderStatusStr={"enumeration": [*words]})


DRIFTS: dict[str, tuple[Callable[[Emulator], object], str]] = {
    "new attribute": (described("conversation", colourStr={}), "+ colourStr"),
    "attribute gone": (described("conversation", dueAt=None), "- dueAt"),
    "display name": (described("customer", memberSinceAt={"displayName": "Since"}), "'Since'"),
    "choice added": (
        described(
            "kobject.order",
            orderStatusStr={"enumeration": ["placed", "shipped", "returned", "lost"]},
        ),
        "adds 'lost'",
    ),
    "choice gone": (
        statuses("placed", "shipped"),
        "has no 'returned'",
    ),
    "several values": (described("conversation", orderNumberStr={"multi": True}), "several values"),
    "target": (described("conversation", orderId={"target": "kobject.subscription"}), "target"),
    "node added": (
        described("conversation", topicTree={"tree": {"children": [{"id": "delivery"}]}}),
        "has no 'delivery.late'",
    ),
    "sensitive": (
        described("company", contractEndsAt={"sensitive": {"enabled": True}}),
        "sensitive",
    ),
    "klass added": (a_klass, "kobject.parcel"),
    "klass switched off": (no_klass, "kobject.subscription"),
    "order of choices": (
        described(
            "kobject.order", orderStatusStr={"enumeration": ["shipped", "placed", "returned"]}
        ),
        "another order",
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_each_drift_is_found(run: Run, written: Path, seeded: Emulator, drift: str) -> None:
    change, words = DRIFTS[drift]
    change(seeded)

    result = run("models", "check", str(written))

    assert result.exit_code == 1
    assert words in result.output
    assert "1 difference;" in result.output
    told = json.loads(run("models", "check", str(written), "--json").output)
    assert len(told) == 1


def test_a_class_is_reflected_at_run_time(seeded: Emulator, client: Client) -> None:
    class Mine(Conversation):
        refund = custom.Num("refundAmountNum")

    reflected: Any = Mine.reflect()

    assert reflected.order_number.key == "orderNumberStr"
    assert reflected.refund_reason.choices[0] == "Damaged"
    assert not hasattr(reflected, "refund_amount")  # it is declared, as `refund`
    assert [each.path for each in seeded.requests] == ["/v1/metadata/conversation"]
