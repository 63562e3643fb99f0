"""`/docs` and `/openapi.json`: the reference of the order API, without scripts and without requests to others."""

import base64
import hashlib
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from jinja2 import Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from baton.gateway.api.schemas import openapi_document

_PAGE = files("baton.gateway.api") / "docs.html.jinja"
_STYLE = files("baton.gateway.api") / "docs.css"


def docs_routes(api: FastAPI) -> list[Route]:
    """Return the routes of the reference."""
    page: list[str] = []
    style = _STYLE.read_text(encoding="utf-8")
    policy = f"default-src 'none'; style-src '{_hash_of(style)}'; base-uri 'none'; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

    async def docs(_: Request) -> Response:
        if not page:
            page.append(_render(openapi_document(api), style))
        return HTMLResponse(page[0], headers=headers)

    async def document(_: Request) -> Response:
        return JSONResponse(openapi_document(api))

    return [Route("/docs", docs), Route("/openapi.json", document)]


def _hash_of(style: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"


def _render(document: dict[str, Any], style: str) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_PAGE.read_text(encoding="utf-8"))
    return template.render(document=document, style=style, operations=_operations(document))


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every call with its method and path, in the order of the document."""
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
