"""`kustomer-orm demo`: tells the story, shows what crossed the wire, and checks it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, NamedTuple, ParamSpec, TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from kustomer_orm import Change, Client
from kustomer_orm.cli import showing, story
from kustomer_orm.cli.failing import CommandError
from kustomer_orm.emulator import Emulator

P = ParamSpec("P")
T = TypeVar("T")

_INSET = (0, 0, 0, 2)
_PATH = "/v1/conversations/58228e05d4e96711004eccb7"


class Sent(NamedTuple):
    """A request that has to cross the wire: no more, no less."""

    method: str
    path: str
    body: Any = None


LOAD = Sent("GET", _PATH)
SAVE = Sent(
    "PATCH",
    _PATH,
    {
        "name": "Refund for order 1234",
        "status": "done",
        "custom": {
            "refundAmountNum": 12.5,
            "dueAt": "2026-12-04T17:00:00.000Z",
            "vipBool": False,
            "reasonTree": None,
        },
    },
)
ADD_TAG = Sent("POST", f"{_PATH}/tags", ["refund"])
SAVE_OURS = Sent("PATCH", _PATH, {"priority": 1})


class Stage:
    """Prints the steps of the demo, and compares each with what the server saw."""

    def __init__(self, console: Console, server: Emulator) -> None:
        self._console = console
        self._server = server
        self._seen = 0
        self.steps = 0

    def step(self, title: str) -> None:
        """Begin a step."""
        self.steps += 1
        self._console.print()
        self._console.print(Rule(Text(f"{self.steps}. {title}", "bold"), align="left", style="dim"))

    def run(self, gives: str, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Show the code of a function, and run it; `gives` names what it returns."""
        self._show(showing.python(code_of(act, gives)))
        return act(*args, **kwargs)

    def changes(self, changes: Mapping[str, Change]) -> None:
        """Show changes by name."""
        self._show(showing.changes(changes))

    def say(self, words: str) -> None:
        """Say something about what is above."""
        self._show(Text(words, "italic"))

    def wire(self, *expected: Sent) -> None:
        """Show the requests since the last call, and compare them.

        Raises:
            CommandError: they are not exactly those that were expected.
        """
        arrived = self._server.requests[self._seen :]
        self._seen += len(arrived)
        for exchange in arrived:
            self._show(showing.request(exchange.method, exchange.path, exchange.body))
            self._show(Text(f"answered {exchange.status}", "green"))
        if not arrived:
            self._show(Text("no request", "green"))
        crossed = [Sent(each.method, each.path, each.body) for each in arrived]
        self.check("what crossed the wire", crossed, list(expected))

    def check(self, what: str, found: Any, expected: Any) -> None:
        """Compare what was found with what the demo promises.

        Raises:
            CommandError: they differ.
        """
        if found != expected:
            facts = f"expected {showing.as_json(expected)}, found {showing.as_json(found)}"
            raise CommandError(f"step {self.steps}: {what} is not as promised: {facts}")

    def _show(self, thing: Any) -> None:
        self._console.print(Padding(thing, _INSET, expand=False))


def run(console: Console) -> None:
    """Play the demo on an emulator of its own."""
    with Emulator() as server:
        server.seed_demo()
        play(console, server)


def play(console: Console, server: Emulator) -> None:
    """Play the demo on this emulator, which holds the demo's records.

    Raises:
        CommandError: something was not as the demo promises.
        APIError: a request went wrong.
    """
    console.print(Text(f"kustomer_orm {version('kustomer_orm')}: fetch, modify, save", "bold"))
    console.print(f"against an emulator of the API at {server.url}, on this machine alone\n")
    declared = showing.python(inspect.getsource(story.SupportConversation))
    console.print(Padding(declared, _INSET, expand=False))
    stage = Stage(console, server)
    # All that the environment could set is set here: the demo is the same everywhere.
    with Client(
        server.api_key,
        org="demo",
        base_url=server.url,
        name="demo",
        timeout=10.0,
        deadline=20.0,
        retry=0,
        conflict="verify",
        strict_loading=False,
    ):
        _tell(stage, server)
    _sum_up(console, server, stage)


def _tell(stage: Stage, server: Emulator) -> None:
    stage.step("Load a conversation")
    conversation = stage.run("conversation", story.load)
    stage.wire(LOAD)

    stage.step("Change attributes, standard and custom")
    stage.run("", story.change, conversation)
    stage.changes(conversation.changes)
    stage.wire()

    stage.step("Edit a list in place")
    stage.run("", story.append, conversation)
    stage.changes({"tags": conversation.changes["tags"]})
    stage.wire()

    stage.step("Save: the difference, and nothing else")
    stage.run("result", story.save, conversation)
    stage.wire(SAVE, ADD_TAG)
    stage.say("Adding tags is a request of its own: two people who add tags both keep theirs.")

    stage.step("Save again")
    stage.run("result", story.save, conversation)
    stage.wire()

    stage.step("Change attributes, and change them back")
    stage.run("result", story.set_and_revert, conversation)
    stage.wire()

    stage.step("Meanwhile, a colleague writes; then we save another attribute")
    stage.run("", story.colleague, server.world)
    result = stage.run("result", story.save_ours, conversation)
    stage.wire(SAVE_OURS)
    stage.say("The colleague's value stays, and result.foreign tells what has moved:")
    stage.changes(result.foreign)
    stage.check("result.others_wrote", result.others_wrote, expected=True)
    stored = server.world.get("conversation", str(conversation.id))["attributes"]
    kept = {name: stored.get(name) for name in ("name", "priority")}
    stage.check("what is stored", kept, {"name": "Broken mug", "priority": 1})


def _sum_up(console: Console, server: Emulator, stage: Stage) -> None:
    methods = Counter(each.method for each in server.requests)
    words = ", ".join(f"{count} {method}" for method, count in methods.items())
    console.print(Rule(style="dim"))
    console.print(
        f"{stage.steps} steps, {methods.total()} requests ({words}): each carried what had changed "
        "and nothing else."
    )
    console.print("Read on in docs/tutorial.md. To try it by hand: kustomer-orm emulate")


def code_of(act: Callable[..., Any], gives: str) -> str:
    """Give the lines of a function's body; what it returns is assigned to the name `gives`.

    >>> code_of(story.save, "result")
    'result = conversation.save()'
    """
    source = inspect.getsource(act)
    function = ast.parse(source).body[0]
    documented = function.body[1].lineno if isinstance(function, ast.FunctionDef) else 1
    body = textwrap.dedent("\n".join(source.splitlines()[documented - 1 :]))
    return body.replace("return ", f"{gives} = ")
