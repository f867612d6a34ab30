"""What is trained, over all ranks: the module, its parameters, their gradients, and how both are kept and put back."""

from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from peft import PeftModel
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers import PreTrainedTokenizerBase

from .bins import Bin
from .checkpoint import weight_files
from .device_bin import Backend, DeviceBin, to_device
from .distributed import World, lost_rank
from .errors import TrainerError
from .model import Precision
from .optimizer import trained
from .tree_model import EdgeOutput, TreeModel

#: Of AdamW, for each parameter.
_MOMENTS = ("exp_avg", "exp_avg_sq")


class Trainee:
    """A model with an adapter is copied to every rank (data parallel); one whose every weight is trained is sharded
    over them (FSDP2, layer by layer)."""

    def __init__(
        self, model: nn.Module, *, attention: Backend, precision: Precision, world: World, checkpointed: int = 0
    ) -> None:
        self.module = TreeModel(model, attention)
        self.module.set_checkpointed_layers(checkpointed)
        self.checkpointed = checkpointed
        self.precision = precision
        self.world = world
        self.adapter = isinstance(model, PeftModel)
        if precision.autocast:
            _keep_inputs(self.module)
        #: Of the model without an adapter, and what of model and adapter is trained.
        self.parameter_count, self.trained_count = _counts(self.module)
        self.sharded = world.size > 1 and not self.adapter
        if self.sharded:
            self._shard()
        self.parameters: dict[str, nn.Parameter] = trained(self.module)

    def _shard(self) -> None:
        """fp32 parameters; on CUDA with bfloat16 they are gathered, and computed with, as bfloat16."""
        mesh = init_device_mesh(self.world.device.type, (self.world.size,))
        policy = MixedPrecisionPolicy()
        if self.precision.autocast:
            policy = MixedPrecisionPolicy(param_dtype=self.precision.compute, reduce_dtype=torch.float32)
        for layer in self.module.layers:
            fully_shard(layer, mesh=mesh, mp_policy=policy)
        fully_shard(self.module, mesh=mesh, mp_policy=policy)

    def to_device(self, packed: Bin) -> DeviceBin:
        return to_device(packed, self.world.device, self.precision.compute, self.module.attention)

    def forward(self, batch: DeviceBin) -> EdgeOutput:
        """One bin. Adapters stay float32 beside a bfloat16 model; autocast computes with them as bfloat16."""
        enabled = self.precision.autocast and not self.sharded
        with torch.autocast(self.world.device.type, dtype=torch.bfloat16, enabled=enabled):
            return self.module(batch)

    def backward(self, loss: Tensor) -> None:
        """Adds the slopes of this rank's part of a step's loss. FSDP2 takes the mean over ranks where we want sums."""
        (loss * self.world.size if self.sharded else loss).backward()

    def sum_gradients(self) -> None:
        """Once per step, after the last `backward`: every rank then has the whole gradient (of its shards)."""
        if not self.sharded:
            self.world.sum_gradients(list(self.parameters.values()))

    def weights(self) -> dict[str, Tensor]:
        """Trained parameters, whole and on the CPU, at rank 0 (empty elsewhere); every rank calls it."""
        return self._gathered(dict(self.parameters))

    def set_weights(self, values: dict[str, Tensor] | None) -> None:
        """Puts rank 0's `values` into every rank's parameters. Raises TrainerError `weights` if they do not fit."""
        if self.world.is_main:
            wrong = set(values or {}) ^ set(self.parameters)
            wrong |= {n for n, p in self.parameters.items() if values and n in values and values[n].shape != p.shape}
            if wrong:
                raise TrainerError("weights", f"kept weights do not fit the model: {min(wrong)}")
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                self._put(parameter, None if values is None else values.get(name))

    def optimizer_state(self, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
        """Steps and moments by parameter, whole and on the CPU, at rank 0; every rank calls it."""
        known = {name: optimizer.state[p] for name, p in self.parameters.items() if optimizer.state.get(p)}
        steps = {name: float(state["step"]) for name, state in known.items()}
        moments = {each: self._gathered({name: state[each] for name, state in known.items()}) for each in _MOMENTS}
        return {"steps": steps, **moments}

    def set_optimizer_state(self, optimizer: torch.optim.Optimizer, kept: dict[str, Any] | None) -> None:
        """Puts back what `optimizer_state` returned at rank 0."""
        steps: dict[str, float] = self.world.object(None if kept is None else kept["steps"])
        with torch.no_grad():
            for name, step in steps.items():
                parameter = self.parameters[name]
                state = {each: torch.zeros_like(parameter) for each in _MOMENTS}
                for each, moment in state.items():
                    self._put(moment, None if kept is None else kept[each][name])
                optimizer.state[parameter] = {"step": torch.tensor(step), **state}

    def write(self, folder: Path, weights: dict[str, Tensor], tokenizer: PreTrainedTokenizerBase) -> None:
        """Writes an adapter that PEFT and vLLM load, or a whole model, with the tokenizer; at rank 0, from `weights()`.

        Weights keep the type of number they are trained in: in bfloat16 most of full fine-tuning would be lost.
        """
        tokenizer.save_pretrained(folder)
        if self.adapter:
            self.module.model.save_pretrained(str(folder), save_embedding_layers=False)
            return
        model = self.module.causal_lm
        plain = {name.removeprefix("model."): value.contiguous() for name, value in weights.items()}
        save_file(plain, folder / "model.safetensors", metadata={"format": "pt"})
        dtype, model.config.dtype = model.config.dtype, self.precision.weights
        model.config.save_pretrained(folder)
        model.config.dtype = dtype
        if model.generation_config is not None:
            model.generation_config.save_pretrained(folder)

    def read(self, folder: Path) -> None:
        """Puts the weights that `write` wrote into every rank's parameters; rank 0 reads them."""
        values: dict[str, Tensor] | None = None
        if self.world.is_main:
            try:
                values = {}
                for path in weight_files(folder):
                    values |= {_parameter_name(name): value for name, value in load_file(path).items()}
            except Exception as error:
                raise TrainerError("weights", f"{folder}: the weights cannot be read: {error}") from error
        self.set_weights(values)

    def _gathered(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        whole: dict[str, Tensor] = {}
        for name, value in values.items():
            with lost_rank():
                full = value.detach().full_tensor() if isinstance(value, DTensor) else value.detach()
            if self.world.is_main:
                # Never the parameter itself: training goes on while it is written.
                whole[name] = full.to("cpu", copy=True)
        return whole

    def _put(self, target: Tensor, value: Tensor | None) -> None:
        if isinstance(target, DTensor):
            source = torch.empty(target.shape, dtype=target.dtype, device=target.device) if value is None else value
            with lost_rank():
                source = source.to(target.device, target.dtype)
                target.copy_(distribute_tensor(source, target.device_mesh, target.placements))
            return
        if value is not None:
            target.copy_(value)
        if self.world.size > 1:
            with lost_rank():
                dist.broadcast(target.data, src=0)


def _keep_inputs(module: nn.Module) -> None:
    """Adapters do not copy their inputs to float32: a fifth of the peak memory, and the same gradients (trainer.md
    section 3). For good, not for a forward pass: checkpointed layers compute theirs again during the backward pass."""
    for each in module.modules():
        if isinstance(each, BaseTunerLayer):
            each.cast_input_dtype_enabled = False


def _parameter_name(name: str) -> str:
    """Of a tensor in a file, as `TreeModel.named_parameters` says it: PEFT leaves the adapter's name out."""
    for part in (".lora_A.", ".lora_B."):
        name = name.replace(f"{part}weight", f"{part}default.weight")
    return f"model.{name}"


def _counts(module: nn.Module) -> tuple[int, int]:
    adapter = sum(each.numel() for name, each in module.named_parameters() if ".lora_" in name)
    everything = sum(each.numel() for each in module.parameters())
    return everything - adapter, sum(each.numel() for each in trained(module).values())
