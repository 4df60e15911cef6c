"""The pages and the documents: their heads, and what the documents promise of each call and channel."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability

JSON = "application/json"


def first_line(text: str) -> str:
    """A page is not contract; that it is one is."""
    return text.partition("\n")[0][:60]


def calls(document: Any) -> dict[str, Any]:
    """Of OpenAPI: what each call takes and answers, without the prose and the schemas' names."""

    def fields(schema: Any) -> Any:
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        needed = schema.get("required", ())
        return {name: "needed" if name in needed else "optional" for name in sorted(schema.get("properties", ()))}

    def call(found: Any) -> dict[str, Any]:
        asked = found.get("requestBody")
        return {
            "parameters": {each["name"]: each["in"] for each in found.get("parameters", ())},
            **({"body": fields(asked["content"][JSON]["schema"])} if asked else {}),
            "answers": {
                f"HTTP {status}": {
                    kind: fields(what["schema"]) if "schema" in what else {} for kind, what in content.items()
                }
                if (content := answer.get("content", {})) and not status.startswith(("4", "5"))
                else sorted(content)
                for status, answer in sorted(found["responses"].items())
            },
        }

    return {
        f"{method.upper()} {path}": call(found)
        for path, methods in sorted(document["paths"].items())
        for method, found in sorted(methods.items())
        if method in ("get", "post", "put", "patch", "delete")
    }


def frames(document: Any) -> dict[str, Any]:
    """Of AsyncAPI: the fields of each message."""
    messages = document["components"]["messages"]
    schemas = document["components"].get("schemas", {})

    def schema_of(message: Any) -> Any:
        found = message["payload"]
        while "$ref" in found:
            found = schemas[found["$ref"].rpartition("/")[2]]
        return found

    return {
        name: {each: "needed" if each in schema.get("required", ()) else "optional" for each in schema["properties"]}
        for name, message in sorted(messages.items())
        if "properties" in (schema := schema_of(message))
    }


CAPABILITY = Capability(
    "pages",
    [
        Ask("the guest's page", "GET /", shows=first_line, keep="guest"),
        Ask("the guest's page as it is known", "GET /", headers={"If-None-Match": "{guest.etag}"}),
        Ask("the guest's page's head", "HEAD /"),
        Ask("the account page", "GET /account", shows=first_line),
        Ask("the account page's head", "HEAD /account"),
        Ask("the REST documentation", "GET /docs", shows=first_line),
        Ask("the REST documentation's head", "HEAD /docs"),
        Ask("the REST documentation, the other", "GET /redoc", shows=first_line),
        Ask("the REST documentation, the other's head", "HEAD /redoc"),
        Ask("OpenAPI", "GET /openapi.json", shows=calls, keep="openapi"),
        Ask("OpenAPI as it is known", "GET /openapi.json", headers={"If-None-Match": "{openapi.etag}"}),
        Ask("OpenAPI's head", "HEAD /openapi.json"),
        Ask("AsyncAPI", "GET /asyncapi.json", shows=frames, keep="asyncapi"),
        Ask("AsyncAPI as it is known", "GET /asyncapi.json", headers={"If-None-Match": "{asyncapi.etag}"}),
        Ask("AsyncAPI's head", "HEAD /asyncapi.json"),
        Ask("a page can't be posted", "POST /docs", {}),
    ],
)
