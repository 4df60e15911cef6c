"""A lint of the two documents: OpenAPI by openapi-spec-validator, AsyncAPI by its own schema, and the words of both.

JSON Schema takes any word, so a misspelt one says nothing to anybody: each schema may use the words of its dialect
alone. asyncapi-3.0.0.schema.json is AsyncAPI's schema, of @asyncapi/specs 6.11.1 (Apache License 2.0).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from jsonschema import Draft7Validator, Draft202012Validator  # noqa: E402 - the path comes first
from jsonschema_specifications import REGISTRY  # noqa: E402 - the path comes first
from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: E402 - the path comes first

from hub.live import asyncapi  # noqa: E402 - found by the path above
from hub.rest import openapi  # noqa: E402 - found by the path above

VOCABULARIES = ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content")
WORDS = {
    word
    for name in VOCABULARIES
    for word in REGISTRY.contents(f"https://json-schema.org/draft/2020-12/meta/{name}")["properties"]
} | {"discriminator", "xml", "externalDocs", "example", "definitions"}
"""What a schema may say: JSON Schema 2020-12 and what OpenAPI adds; AsyncAPI's dialect, draft 7, has no other words."""
OF_NAMES = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
OF_SCHEMAS = {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"}
OF_LISTS = {"anyOf", "oneOf", "allOf", "prefixItems"}


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a document that stands under ``schema``, ``payload`` or ``components.schemas``."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("schema", "payload") and isinstance(value, dict):
                yield value
            elif key == "schemas" and isinstance(value, dict):
                yield from value.values()
            yield from schemas(value)
    elif isinstance(node, list):
        for each in node:
            yield from schemas(each)


def faults(schema: Any, path: str) -> Iterator[str]:
    """Words that nobody knows, and defaults that are not allowed, at any depth of a schema."""
    if not isinstance(schema, dict):
        return
    for word, value in schema.items():
        if word not in WORDS and not word.startswith("x-"):
            yield f"{path}: no word of JSON Schema: {word}"
        if word in OF_NAMES:
            for name, each in value.items():
                yield from faults(each, f"{path}.{name}")
        elif word in OF_SCHEMAS:
            yield from faults(value, f"{path}.{word}")
        elif word in OF_LISTS:
            for number, each in enumerate(value):
                yield from faults(each, f"{path}.{word}[{number}]")
    if "default" in schema and "$ref" not in str(schema):
        for error in Draft202012Validator(schema).iter_errors(schema["default"]):
            yield f"{path}: its default is not allowed: {error.message}"


def main() -> None:
    """Exit with what is wrong, or with 0."""
    rest, live = (json.loads(json.dumps(each.document())) for each in (openapi, asyncapi))
    wrong = [f"OpenAPI: {list(e.absolute_path)}: {e.message}" for e in OpenAPIV31SpecValidator(rest).iter_errors()]
    its_schema = json.loads((HERE / "asyncapi-3.0.0.schema.json").read_text())
    wrong += [f"AsyncAPI: {list(e.absolute_path)}: {e.message}" for e in Draft7Validator(its_schema).iter_errors(live)]
    found = [(name, schema) for name, each in (("OpenAPI", rest), ("AsyncAPI", live)) for schema in schemas(each)]
    wrong += [fault for name, schema in found for fault in faults(schema, f"{name}: {schema.get('title', '')}")]
    if wrong:
        sys.exit("documents:\n" + "\n".join(dict.fromkeys(wrong)))
    print(f"documents: OpenAPI and AsyncAPI are well-formed, {len(found)} schemas use known words")


main()
