"""Template `model`: the chat template that comes with the model's tokenizer, rendered turn by turn."""

from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

from .errors import TrainerError
from .special_tokens import Guard, SpecialTokens
from .template import Piece, Segment, text_of
from .tree_file import Message, TreeLine
from .turns import Turns

#: Characters of text that a message shows around a difference.
SHOWN = 40


class ModelTemplate:
    """Renders every prefix of a conversation anew, so it takes time quadratic in the number of turns.

    What it renders for a prefix has to be what it renders in front of everything that follows; a template that rewrites
    earlier turns (those that drop old reasoning do) would make one prefix several, and is refused.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, special: SpecialTokens) -> None:
        self._tokenizer = tokenizer
        self._special = special

    @property
    def exists(self) -> bool:
        return bool(self._tokenizer.chat_template)

    def render(self, line: TreeLine, turns: Turns) -> list[Segment]:
        if not self.exists:
            raise TrainerError(
                "tokenizer",
                f"{line.place}: template: the model's tokenizer has no chat template",
                "For a model that was trained on ChatML, write template: 'qwen2.5'.",
            )
        messages = [turn.messages for turn in turns.turns]
        guard = self._special.guard([messages, line.tools])
        tools = guard.hide(line.tools)
        texts: list[str] = []
        conversations: list[list[Message]] = []
        segments: list[Segment] = []
        for turn in turns.turns:
            before = texts[turn.parent] if turn.parent >= 0 else ""
            conversation = [*conversations[turn.parent]] if turn.parent >= 0 else []
            conversation += guard.hide(turn.messages)
            text = self.write(line, conversation, tools, opens_reply=not turn.is_action)
            if not text.startswith(before):
                raise _rewritten(line, turn.name, before, text)
            pieces = self._special.pieces(text[len(before) :])
            if turn.is_action:
                pieces = _reply(line, turn.name, pieces)
            conversations.append(conversation)
            texts.append(before + text_of(tuple(pieces)))
            segments.append(_shown(pieces, guard))
        return segments

    def write(self, line: TreeLine, messages: Sequence[Message], tools: Any, *, opens_reply: bool) -> str:
        """The template's text for a conversation; `opens_reply`: with the words that open a reply behind it."""
        try:
            return self._tokenizer.apply_chat_template(
                [*messages], tools=[*tools] if tools else None, tokenize=False, add_generation_prompt=opens_reply
            )
        except Exception as error:  # A template is a program of the model's: it raises what it likes.
            raise TrainerError(
                "tokenizer",
                f"{line.place}: the model's chat template cannot write this conversation: "
                f"{error or type(error).__name__}",
            ) from error


def _reply(line: TreeLine, name: str, pieces: list[Piece]) -> list[Piece]:
    """The pieces up to the token that ends the turn; what follows it belongs to the next turn."""
    ends = [index for index, piece in enumerate(pieces) if piece.special]
    if not ends:
        raise TrainerError(
            "tokenizer",
            f"{line.place}: node {name}: the model's chat template ends a reply with no special token, "
            "so it could not learn to stop",
        )
    return pieces[: ends[-1] + 1]


def _shown(pieces: Sequence[Piece], guard: Guard) -> Segment:
    return tuple(piece if piece.special else Piece(guard.show(piece.text)) for piece in pieces)


def _rewritten(line: TreeLine, name: str, before: str, text: str) -> TrainerError:
    return TrainerError(
        "tokenizer",
        f"{line.place}: node {name}: the model's chat template rewrites earlier turns: {difference(before, text)}",
        "Trees need a template that leaves what was said as it is: give the tokenizer one, or write template: "
        "'qwen2.5' for a model that was trained on ChatML.",
    )


def difference(expected: str, found: str) -> str:
    """Where two texts first differ, in words."""
    at = next(
        (index for index, (one, other) in enumerate(zip(expected, found, strict=False)) if one != other),
        min(len(expected), len(found)),
    )
    start = max(0, at - SHOWN // 2)
    return f"at character {at}, {expected[start : at + SHOWN]!r} became {found[start : at + SHOWN]!r}"
