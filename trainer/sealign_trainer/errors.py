"""What can go wrong, by name: every error that a person can do something about."""

from typing import Final, Literal

ErrorName = Literal[
    "usage", "settings", "trees", "tokenizer", "weights", "data", "memory", "non-finite", "lost-rank", "disk", "bug"
]

EXIT_CODE: Final[dict[ErrorName, int]] = {
    "usage": 2,
    "settings": 2,
    "trees": 9,
    "tokenizer": 8,
    "weights": 4,
    "data": 8,
    "memory": 8,
    "non-finite": 8,
    "lost-rank": 8,
    "disk": 5,
    "bug": 70,
}


class TrainerError(Exception):
    """One clear sentence, what to do about it, and the exit code that goes with its name."""

    def __init__(self, name: ErrorName, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.name: ErrorName = name
        self.message = message
        self.hint = hint

    @property
    def exit_code(self) -> int:
        return EXIT_CODE[self.name]
