"""`kustomer-orm emulate`: the emulator in the foreground, until a signal."""

from __future__ import annotations

import contextlib
import shlex
import signal
from collections.abc import Iterator

import click

from kustomer_orm.cli.failing import CommandError
from kustomer_orm.cli.showing import printable
from kustomer_orm.emulator import Emulator, Exchange

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(host: str, port: int, *, seed: bool, log_requests: bool) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        CommandError: it cannot listen there.
    """
    server = Emulator(host=host, port=port)
    ids = server.seed_demo() if seed else []
    with _interrupted_by_signals(), _logged(wanted=log_requests):
        try:
            _start(server, host, port)
            _announce(server, ids)
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Stopped.")
        finally:
            server.stop()


def _start(server: Emulator, host: str, port: int) -> None:
    try:
        server.start()
    except OSError as error:
        reason = error.strerror or error
        raise CommandError(f"cannot listen on {host}, port {port}: {reason}") from None


def _announce(server: Emulator, ids: list[str]) -> None:
    """Print what another shell needs; whole lines, to be pasted."""
    variables = {
        "KUSTOMER_API_KEY": server.api_key,
        "KUSTOMER_BASE_URL": server.url,
        "KUSTOMER_ORG": server.org,
    }
    holds = f"with {len(ids)} conversations" if ids else "empty"
    click.echo(f"A Kustomer of your own, {holds}: {server.url}")
    click.echo("In another shell:\n")
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    if ids:
        click.echo(f"kustomer-orm get conversation {ids[0]}")
    click.echo("\nCtrl-C stops it.")


@contextlib.contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Have both signals raise KeyboardInterrupt; a shell's background jobs ignore SIGINT."""
    before = {each: signal.signal(each, signal.default_int_handler) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def _logged(*, wanted: bool) -> Iterator[None]:
    """Print each request as it is answered."""
    if not wanted:
        yield
        return
    Emulator.observers.append(_log)
    try:
        yield
    finally:
        Emulator.observers.remove(_log)


def _log(exchange: Exchange) -> None:
    line = f"{exchange.method} {exchange.target} {exchange.status}"
    click.echo(printable(line), err=True)
