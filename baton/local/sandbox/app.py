"""The sandbox as an ASGI application: partner API, admin API, and error envelopes for every other path."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from baton.local.sandbox.admin.endpoints import admin_routes
from baton.local.sandbox.admin.origins import OriginGuard
from baton.local.sandbox.api.endpoints import partner_routes
from baton.local.sandbox.api.journal import Journal
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError


def create_app(world: SandboxWorld) -> Starlette:
    """Return the application of one sandbox. Its start resumes open orders and deliveries, its shutdown stops them."""
    journal = Journal(world.clock)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        world.resume()
        try:
            yield
        finally:
            await world.close()

    return Starlette(
        routes=[*partner_routes(world, journal), *admin_routes(world, journal)],
        lifespan=lifespan,
        middleware=[Middleware(OriginGuard, open_admin=world.options.open_admin)],
        exception_handlers={HTTPException: _refuse, Exception: _fail},
    )


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    refusal = ApiError(code, f"{request.method} {request.url.path}: {error.detail}", status=error.status_code)
    return JSONResponse(refusal.envelope, refusal.status, error.headers)


async def _fail(_: Request, __: Exception) -> Response:
    failure = ApiError("internal_error", "the sandbox failed; see its log for the reason")
    return JSONResponse(failure.envelope, failure.status)
