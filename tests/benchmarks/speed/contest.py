"""Bring everybody together: who takes part, and one whole run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from speed.budgets import OURS, OURS_WITH_ORJSON
from speed.contenders.contender import Contender, Tracker
from speed.contenders.gitlab_objects import GitlabObjects
from speed.contenders.marshmallow_snapshot import MarshmallowSnapshot
from speed.contenders.mongoengine_documents import MongoengineDocuments
from speed.contenders.plain_dicts import PlainDicts
from speed.contenders.pyairtable_orm import PyairtableOrm
from speed.contenders.stripe_objects import StripeObjects
from speed.conversations import PAGE_SIZE, pages
from speed.evidence import findings
from speed.figures import IMPORT_REFERENCE, Figures, Memory
from speed.imports import time_imports
from speed.memory import weigh
from speed.stopwatch import time_rounds
from speed.twice import load_ours, orjson_installed

MODULES: Final = {
    IMPORT_REFERENCE: IMPORT_REFERENCE,
    OURS: "kustomer_orm",
    OURS_WITH_ORJSON: "kustomer_orm",
    "pyairtable.orm": "pyairtable.orm",
    "python-gitlab": "gitlab",
    "stripe": "stripe",
    "mongoengine": "mongoengine",
    "marshmallow": "marshmallow",
}


@dataclass(frozen=True)
class Size:
    """How much a run measures."""

    conversations: int = 20_000
    rounds: int = 5
    weighed: int = 2_000
    import_turns: int = 11
    seed: int = 8


def peers() -> list[Tracker]:
    """Make the contenders that are not ours."""
    return [
        PyairtableOrm(),
        GitlabObjects(),
        StripeObjects(),
        MongoengineDocuments(),
        MarshmallowSnapshot(),
    ]


def ours() -> list[Tracker]:
    """Make our contenders: without orjson, and with it where it is installed."""
    plain = load_ours(OURS, with_orjson=False)
    if not orjson_installed():
        return [plain]
    return [plain, load_ours(OURS_WITH_ORJSON, with_orjson=True)]


def run(trackers: Sequence[Tracker], size: Size) -> Figures:
    """Measure the trackers beside json.loads, in one run."""
    names = {contender.name for contender in trackers}
    imports = time_imports(
        {name: text for name, text in MODULES.items() if name in names | {IMPORT_REFERENCE}},
        without_orjson=frozenset({OURS}),
        turns=size.import_turns,
    )
    everybody: list[Contender] = [PlainDicts(), *trackers]
    times = time_rounds(
        everybody, lambda: pages(size.conversations, seed=size.seed), rounds=size.rounds
    )
    weighed = {contender.name: _weighed(contender, size) for contender in trackers}
    return Figures(
        conversations=size.conversations,
        rounds=size.rounds,
        times=times,
        memory={name: memory for name, (memory, _) in weighed.items()},
        parsed=next(parsed for _, parsed in weighed.values()),
        imports=imports,
        remarks=tuple(remark for contender in trackers for remark in _remarks(contender, size)),
    )


def _weighed(contender: Tracker, size: Size) -> tuple[Memory, float]:
    (warm_up,) = pages(PAGE_SIZE, seed=size.seed + 1)
    return weigh(contender, warm_up, pages(size.weighed, seed=size.seed))


def _remarks(contender: Tracker, size: Size) -> list[str]:
    (page,) = pages(PAGE_SIZE, seed=size.seed + 1)
    sentences = [*contender.notes, *findings(contender, page)]
    return [f"{contender.name}: {sentence}" for sentence in sentences]
