"""What machines send: bodies that their handlers read themselves, described in the OpenAPI all the same."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import Operation

ID = {"type": "string", "format": "uuid"}


def takes(**properties: dict[str, Any]) -> type[Operation]:
    """An operation whose JSON body is an object of these properties, all required but those marked `optional`."""
    required = [name for name, schema in properties.items() if not schema.get("optional")]
    plain = {
        name: {key: one for key, one in schema.items() if key != "optional"} for name, schema in properties.items()
    }
    shape = {"type": "object", "properties": plain, "required": required}

    @dataclass
    class Takes(Operation):
        def __post_init__(self) -> None:
            # A plain dictionary goes into the document as it is.
            body: Any = {"required": True, "content": {"application/json": {"schema": shape}}}
            self.request_body = body

    return Takes
