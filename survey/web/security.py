"""Headers, CSRF, cookies, sizes and numbers in addresses: the same for every page."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from survey.config import Settings

POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "manifest-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
# Style sheets, scripts and fonts are no documents: what guards documents would only be weight.
FOR_PARTS = ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")
PARTS = {"text/css", "text/javascript", "font/woff2", "font/woff"}

LARGEST = 2**31 - 1

csrf = CSRFProtect()


class StoredNumber(IntegerConverter):
    """A number in an address; one that no column can hold names nothing, so nothing is there."""

    def __init__(self, url_map: Map, max: int = LARGEST) -> None:  # noqa: A002
        super().__init__(url_map, max=max)


def init_app(app: Flask, settings: Settings) -> None:
    """Set cookies, limits and headers."""
    prefix = "__Host-" if settings.https else ""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=f"{prefix}xhh",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
        MAX_FORM_PARTS=5000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # the referrer policy sends no referrer to compare
    )
    app.url_map.converters["int"] = StoredNumber
    csrf.init_app(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]

    @app.before_request
    def refuse_null() -> None:
        # PostgreSQL stores no NUL, so an address with one names nothing anywhere.
        if "\x00" in request.path or any("\x00" in value for value in request.args.values()):
            raise NotFound

    @app.after_request
    def set_headers(response: Response) -> Response:
        is_part = request.endpoint == "static" and response.mimetype in PARTS
        for name in FOR_PARTS if is_part else HEADERS:
            response.headers.setdefault(name, HEADERS[name])
        if settings.https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def cookie_name(name: str, settings: Settings, *, is_for_a_path: bool = False) -> str:
    """Return a cookie's name, bound to this host where HTTPS allows it.

    One for a path alone cannot be bound so; it is at least never sent without HTTPS.
    """
    prefix = "__Secure-" if is_for_a_path else "__Host-"
    return f"{prefix}{name}" if settings.https else name
