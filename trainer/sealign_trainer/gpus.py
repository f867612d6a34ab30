"""What known GPUs can do, by the name that nvidia-smi and torch.cuda.get_device_name give."""

from dataclasses import dataclass
from typing import Final

from .errors import TrainerError


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU."""

    name: str
    #: Dense bfloat16 operations a second with fp32 accumulation, NVIDIA's data sheet without sparsity.
    #: MFU is a share of this figure everywhere (PaLM, torchtitan, TRL), so ours compares. An H200's products reach
    #: about 780 of its 989 TFLOP/s (trainer.md section 3): an MFU of 0.4 is half of what is reachable.
    peak_flops: float
    #: What torch reports as total memory: less than the label says, the driver keeps some.
    memory_bytes: int


def _gpu(name: str, tera: float, gib: float) -> Gpu:
    return Gpu(name, tera * 1e12, int(gib * 2**30))


#: Longer names before the shorter ones they begin with; words of a name in their order.
_GPUS: Final[tuple[tuple[str, Gpu], ...]] = (
    ("gb200", _gpu("GB200", 2500, 184)),
    ("b300", _gpu("B300", 2250, 267)),
    ("b200", _gpu("B200", 2250, 178)),
    ("h200 nvl", _gpu("H200 NVL", 835, 139.7)),
    ("h200", _gpu("H200", 989, 139.7)),
    ("gh200", _gpu("GH200", 989, 94.5)),
    ("h100 nvl", _gpu("H100 NVL", 835, 93.1)),
    ("h100 pcie", _gpu("H100 PCIe", 756, 79.1)),
    ("h100", _gpu("H100", 989, 79.1)),
    ("h800", _gpu("H800", 989, 79.1)),
    ("h20", _gpu("H20", 148, 95.0)),
    ("a100 40gb", _gpu("A100 40GB", 312, 39.4)),
    ("a100 80gb", _gpu("A100 80GB", 312, 79.2)),
    ("a100", _gpu("A100 40GB", 312, 39.4)),
    ("a800", _gpu("A800", 312, 79.2)),
    ("rtx pro 6000", _gpu("RTX PRO 6000", 500, 94.9)),
    ("rtx 6000 ada", _gpu("RTX 6000 Ada", 364, 47.4)),
    ("l40s", _gpu("L40S", 362, 44.4)),
    ("l40", _gpu("L40", 181, 44.4)),
    ("l4", _gpu("L4", 121, 22.0)),
    ("a6000", _gpu("RTX A6000", 155, 47.4)),
    ("a40", _gpu("A40", 150, 44.4)),
    ("a10g", _gpu("A10G", 70, 22.1)),
    ("rtx 5090", _gpu("RTX 5090", 209.5, 31.4)),
    # With fp32 accumulation GeForce cards do half of what their data sheets put first.
    ("rtx 4090", _gpu("RTX 4090", 165.2, 23.5)),
    ("rtx 3090", _gpu("RTX 3090", 71, 23.6)),
)


def known_gpu(name: str) -> Gpu | None:
    """The GPU called so: `NVIDIA H200`, `NVIDIA A100-SXM4-80GB`, `h200`. None: not one of ours."""
    words = name.lower().replace("-", " ").replace("_", " ").split()
    for pattern, gpu in _GPUS:
        if _in_order(pattern.split(), words):
            return gpu
    return None


def gpu_named(name: str) -> Gpu:
    """As `known_gpu`; raises TrainerError `usage` that lists the names for one that is not known."""
    gpu = known_gpu(name)
    if gpu is None:
        names = ", ".join(dict.fromkeys(each.name for _, each in _GPUS))
        raise TrainerError("usage", f"no GPU is known as {name}", f"Known are {names}.")
    return gpu


def _in_order(pattern: list[str], words: list[str]) -> bool:
    rest = iter(words)
    return all(part in rest for part in pattern)
