"""What every page needs: somebody who looks at it, and words where Kustomer does not answer."""

import math
import secrets

from django.shortcuts import render

from kustomer_orm.errors import APIError, NotFoundError, RateLimitError


class Person:
    """Gives each browser an identity. This stands for your login: use `request.user` instead.

    The form's token is bound to it, so that nobody sends a form that somebody else was shown.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Answer a request."""
        if "id" not in request.session:
            request.session.update({"id": secrets.token_hex(8), "name": "Guest"})
        return self.get_response(request)


class KustomerErrors:
    """Shows a page of ours where a view met an error of Kustomer's. Django logs the status."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Answer a request."""
        return self.get_response(request)

    def process_exception(self, request, error):
        """Give the page; None leaves any other error to Django."""
        if not isinstance(error, APIError):
            return None
        if isinstance(error, NotFoundError):
            return render(request, "404.html", status=404)
        is_busy = isinstance(error, RateLimitError)
        response = render(
            request, "desk/error.html", {"busy": is_busy}, status=429 if is_busy else 502
        )
        if is_busy and error.retry_after is not None:
            response["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
        return response
