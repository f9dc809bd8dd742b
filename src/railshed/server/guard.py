"""What is checked before a request is read: its host and origin, its token, its size, and how long
it takes to come.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from railshed.server.problems import RefusedError, problem_of

#: bytes of a body, and seconds in which it must be there
MOST_BYTES = 2 << 20
MOST_SECONDS = 15.0
COOKIE = "railshed-token"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
    "blob:; "
    "font-src 'self'; worker-src blob:; child-src blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may ask: names by which the server is called, a token ("" where none is needed), and
    other origins.
    """

    #: none: any name, which needs a token
    hosts: Sequence[str] = LOOPBACK
    token: str = ""
    origins: Sequence[str] = ()


class Guard:
    """The checks as ASGI middleware, and the headers that every answer has."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app = app
        self.rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with a problem."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        origin = Headers(scope=scope).get("origin", "")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(scope=message)
                own["X-Content-Type-Options"] = "nosniff"
                own["Referrer-Policy"] = "no-referrer"
                own["Content-Security-Policy"] = _POLICY
                if origin in self.rules.origins:
                    own["Access-Control-Allow-Origin"] = origin
                    own["Vary"] = "Origin"
                if self._given(scope, headers) == "query":
                    own.append(
                        "Set-Cookie",
                        f"{COOKIE}={self.rules.token}; Path=/; HttpOnly; SameSite=Strict",
                    )
            await send(message)

        try:
            self._check(scope, headers, origin)
            body = await _body(headers, receive)
        except RefusedError as refused:
            return await problem_of(refused)(scope, receive, answer)
        if origin in self.rules.origins and scope["method"] == "OPTIONS":
            await answer(
                {
                    "type": "http.response.start",
                    "status": 204,
                    "headers": [
                        (b"access-control-allow-methods", b"GET, POST, DELETE"),
                        (b"access-control-allow-headers", b"authorization, content-type"),
                    ],
                }
            )
            return await answer({"type": "http.response.body"})
        rest = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return rest.pop() if rest else await receive()

        return await self.app(scope, again, answer)

    def _check(self, scope: Scope, headers: Headers, origin: str) -> None:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if self.rules.hosts and host not in self.rules.hosts:
            raise RefusedError(HTTPStatus.FORBIDDEN, "the server is not called by this name")
        own = (
            origin in ("", "null")
            or origin in self.rules.origins
            or urlsplit(origin).netloc == headers.get("host")
        )
        if not own:
            raise RefusedError(HTTPStatus.FORBIDDEN, f"origin {origin[:80]!r} may not ask")
        if origin == "null" and scope["method"] not in ("GET", "HEAD"):
            raise RefusedError(HTTPStatus.FORBIDDEN, "a page from disk may not write")
        if self.rules.token and not self._given(scope, headers) and scope["method"] != "OPTIONS":
            raise RefusedError(
                HTTPStatus.UNAUTHORIZED,
                "a token is needed: `Authorization: Bearer TOKEN`",
                {"WWW-Authenticate": "Bearer"},
            )

    def _given(self, scope: Scope, headers: Headers) -> str:
        """Return where the token is given; "" where it is not, or none is needed."""
        if not self.rules.token:
            return ""
        cookies = SimpleCookie(headers.get("cookie", ""))
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = {
            "header": headers.get("authorization", "").removeprefix("Bearer "),
            "cookie": cookies[COOKIE].value if COOKIE in cookies else "",
            "query": query.get("token", [""])[0],
        }
        own = self.rules.token.encode()
        return next(
            (k for k, v in given.items() if hmac.compare_digest(v.encode("utf-8", "replace"), own)),
            "",
        )


async def _body(headers: Headers, receive: Receive) -> bytes:
    """Return the body of a request, refused where it is too large or too slow."""
    length = headers.get("content-length", "0")
    too_large = f"more than {MOST_BYTES >> 20} MiB"
    if length.isdecimal() and int(length) > 4 * MOST_BYTES:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large)
    parts = []
    size = 0
    try:
        async with asyncio.timeout(MOST_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, "the request was cut off")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > MOST_BYTES:  # read to its end, or the client would not see the answer
                    parts.clear()
                if size > 4 * MOST_BYTES or (
                    size > MOST_BYTES and not message.get("more_body", False)
                ):
                    raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise RefusedError(
            HTTPStatus.REQUEST_TIMEOUT, f"the body was not there within {MOST_SECONDS:g} s"
        ) from None
