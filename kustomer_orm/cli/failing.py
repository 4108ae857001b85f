"""How a command fails: a line for each problem, 2 for bad input, 1 for the rest, no traceback."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Sequence
from typing import Any

import click

from kustomer_orm.cli.showing import printable
from kustomer_orm.errors import APIError, InvalidValueError, KustomerError


class CommandError(click.ClickException):
    """Something did not work out; a line for each problem."""

    exit_code = 1

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems: Sequence[str] = problems

    def show(self, file: Any = None) -> None:
        """Print the problems to the error stream."""
        for problem in self.problems:
            click.echo(f"Error: {printable(problem)}", file=file, err=file is None)


class BadInputError(CommandError):
    """The command line or the environment asks for what cannot be done."""

    exit_code = 2


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Have what the library raises end a command with a line."""
    try:
        yield
    except APIError as error:
        raise CommandError(str(error), *_saved_before(error)) from None
    except InvalidValueError as error:
        raise BadInputError(*map(str, error.errors)) from None
    except KustomerError as error:
        raise BadInputError(str(error)) from None
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # whoever read has had enough: click knows what to do
        place = f"{error.filename}: " if error.filename else ""
        raise CommandError(f"{place}{error.strerror or error}") from None


class Guarded(click.Group):
    """A group whose commands end with a line where the library raised."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with guarded():
            return super().invoke(ctx)


def _saved_before(error: APIError) -> list[str]:
    """Tell what an earlier request of the same save has done."""
    if error.result is None or not error.result.sent:
        return []
    return [f"saved before that: {', '.join(error.result.sent)}"]
