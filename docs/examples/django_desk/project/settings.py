"""The settings of the desk: what `django-admin startproject` makes, and what Kustomer needs."""

import os
import secrets
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent

# Without a lasting key, a restart refuses the forms and sessions of before.
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_hex()
DEBUG = bool(os.environ.get("DESK_DEBUG"))
ALLOWED_HOSTS = os.environ.get("DESK_HOSTS", "127.0.0.1,localhost").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "kustomer_orm.contrib.django",
    "desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "kustomer_orm.contrib.django.middleware.KustomerMiddleware",
    "desk.middleware.KustomerErrors",
    "desk.middleware.Person",
]

# KUSTOMER_API_KEY, KUSTOMER_ORG and KUSTOMER_WEBHOOK_KEY come from the environment. Records are
# kept for half a minute; a webhook has what others changed forgotten at once.
KUSTOMER = {"default": {"CACHE": "default", "CACHE_TIMEOUT": 30}}

# In the memory of this process: several processes need a cache that they share, such as Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DESK_DATABASE", FOLDER / "desk.sqlite3"),
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = FOLDER / "collected"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
