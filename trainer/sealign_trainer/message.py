"""Chat messages as templates expect them."""

import json
from typing import Any

from .tree_file import Message


def plain_message(message: Message) -> Message:
    """The message as a server gives it to a template: no content is empty content, and arguments of calls are JSON
    values where they are JSON (vLLM parses them as well; what is no JSON stays text). Other fields stay."""
    plain = {**message, "content": message["content"] or ""}
    calls = plain.pop("tool_calls", None)
    if calls:
        plain["tool_calls"] = [_plain_call(call) for call in calls]
    return plain


def _plain_call(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    return {**call, "function": {**function, "arguments": _parsed(function["arguments"])}}


def _parsed(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    if arguments == "":
        return {}
    try:
        return json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
