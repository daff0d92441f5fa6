"""What every operation of the API has in common, written into the OpenAPI description once."""

from typing import Any, Final

from cango_ops.base.problems import MEDIA_TYPE

REFUSALS: Final = {
    "400": "A parameter is wrong; `parameters` names it.",
    "401": "No sign-in, or a token that is unknown, revoked or expired.",
    "403": "You, or your token, may not do this.",
    "404": "There is nothing here that you may see.",
    "405": "The address does not take this method.",
    "406": "The address has no such format.",
    "429": "Too many requests this minute; `Retry-After` says how long to wait.",
    "503": "The database does not answer, or not in time; `Retry-After` says when to ask again.",
}
OF_WRITES: Final = {
    "409": "As things stand this cannot be: what it rests on was changed, or the id was used for something else.",
    "415": "The address takes no content of this type.",
}
METHODS: Final = {"get", "post", "put", "patch", "delete"}

TEXT: Final = {"type": "string"}
PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "A word that programs can rely on."},
        "detail": {"type": "string", "description": "One sentence for people."},
        "instance": {"type": "string", "format": "uri-reference"},
        "parameters": {
            "type": "array",
            "items": {"type": "object", "required": ["name", "reason"], "properties": {"name": TEXT, "reason": TEXT}},
        },
        "id": {"type": "string", "description": "Finds an unforeseen error in the log."},
    },
}


def say_the_rest(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's hook: the refusals of every operation, the ETag of every answer."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for method, operation in operations.items():
            if method in METHODS:
                complete(method, operation)
    return result


def complete(method: str, operation: dict[str, Any]) -> None:
    for status, description in (REFUSALS | (OF_WRITES if method == "post" else {})).items():
        operation["responses"].setdefault(status, refusal(description))
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and parameter["schema"].get("type") == "string":
            parameter["schema"].setdefault("minLength", 1)
    for answer in operation["responses"].values():
        for media_type, content in answer.get("content", {}).items():
            if media_type == "text/csv":
                content["schema"] = TEXT
    if method == "get":
        operation["responses"]["200"]["headers"] = {"ETag": {"schema": TEXT}}
        operation["responses"]["304"] = {"description": "You hold this answer already (`If-None-Match`)."}


def refusal(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
