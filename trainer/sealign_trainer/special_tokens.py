"""Special tokens of a tokenizer as text: where they stand in a text, and how content is kept apart from them."""

import json
import re
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

from .template import Piece

#: Private use: no text has all of these.
_MARKS = range(0xE000, 0xF900)


class SpecialTokens:
    """Finds a tokenizer's special tokens in text. Tokens that were added but are not special (Qwen2.5's `<tool_call>`)
    are text like any other: every tokenizer reads them in content."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        added = tokenizer.added_tokens_decoder.items()
        self.ids: dict[str, int] = {token.content: number for number, token in added if token.special}
        longest_first = sorted(self.ids, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def within(self, text: str) -> bool:
        return self._pattern.search(text) is not None

    def pieces(self, text: str) -> list[Piece]:
        """The text cut at its special tokens."""
        pieces: list[Piece] = []
        end = 0
        for found in self._pattern.finditer(text):
            if found.start() > end:
                pieces.append(Piece(text[end : found.start()]))
            pieces.append(Piece(found.group(), special=True))
            end = found.end()
        if end < len(text):
            pieces.append(Piece(text[end:]))
        return pieces

    def guard(self, content: Any) -> "Guard":
        """A guard for messages and tools (JSON values) that a template is about to render."""
        text = json.dumps(content, ensure_ascii=False)
        if not self.within(text):
            return Guard(self._pattern, (), "")
        mark = next(chr(code) for code in _MARKS if chr(code) not in text)
        return Guard(self._pattern, sorted({found.group() for found in self._pattern.finditer(text)}), mark)


class Guard:
    """Keeps special tokens in content apart from those that a template writes: it renders stand-ins for them."""

    def __init__(self, pattern: re.Pattern[str], tokens: Sequence[str], mark: str) -> None:
        self._pattern = pattern
        self._mark = mark
        self._tokens = tokens
        self._places = {token: f"{mark}{number}{mark}" for number, token in enumerate(tokens)}

    def hide(self, value: Any) -> Any:
        """The JSON value with stand-ins in its texts."""
        if not self._places:
            return value
        if isinstance(value, str):
            return self._pattern.sub(lambda found: self._places[found.group()], value)
        if isinstance(value, list | tuple):
            return [self.hide(each) for each in value]
        if isinstance(value, dict):
            return {self.hide(key): self.hide(each) for key, each in value.items()}
        return value

    def show(self, text: str) -> str:
        """The text with the special tokens back in their places."""
        if not self._places:
            return text
        mark = re.escape(self._mark)
        return re.sub(f"{mark}(\\d+){mark}", lambda found: self._tokens[int(found.group(1))], text)
