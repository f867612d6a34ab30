"""The model's tokenizer: loaded, and applied to segments of a chat template."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from .errors import TrainerError
from .special_tokens import SpecialTokens
from .template import Piece, Segment
from .token_tree import Ids

#: Characters that are encoded in one call: bounds what the tokenizer's results take, and is enough for every core.
BATCH_CHARACTERS: Final = 4_000_000
#: Texts beside a special token that some tokenizers change: a space or a newline dropped, a space put in front.
_PROBES: Final = ("a", " a", "\n", "\n\na", "a ", "a\n")


def load_tokenizer(model: str) -> PreTrainedTokenizerBase:
    """The tokenizer of a model's folder, or of a model on the hub.

    Raises TrainerError `tokenizer` where there is none, or where it is not one of Hugging Face's fast ones.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(model)
    except Exception as error:  # Whatever a broken file makes transformers raise: OSError, ValueError, KeyError, …
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise TrainerError(
            "tokenizer",
            f"the tokenizer of {model} cannot be loaded: {reason}",
            "A model's folder holds tokenizer.json and tokenizer_config.json beside its config.json.",
        ) from error
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise TrainerError("tokenizer", f"the tokenizer of {model} has no tokenizer.json, and no other kind is read")
    return tokenizer


class TokenEncoder:
    """Segments as ids. Of special tokens it knows those that a template wrote; in text they are ordinary characters."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, special: SpecialTokens) -> None:
        self._backend = tokenizer.backend_tokenizer
        # A tokenizer.json may ask for these; nothing is ever cut or filled up here.
        self._backend.no_truncation()
        self._backend.no_padding()
        self._special = special
        self._ids: dict[str, Ids] = {}

    def encode(self, segments: Sequence[Segment]) -> list[Ids]:
        """The ids of each segment; every segment, and every text between special tokens, is encoded by itself.

        Raises TrainerError `tokenizer` for a template's special token that the tokenizer does not have.
        """
        texts = dict.fromkeys(piece.text for segment in segments for piece in segment if not piece.special)
        known = dict(zip(texts, self._encoded([*texts]), strict=True))
        return [
            np.concatenate([self.special(piece) if piece.special else known[piece.text] for piece in segment])
            for segment in segments
        ]

    def special(self, piece: Piece) -> Ids:
        if piece.text not in self._ids:
            self._ids[piece.text] = self._checked(piece.text)
        return self._ids[piece.text]

    def _encoded(self, texts: Sequence[str]) -> Iterator[Ids]:
        before = self._backend.encode_special_tokens
        self._backend.encode_special_tokens = True
        try:
            for batch in _batches(texts):
                valid = [_without_surrogates(text) for text in batch]
                for encoding in self._backend.encode_batch_fast(valid, add_special_tokens=False):
                    yield np.array(encoding.ids, dtype=np.int32)
        finally:
            self._backend.encode_special_tokens = before

    def _checked(self, token: str) -> Ids:
        number = self._special.ids.get(token)
        if number is None:
            raise TrainerError(
                "tokenizer",
                f"the tokenizer has no special token {token}, which the chat template writes",
                "Template and tokenizer are of different models: write template: 'model' in the lines of trees.jsonl.",
            )
        for probe in _PROBES:
            alone = self._plain(probe)
            if self._plain(token + probe) != [number, *alone] or self._plain(probe + token) != [*alone, number]:
                raise TrainerError(
                    "tokenizer",
                    f"the tokenizer changes text beside {token} ({probe!r}), so a reply would not have the tokens that "
                    "it has at inference; expected a byte-level tokenizer such as Qwen2.5's",
                )
        return np.array([number], dtype=np.int32)

    def _plain(self, text: str) -> list[int]:
        return self._backend.encode(text, add_special_tokens=False).ids


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _without_surrogates(text: str) -> str:
    """The text with U+FFFD for halves of surrogate pairs: JSON can hold them (text that was cut off), UTF-8 cannot."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
