"""The OpenAPI document, with the schemas of responses under the names that the responses have."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

_REFERENCES = "#/components/schemas/{model}"


def openapi_document(api: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document; it is made once."""
    if api.openapi_schema is None:
        document = get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
        # FastAPI describes answers under the partner API's names, but Baton's own JSON has Python's names throughout.
        document["components"]["schemas"].update(_response_schemas(api))
        api.openapi_schema = document
    return api.openapi_schema


def _response_schemas(api: FastAPI) -> dict[str, Any]:
    routes = [route for route in api.routes if isinstance(route, APIRoute)]
    models = {model for route in routes if _is_model(model := route.response_model)}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schema = models_json_schema(
        [(model, "serialization") for model in ordered], by_alias=False, ref_template=_REFERENCES
    )
    definitions: dict[str, Any] = schema.get("$defs", {})
    return definitions


def _is_model(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, BaseModel)
