"""The OpenAPI document, with the schemas of responses and bodies under the names that they really have."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema
from starlette.routing import BaseRoute

_REFERENCES = "#/components/schemas/{model}"
_body_models: set[type[BaseModel]] = set()
"""The documents that routes read themselves."""


class AsDumped(GenerateJsonSchema):
    """Schemas of models as `model_dump_json` writes them: an alias counts only where the model is written with it."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return the schema of a model, under aliases if its configuration says so."""
        outer, self.by_alias = self.by_alias, bool(schema["cls"].model_config.get("serialize_by_alias"))
        try:
            return super().model_schema(schema)
        finally:
            self.by_alias = outer


def body_of(*documents: type[BaseModel]) -> dict[str, Any]:
    """Return the description of a body that is one of these documents, for FastAPI's `openapi_extra`.

    The route reads the body itself, with the same code and the same words as the client in Python.
    """
    references = [{"$ref": _REFERENCES.format(model=document.__name__)} for document in documents]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    _body_models.update(documents)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def openapi_document(api: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document; it is made once."""
    if api.openapi_schema is None:
        document = get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
        schemas = document["components"]["schemas"]
        schemas.update(_definitions(_body_models, "validation", GenerateJsonSchema))
        schemas.update(_response_schemas(list(_api_routes(api.routes))))
        api.openapi_schema = document
    return api.openapi_schema


def _api_routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif router := getattr(route, "original_router", None):  # FastAPI's, around an included router
            yield from _api_routes(router.routes)


def _response_schemas(routes: list[APIRoute]) -> dict[str, Any]:
    """Return the schemas of responses; FastAPI would describe them under the partner API's names."""
    responses = [response.get("model") for route in routes for response in route.responses.values()]
    found = [route.response_model for route in routes] + responses
    models = {model for model in found if isinstance(model, type) and issubclass(model, BaseModel)}
    return _definitions(models, "serialization", AsDumped)


def _definitions(models: set[type[BaseModel]], mode: Any, generator: type[GenerateJsonSchema]) -> dict[str, Any]:
    ordered = [(model, mode) for model in sorted(models, key=lambda model: model.__name__)]
    _, schema = models_json_schema(ordered, ref_template=_REFERENCES, schema_generator=generator)
    definitions: dict[str, Any] = schema.get("$defs", {})
    return definitions
