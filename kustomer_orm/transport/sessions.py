"""One `requests.Session` per thread and process, without cookies and without the environment."""

from __future__ import annotations

import os
import threading
import weakref
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from kustomer_orm.errors import ConfigurationError


class _Session(requests.Session):
    """A session that leaves redirects alone: `requests` prepares the next request unasked."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None


class Sessions:
    """The sessions of one client.

    `requests` reads proxies and certificates from the environment on every call, which costs a
    third of it: they are read once here, and honoured. A `.netrc` is not: its entry would take
    the place of the API key.
    """

    def __init__(self, base_url: str) -> None:
        self._forget()
        # Plain http stays on this machine: a proxy would be shown the key.
        local = base_url.startswith("http:")
        self._proxies = {} if local else get_environ_proxies(base_url)
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        if bundle and not Path(bundle).exists():
            raise ConfigurationError("REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names no file")
        self._verify = bundle or True

    def _forget(self) -> None:
        """Start without sessions; the lock is new, since a fork may have copied a held one."""
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._process = os.getpid()  # last: other threads of the child may look already

    def get(self) -> requests.Session:
        """Give this thread's session; a forked child gets its own, the parent's is left alone."""
        if self._process != os.getpid():
            self._forget()
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._make()
            with self._lock:
                self._all.add(session)
        return session

    def _make(self) -> requests.Session:
        session = _Session()
        session.trust_env = False
        session.proxies.update(self._proxies)
        session.verify = self._verify
        agent = f"kustomer_orm/{version('kustomer_orm')}"
        session.headers.update({"User-Agent": agent, "Accept": "application/json"})
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=0))
        return session

    def close_mine(self) -> None:
        """Close this thread's connections; the next request opens new ones."""
        session = getattr(self._local, "session", None)
        if session is not None and self._process == os.getpid():
            session.close()

    def close(self) -> None:
        """Close the connections of all threads; the next request opens new ones."""
        if self._process != os.getpid():
            self._forget()  # the parent's lock may be held for ever here
        with self._lock:
            sessions = list(self._all)
        for session in sessions:
            session.close()
