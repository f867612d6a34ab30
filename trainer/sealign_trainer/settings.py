"""What a Run is told: `run.json` (contract/run.schema.json), read strictly."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from .errors import TrainerError

StageName = Literal["sft", "dpo"]
Method = Literal["lora", "full"]
Device = Literal["auto", "cpu", "cuda"]
DType = Literal["auto", "bfloat16", "float32", "float64"]
Attention = Literal["auto", "dense", "flex"]

#: Ranks that vLLM loads.
LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
#: Where `learningRate` is null; full fine-tuning: paper section 5.4.
LEARNING_RATES: dict[tuple[Method, StageName], float] = {
    ("lora", "sft"): 1e-4,
    ("lora", "dpo"): 1e-5,
    ("full", "sft"): 3e-7,
    ("full", "dpo"): 3e-7,
}


@dataclass(frozen=True, slots=True)
class StageSettings:
    epochs: int = 10
    learning_rate: float | None = None
    warmup: float = 0.1
    weight_decay: float = 0.0
    bins_per_step: int = 1
    patience: int = 3
    #: DPO only: beta of eq. 5.
    beta: float = 0.1


@dataclass(frozen=True, slots=True)
class LoraSettings:
    rank: int = 64
    alpha: float = 128.0


@dataclass(frozen=True, slots=True)
class RunSettings:
    run: str
    folder: Path
    trees: Path
    model: str
    adapter: str | None = None
    method: Method = "lora"
    stages: tuple[StageName, ...] = ("sft", "dpo")
    seed: int = 0
    bin_tokens: int = 32_768
    device: Device = "auto"
    dtype: DType = "auto"
    attention: Attention = "auto"
    memory_gib: float | None = None
    lora: LoraSettings = field(default_factory=LoraSettings)
    sft: StageSettings = field(default_factory=StageSettings)
    dpo: StageSettings = field(default_factory=StageSettings)
    val_fraction: float = 0.1
    max_grad_norm: float = 1.0
    state_every: int = 20
    eval_every: int | None = None

    def stage(self, name: StageName) -> StageSettings:
        return self.sft if name == "sft" else self.dpo

    def learning_rate(self, name: StageName) -> float:
        """At its peak."""
        asked = self.stage(name).learning_rate
        return LEARNING_RATES[self.method, name] if asked is None else asked


def read_settings(path: Path) -> RunSettings:
    """Reads `run.json`.

    Raises TrainerError `settings`, naming file and field, for what is missing, unknown, or no value of its field.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainerError("settings", f"{path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise TrainerError("settings", f"{path} is not JSON: {error}") from error
    return settings_of(data, str(path))


def settings_of(data: Any, place: str) -> RunSettings:
    """The settings in parsed JSON; `place` names it in errors."""
    if not isinstance(data, dict) or data.get("v") != 1:
        raise TrainerError("settings", f"{place}: v: expected 1, the version of run.json this trainer knows")
    values = {name: value for name, value in data.items() if name != "v"}
    read = _Fields(place)
    plain = read.known(RunSettings, values, "")
    for nested, kind in (("lora", LoraSettings), ("sft", StageSettings), ("dpo", StageSettings)):
        if nested in plain:
            plain[nested] = kind(**read.known(kind, plain[nested], f"{nested}."))
    for name in ("run", "folder", "trees", "model"):
        if not isinstance(plain.get(name), str) or plain[name] == "":
            raise read.wrong(name, plain.get(name), "a text")
    plain["folder"], plain["trees"] = Path(plain["folder"]), Path(plain["trees"])
    if "stages" in plain:
        stages = plain["stages"]
        if not isinstance(stages, list) or not stages or any(each not in get_args(StageName) for each in stages):
            raise read.wrong("stages", stages, "a list of sft and dpo")
        plain["stages"] = tuple(name for name in get_args(StageName) if name in stages)
    settings = RunSettings(**plain)
    _check(settings, read)
    return settings


def _check(settings: RunSettings, read: "_Fields") -> None:
    choices = (("method", Method), ("device", Device), ("dtype", DType), ("attention", Attention))
    for name, kind in choices:
        if getattr(settings, name) not in get_args(kind):
            raise read.wrong(name, getattr(settings, name), f"one of {', '.join(get_args(kind))}")
    if settings.lora.rank not in LORA_RANKS:
        raise read.wrong("lora.rank", settings.lora.rank, f"one of {', '.join(map(str, LORA_RANKS))} (what vLLM loads)")
    whole = [("seed", 0), ("bin_tokens", 16), ("state_every", 1)]
    for name, least in whole:
        read.whole(_json_name(name), getattr(settings, name), least)
    if settings.eval_every is not None:
        read.whole("evalEvery", settings.eval_every, 1)
    if settings.memory_gib is not None:
        read.number("memoryGib", settings.memory_gib, above=0)
    read.number("lora.alpha", settings.lora.alpha, above=0)
    read.number("maxGradNorm", settings.max_grad_norm, above=0)
    read.number("valFraction", settings.val_fraction, least=0, below=1)
    if settings.adapter is not None and not isinstance(settings.adapter, str):
        raise read.wrong("adapter", settings.adapter, "a folder or null")
    for name in ("sft", "dpo"):
        stage = settings.stage(name)
        read.whole(f"{name}.epochs", stage.epochs, 1)
        read.whole(f"{name}.binsPerStep", stage.bins_per_step, 1)
        read.whole(f"{name}.patience", stage.patience, 0)
        if stage.learning_rate is not None:
            read.number(f"{name}.learningRate", stage.learning_rate, above=0)
        read.number(f"{name}.warmup", stage.warmup, least=0, most=1)
        read.number(f"{name}.weightDecay", stage.weight_decay, least=0)
        read.number(f"{name}.beta", stage.beta, above=0)


def _json_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class _Fields:
    """Values of fields, and what is wrong with them."""

    def __init__(self, place: str) -> None:
        self.place = place

    def wrong(self, name: str, value: Any, expected: str) -> TrainerError:
        return TrainerError("settings", f"{self.place}: {name}: expected {expected}, not {json.dumps(value)}")

    def known(self, kind: type, values: Any, prefix: str) -> dict[str, Any]:
        if not isinstance(values, dict):
            raise self.wrong(prefix.rstrip("."), values, "an object")
        names = {_json_name(each.name): each.name for each in fields(kind)}
        for name in values:
            if name not in names:
                raise TrainerError("settings", f"{self.place}: {prefix}{name}: no setting is called so")
        return {names[name]: value for name, value in values.items()}

    def whole(self, name: str, value: Any, least: int) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(name, value, f"a whole number, at least {least}")

    def number(
        self,
        name: str,
        value: Any,
        *,
        above: float | None = None,
        least: float | None = None,
        most: float | None = None,
        below: float | None = None,
    ) -> None:
        fits = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and (above is None or value > above)
            and (least is None or value >= least)
            and (most is None or value <= most)
            and (below is None or value < below)
        )
        if not fits:
            limits = [("above", above), ("at least", least), ("at most", most), ("below", below)]
            raise self.wrong(name, value, " and ".join(["a number", *(f"{w} {v}" for w, v in limits if v is not None)]))
