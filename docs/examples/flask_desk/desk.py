"""A small support desk on Kustomer: a list, and a form that can stay open while others write.

Start it by `python run.py`. To put it into production, set SECRET_KEY and give the app to your WSGI
server: `gunicorn 'desk:create_app()'`.
"""

from __future__ import annotations

import os
import secrets

from flask import Flask, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.exceptions import HTTPException

from kustomer_orm import Conversation, custom
from kustomer_orm.contrib.flask import KustomerORM
from kustomer_orm.forms import fields_of, related_choices

PAGE = 25
MOST = 500

# The attributes that the form shows, and the only ones that it can change.
FIELDS = (
    "name",
    "status",
    "priority",
    "tags",
    "assigned_users",
    "order_number",
    "refund",
    "due",
    "is_vip",
    "carrier",
    "note",
)

kustomer = KustomerORM()


class Case(Conversation):
    """A conversation with the custom attributes of this organisation."""

    order_number = custom.Str()
    refund = custom.Num("refundAmountNum")
    due = custom.At()
    is_vip = custom.Bool("vipBool")
    carrier = custom.Str(choices=("DHL", "UPS", "Hermes"))
    note = custom.Txt()


def create_app(**config: object) -> Flask:
    """Make the app. KUSTOMER_API_KEY and the like come from the environment, or from `config`."""
    app = Flask(__name__)
    app.config.from_mapping(
        # Without a lasting key, a restart refuses the forms and sessions of before.
        SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_hex(),
        SESSION_COOKIE_SAMESITE="Lax",
        # Records are kept for half a minute; a webhook has what others changed forgotten at once.
        KUSTOMER_CACHE=30,
    )
    app.config.from_mapping(config)
    kustomer.init_app(app)
    if app.config["KUSTOMER_WEBHOOK_KEY"] or os.environ.get("KUSTOMER_WEBHOOK_KEY"):
        app.register_blueprint(kustomer.webhooks_blueprint())  # POST /kustomer/webhooks
    app.before_request(know_the_person)
    app.add_url_rule("/", view_func=conversations)
    app.add_url_rule("/conversations/<id_>", view_func=edit, methods=["GET", "POST"])
    app.add_url_rule("/conversations/<id_>/changed", view_func=changed)
    app.add_url_rule("/name", view_func=name, methods=["GET", "POST"])
    app.register_error_handler(HTTPException, show_error)
    app.extensions["desk"] = LastWrites()
    return app


# -- people ---------------------------------------------------------------------------------------


def know_the_person() -> None:
    """Give each browser an identity. This stands for your login: use `current_user.id` instead.

    The form's token is bound to it, which is also why nobody can send a form in a person's name
    from another site.
    """
    if "id" not in session:
        session.update(id=secrets.token_hex(8), name="Guest")


def name():
    """Let people say who they are; shown in the header, and nothing else."""
    if request.method == "POST":
        session["name"] = request.form.get("name", "").strip()[:40] or "Guest"
        return redirect(url_for("conversations"))
    return render_template("name.html")


# -- pages ----------------------------------------------------------------------------------------


def conversations():
    """List conversations, those updated last on top. Two requests at most, however many there are.

    The search is up to a minute behind, says Kustomer's documentation.
    """
    words, status = request.args.get("q", ""), request.args.get("status", "")
    shown = min(request.args.get("shown", PAGE, type=int), MOST)
    criteria = [Case.name.contains(word) for word in words.split()]
    if status in ("open", "snoozed", "done"):
        criteria.append(Case.status == status)
    found = Case.search(*criteria).order_by(Case.updated_at.desc()).limit(max(shown, 1) + 1)
    cases = list(found.prefetch("customer"))  # all customers in one request, not one for each
    [tags] = related_choices(fields_of(Case, ["tags"]), kustomer.client)
    return render_template(
        "list.html",
        cases=cases[:shown],
        tags=dict(tags.choices),
        more={"q": words, "status": status, "shown": shown + PAGE} if cases[shown:] else None,
    )


def edit(id_: str):
    """Show a conversation, or save what its form brings back."""
    form = kustomer.form(Case, FIELDS, id=id_, user=session["id"], metadata=True)
    if form.save():
        saved = ", ".join(form.saved)
        flash(f"Saved: {saved}." if saved else "Nothing to save.", "success")
        return redirect(url_for("edit", id_=id_))
    return render_template("edit.html", form=form, case=form.record), form.status


def show_error(error: HTTPException):
    """Show what went wrong: 404, 429 and 502 of Kustomer's, 400 of a form too old, and the rest."""
    return render_template("error.html", error=error), error.code, _retry_after(error)


def _retry_after(error: HTTPException) -> dict[str, str]:
    seconds = getattr(error, "retry_after", None)
    return {} if seconds is None else {"Retry-After": str(seconds)}


# -- live -----------------------------------------------------------------------------------------


class LastWrites:
    """Who wrote to a conversation last, as webhooks told it.

    In the memory of this process: several processes need a place that they share, such as Redis.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, str | None]] = {}

    def keep(self, id_: str, rev: int, by: str | None) -> None:
        """Remember a write, and forget the oldest of very many."""
        self._last.pop(id_, None)
        self._last[id_] = (rev, by)
        if len(self._last) > 10_000:
            del self._last[next(iter(self._last))]

    def after(self, id_: str, rev: int) -> tuple[bool, str | None]:
        """Tell whether there was one after a revision, and by whom."""
        last, by = self._last.get(id_, (0, None))
        return last > rev, by


@kustomer.on("conversation.update")
def remember(event):
    """Take what a webhook brings. The cache has forgotten the conversation already."""
    by = event.record.modified_by
    if event.rev is not None:
        current_app.extensions["desk"].keep(event.record.id, event.rev, by and by.id)


def changed(id_: str):
    """Tell an open page whether its conversation has changed. Asks Kustomer for nothing."""
    rev = request.args.get("rev", 0, type=int)
    is_changed, by = current_app.extensions["desk"].after(id_, rev)
    [users] = related_choices(fields_of(Case, ["assigned_users"]), kustomer.client)
    return {"changed": is_changed, "by": dict(users.choices).get(by)}
