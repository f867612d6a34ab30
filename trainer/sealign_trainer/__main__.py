"""`python -m sealign_trainer COMMAND …`: arguments only; each command is a module, read when it is asked for."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from .errors import EXIT_CODE, TrainerError

#: Command: the module with `add_arguments(parser)` and `run(args) -> int`, and what it does.
COMMANDS: dict[str, tuple[str, str]] = {
    "plan": ("plan", "say what a run will take: tokens, bins, memory and time, without a GPU"),
    "train": ("train", "train a run: SFT, DPO or both; goes on where it was stopped"),
    "merge": ("merge", "write a model with an adapter merged into its weights"),
    "export": ("export", "write what a stage learnt as a folder that vLLM serves"),
    "tiny": ("tiny", "write a tiny random model for tests"),
    "lint": ("lint", "check what will be learnt, and show its tokens"),
}


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0 also where a Run was stopped in good order, else errors.EXIT_CODE."""
    words = list(sys.argv[1:] if words is None else words)
    name = words[0] if words else "--help"
    if name in ("-h", "--help"):
        print(_help())
        return 0 if words else EXIT_CODE["usage"]
    if name not in COMMANDS:
        print(f"sealign_trainer: {name}: no such command\n{_help()}", file=sys.stderr)
        return EXIT_CODE["usage"]
    module_name, summary = COMMANDS[name]
    try:
        module = importlib.import_module(f".{module_name}", __package__)
        parser = argparse.ArgumentParser(prog=f"sealign_trainer {name}", description=summary)
        module.add_arguments(parser)
        return int(module.run(parser.parse_args(words[1:])))
    except TrainerError as error:
        print(f"sealign_trainer {name}: {error.message}", file=sys.stderr)
        if error.hint is not None:
            print(error.hint, file=sys.stderr)
        return error.exit_code


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(["usage: python -m sealign_trainer COMMAND [--help] …", "", *lines])


if __name__ == "__main__":
    code = main()
    # Read only here: it brings PyTorch, which a mistyped command can do without.
    if "torch" in sys.modules:
        from .distributed import leave

        leave(code)
    sys.exit(code)
