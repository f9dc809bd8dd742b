"""Mistakes as problem+json (RFC 9457), with the same file, field, value and remedy as on the
command line.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from railshed.util.bilingual import plain_words
from railshed.util.csv_json import plain_values
from railshed.util.errors import InputError, NotFoundError, OutputError, RailshedError
from railshed.util.phrases import issue_kind, issue_remedy

#: of a value that is shown again
_MOST_SHOWN = 80


class Json(Response):
    """JSON of plain values: NaN as null, numpy numbers as numbers."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the text in UTF-8."""
        text = json.dumps(
            plain_values(content), ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
        return text.encode("utf-8", "replace")


class Problem(Json):
    """A problem."""

    media_type = "application/problem+json"


class RefusedError(RailshedError):
    """A request that is too large, too slow, not allowed, or one too many."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})


def problem(
    status: int,
    detail: str,
    issues: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Problem:
    """Return a problem; `issues` have the fields of `errors.Issue`, and in two languages `kind` and
    `mend`.
    """
    title = HTTPStatus(status).phrase
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "issues": list(issues),
    }
    return Problem(body, status, dict(headers or {}))


def problem_of(error: RailshedError, path: Collection[Any] = ()) -> Problem:
    """Return the problem of a mistake: 404 for a name in the path of the request that is not known,
    else 422.
    """
    if isinstance(error, RefusedError):
        return problem(error.status, str(error), headers=error.headers)
    found = error.issues if isinstance(error, InputError) else ()
    said = [
        (asdict(one), issue_kind(one.code), issue_remedy(one.code, one.remedy)) for one in found
    ]
    issues = [
        one | {"kind": plain_words(kind), "mend": plain_words(mend)} for one, kind, mend in said
    ]
    if isinstance(error, OutputError):  # names a place of this machine
        return problem(HTTPStatus.INSUFFICIENT_STORAGE, "the server cannot write its files")
    missing = isinstance(error, NotFoundError) and error.given in path
    return problem(404 if missing else 422, str(error).split("\n", 1)[0], issues)


def add_handlers(app: FastAPI) -> None:
    """Answer every mistake with a problem."""

    @app.exception_handler(RailshedError)
    def mistake(request: Request, error: RailshedError) -> Response:
        return problem_of(error, request.path_params.values())

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        issues = [
            {
                "severity": "error",
                "code": one["type"],
                "message": one["msg"],
                "file": "",
                "row": None,
                "field": ".".join(map(str, one["loc"])),
                "value": str(one.get("input"))[:_MOST_SHOWN],
                "remedy": "",
                "count": 1,
            }
            for one in error.errors()
        ]
        return problem(
            422, f"{len(issues)} problem{'s' if len(issues) > 1 else ''} in the request", issues
        )

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> Response:
        status = 422 if error.status_code == HTTPStatus.BAD_REQUEST else error.status_code
        return problem(status, str(error.detail), headers=error.headers)

    @app.exception_handler(RecursionError)
    def deep(request: Request, error: RecursionError) -> Response:
        return problem(422, "the request is nested too deeply")

    @app.exception_handler(MemoryError)
    def full(request: Request, error: MemoryError) -> Response:
        return problem(
            503,
            "the memory of the server is full; ask for fewer cities",
            headers={"Retry-After": "60"},
        )
