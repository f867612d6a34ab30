"""Qwen2.5's chat template (ChatML with tools): rendered turn by turn, and as a Jinja template for a tokenizer."""

import json
from collections.abc import Sequence
from typing import Any, Final

from .template import Piece, Segment
from .tree_file import Message, TreeLine
from .turns import Turns

START_OF_TURN: Final = "<|im_start|>"
END_OF_TURN: Final = "<|im_end|>"

DEFAULT_SYSTEM: Final = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."

#: Follows the system message where a Task has tools: before their schemas, and after.
TOOLS_BEFORE: Final = (
    "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>"
)
TOOLS_AFTER: Final = (
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments "
    "within <tool_call></tool_call> XML tags:\n<tool_call>\n"
    '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
)


def _jinja_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


#: Renders as the template of Qwen2.5-Coder-Instruct does.
CHAT_TEMPLATE: Final = f"""\
{{%- set leading = messages[0].content if messages[0].role == 'system' else {_jinja_text(DEFAULT_SYSTEM)} -%}}
{{{{- '<|im_start|>system\\n' + leading -}}}}
{{%- if tools -%}}
  {{{{- {_jinja_text(TOOLS_BEFORE)} -}}}}
  {{%- for tool in tools -%}}
    {{{{- '\\n' -}}}}{{{{- tool | tojson -}}}}
  {{%- endfor -%}}
  {{{{- {_jinja_text(TOOLS_AFTER)} -}}}}
{{%- endif -%}}
{{{{- '<|im_end|>\\n' -}}}}
{{%- for message in messages -%}}
  {{%- if message.role == 'tool' -%}}
    {{%- if loop.first or loop.previtem.role != 'tool' -%}}
      {{{{- '<|im_start|>user' -}}}}
    {{%- endif -%}}
    {{{{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' -}}}}
    {{%- if loop.last or loop.nextitem.role != 'tool' -%}}
      {{{{- '<|im_end|>\\n' -}}}}
    {{%- endif -%}}
  {{%- elif message.role == 'assistant' and message.tool_calls -%}}
    {{{{- '<|im_start|>assistant' -}}}}
    {{%- if message.content -%}}
      {{{{- '\\n' + message.content -}}}}
    {{%- endif -%}}
    {{%- for call in message.tool_calls -%}}
      {{%- set called = call.function if call.function is defined else call -%}}
      {{{{- '\\n<tool_call>\\n{{"name": "' -}}}}{{{{- called.name -}}}}
      {{{{- '", "arguments": ' -}}}}{{{{- called.arguments | tojson -}}}}
      {{{{- '}}\\n</tool_call>' -}}}}
    {{%- endfor -%}}
    {{{{- '<|im_end|>\\n' -}}}}
  {{%- elif message.role != 'system' or not loop.first -%}}
    {{{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' -}}}}
  {{%- endif -%}}
{{%- endfor -%}}
{{%- if add_generation_prompt -%}}
  {{{{- '<|im_start|>assistant\\n' -}}}}
{{%- endif -%}}
"""

_START: Final = Piece(START_OF_TURN, special=True)
_END: Final = Piece(END_OF_TURN, special=True)
_NEWLINE: Final = Piece("\n")
_REPLY: Final = "assistant\n"


class QwenTemplate:
    """Template `qwen2.5`, in time linear in the text: what it writes for a turn depends on that turn alone."""

    def render(self, line: TreeLine, turns: Turns) -> list[Segment]:
        return [
            _prompt(turn.messages, line.tools)
            if turn.parent < 0
            else _reply(turn.messages[0])
            if turn.is_action
            else (_NEWLINE, *_opening(_bodies(turn.messages)))
            for turn in turns.turns
        ]


def _prompt(messages: Sequence[Message], tools: Sequence[Any] | None) -> Segment:
    leads = messages[0]["role"] == "system"
    leading = messages[0]["content"] if leads else DEFAULT_SYSTEM
    if tools:
        leading = "".join([leading, TOOLS_BEFORE, *(f"\n{_json(tool)}" for tool in tools), TOOLS_AFTER])
    return _opening([f"system\n{leading}", *_bodies(messages[1:] if leads else messages)])


def _reply(message: Message) -> Segment:
    text = _assistant(message).removeprefix(_REPLY)
    return (Piece(text), _END) if text else (_END,)


def _opening(bodies: Sequence[str]) -> Segment:
    """Whole turns, and the words that open the reply to them."""
    turns = [piece for body in bodies for piece in (_START, Piece(body), _END, _NEWLINE)]
    return (*turns, _START, Piece(_REPLY))


def _bodies(messages: Sequence[Message]) -> list[str]:
    """What stands between the tokens that start and end a turn; results of tools that follow each other share one."""
    bodies: list[str] = []
    after_tool = False
    for message in messages:
        role, content = message["role"], message["content"]
        if role == "tool":
            result = f"\n<tool_response>\n{content}\n</tool_response>"
            if after_tool:
                bodies[-1] += result
            else:
                bodies.append(f"user{result}")
        else:
            bodies.append(_assistant(message) if role == "assistant" else f"{role}\n{content}")
        after_tool = role == "tool"
    return bodies


def _assistant(message: Message) -> str:
    calls = [
        f'<tool_call>\n{{"name": "{name}", "arguments": {_json(arguments)}}}\n</tool_call>'
        for name, arguments in _called(message)
    ]
    said = [message["content"]] if message["content"] or not calls else []
    return _REPLY + "\n".join([*said, *calls])


def _called(message: Message) -> list[tuple[str, Any]]:
    functions = [call["function"] for call in message.get("tool_calls", ())]
    return [(function["name"], function["arguments"]) for function in functions]


def _json(value: Any) -> str:
    """As the filter `tojson` of chat templates writes it."""
    return json.dumps(value, ensure_ascii=False)
