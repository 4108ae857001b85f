"""One `requests.Session` per thread and process, without cookies and without the environment."""

from __future__ import annotations

import os
import threading
import weakref
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

_USER_AGENT = f"kustomer_orm/{version('kustomer_orm')}"


class Sessions:
    """The sessions of one client.

    `requests` reads proxies and certificates from the environment on every call, which costs a
    third of it: they are read once here, and honoured. A `.netrc` is not: its entry would take
    the place of the API key.
    """

    def __init__(self, base_url: str) -> None:
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._proxies = get_environ_proxies(base_url)
        self._verify = (
            os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        )

    def get(self) -> requests.Session:
        """Give this thread's session; a forked child gets its own, the parent's is left alone."""
        held = getattr(self._local, "held", None)
        if held is not None and held[0] == os.getpid():
            return held[1]  # type: ignore[no-any-return]
        session = self._make()
        self._local.held = (os.getpid(), session)
        with self._lock:
            self._all.add(session)
        return session

    def _make(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.proxies.update(self._proxies)
        session.verify = self._verify
        session.headers.update({"User-Agent": _USER_AGENT, "Accept": "application/json"})
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=0))
        return session

    def close_mine(self) -> None:
        """Close this thread's connections; the next request opens new ones."""
        held = getattr(self._local, "held", None)
        if held is not None and held[0] == os.getpid():
            held[1].close()

    def close(self) -> None:
        """Close the connections of all threads; the next request opens new ones."""
        with self._lock:
            sessions = list(self._all)
        for session in sessions:
            session.close()
