"""`export`: what a stage of a run learnt, as a folder that vLLM serves."""

import argparse
import json
import shlex
import shutil
from pathlib import Path
from typing import Final, get_args

from .adapter import CONFIG, Adapter, read_adapter
from .checkpoint import weight_files, write_json
from .disk import make_folder, whole_folder
from .errors import TrainerError
from .merge import merge
from .settings import RunSettings, StageName, read_settings
from .tokenizer import load_tokenizer

_README: Final = "SERVE.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run", type=Path, required=True, metavar="FOLDER", help="folder of the run (run.json is there)"
    )
    parser.add_argument("--stage", choices=get_args(StageName), help="sft or dpo (default: the run's last)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument("--merged", action="store_true", help="the whole model with the adapter in its weights")


def run(args: argparse.Namespace) -> int:
    settings = read_settings(args.run / "run.json")
    stage = args.stage or settings.stages[-1]
    export(args.run, settings, stage, args.out, merged=args.merged)
    print(f"written to {args.out}; {args.out / _README} says how to serve it")
    return 0


def export(folder: Path, settings: RunSettings, stage: StageName, out: Path, *, merged: bool = False) -> None:
    """Writes the best weights of `stage` of the run in `folder`: an adapter vLLM loads, or a whole model; each with its
    tokenizer and SERVE.md, the command that serves it.

    Raises TrainerError `weights` where the stage has kept none yet or vLLM would refuse the adapter
    (`adapter.read_adapter`), `usage` where `out` is there already or there is nothing to merge.
    """
    if out.exists():
        raise TrainerError("usage", f"{out} is there already", "Name a folder that is not, or remove it.")
    best = folder / stage
    if not weight_files(best):
        raise TrainerError(
            "weights",
            f"{best}: stage {stage} of the run has kept no weights",
            "Train it first, or name another --stage.",
        )
    name = f"{settings.run}-{stage}"
    if settings.method == "full":
        if merged:
            raise TrainerError("usage", "--merged: every weight was trained, there is no adapter to merge")
        _write_model(best, out, name)
    elif merged:
        adapter = read_adapter(best)
        merge(Path(settings.model), adapter.folder, out)
        (out / _README).write_text(_whole_model(out, name), encoding="utf-8")
    else:
        _write_adapter(read_adapter(best), settings, out, name)


def _write_model(best: Path, out: Path, name: str) -> None:
    make_folder(out.parent)
    with whole_folder(out) as fresh:
        shutil.copytree(best, fresh, dirs_exist_ok=True)
        (fresh / _README).write_text(_whole_model(out, name), encoding="utf-8")


def _write_adapter(adapter: Adapter, settings: RunSettings, out: Path, name: str) -> None:
    tokenizer = load_tokenizer(settings.model)
    make_folder(out.parent)
    with whole_folder(out) as fresh:
        tokenizer.save_pretrained(fresh)
        for path in sorted(adapter.folder.iterdir()):
            if path.is_file() and path.name != "README.md":
                shutil.copyfile(path, fresh / path.name)
        config = json.loads((fresh / CONFIG).read_text(encoding="utf-8"))
        write_json(fresh / CONFIG, {**config, "base_model_name_or_path": settings.model})
        (fresh / _README).write_text(_adapter(adapter, settings, out, name), encoding="utf-8")


def _adapter(adapter: Adapter, settings: RunSettings, out: Path, name: str) -> str:
    command = _command(
        f"vllm serve {shlex.quote(settings.model)}",
        "--enable-lora",
        # vLLM's own limit is 16, and it refuses adapters of a higher rank.
        f"--max-lora-rank {adapter.rank}",
        f"--lora-modules {shlex.quote(f'{name}={out.absolute()}')}",
    )
    return (
        f"# {name}\n\nA LoRA adapter of rank {adapter.rank} for {settings.model}. vLLM serves both:\n\n"
        f"```sh\n{command}\n```\n\n"
        f"Ask for `{name}` as the model; `{settings.model}` is the base model without it.\n"
    )


def _whole_model(out: Path, name: str) -> str:
    command = _command(f"vllm serve {shlex.quote(str(out.absolute()))}", f"--served-model-name {shlex.quote(name)}")
    return f"# {name}\n\nA whole model. vLLM serves it:\n\n```sh\n{command}\n```\n\nAsk for `{name}` as the model.\n"


def _command(*lines: str) -> str:
    return " \\\n  ".join(lines)
