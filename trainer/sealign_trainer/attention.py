"""Attention over trees: our functions behind transformers' AttentionInterface, and the proof that they get our masks.

transformers' own ways do not serve: without a mask they take positions that fall for the starts of documents, and their
FlexAttention copies keys and values where the number of query heads is no power of two (trainer.md section 2).
"""

from functools import cache
from typing import Any, Final

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn.attention.flex_attention import BlockMask, flex_attention
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from .device_bin import Backend, DeviceBin
from .errors import TrainerError

#: Name of each back end in `config._attn_implementation`.
IMPLEMENTATION: Final[dict[Backend, str]] = {"dense": "sealign_dense", "flex": "sealign_flex"}
#: What other models may ask of attention and ours does not do.
UNKNOWN: Final = ("softcap", "s_aux", "position_bias", "sliding_window", "head_mask")

#: Kernels of one process, one for each length, dtype, and whether gradients are wanted.
COMPILATIONS: Final = 64


def register_attention() -> None:
    """Makes both back ends known to transformers; more than once does no harm."""
    AttentionInterface.register(IMPLEMENTATION["dense"], dense_attention)
    AttentionInterface.register(IMPLEMENTATION["flex"], tree_flex_attention)


def dense_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | BlockMask | None,
    *,
    scaling: float | None = None,
    dropout: float = 0.0,
    tree: DeviceBin | None = None,
    **options: object,
) -> tuple[Tensor, None]:
    """Attention in any floating-point type on any device, a chunk of queries at a time over the keys that it can see.

    query: (1, heads, T, size); key, value: (1, fewer heads, T, size). Returns (1, T, heads, size), None.
    """
    batch = _checked(module, query, attention_mask, dropout, tree, options)
    # Under autocast rotary embeddings may leave queries and keys in float32 beside values in bfloat16.
    query, key = query.to(value.dtype), key.to(value.dtype)
    grouped = query.shape[1] != key.shape[1]
    keys, values = _gathered(key, batch), _gathered(value, batch)
    queries = query.split([chunk.stop - chunk.start for chunk in batch.chunks], dim=2)
    outputs = [
        scaled_dot_product_attention(
            queries[at], keys[at], values[at], attn_mask=chunk.mask.to(query.dtype), scale=scaling, enable_gqa=grouped
        )
        for at, chunk in enumerate(batch.chunks)
    ]
    return torch.cat(outputs, dim=2).transpose(1, 2).contiguous(), None


def _gathered(states: Tensor, batch: DeviceBin) -> list[Tensor]:
    """The (1, heads, n, size) keys or values of each chunk."""
    heads, length, size = states.shape[1:]
    rows = states[0].transpose(0, 1).reshape(length, heads * size)
    parts: tuple[Tensor, ...] = _Gather.apply(rows, [chunk.keys for chunk in batch.chunks])
    return [part.view(1, -1, heads, size).transpose(1, 2) for part in parts]


class _Gather(Function):
    """Rows by several lists; the backward pass sums them in one buffer, where autograd would take one for each list."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, lists: list[Tensor]) -> tuple[Tensor, ...]:
        ctx.lists, ctx.shape = lists, rows.shape
        return tuple(rows.index_select(0, keys) for keys in lists)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        total = slopes[0].new_zeros(ctx.shape)
        for keys, slope in zip(ctx.lists, slopes, strict=True):
            total.index_add_(0, keys, slope.reshape(len(keys), -1))
        return total, None


def tree_flex_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | BlockMask | None,
    *,
    scaling: float | None = None,
    dropout: float = 0.0,
    tree: DeviceBin | None = None,
    **options: object,
) -> tuple[Tensor, None]:
    """FlexAttention over the blocks that are seen, keys and values never repeated; shapes as for `dense_attention`."""
    batch = _checked(module, query, attention_mask, dropout, tree, options)
    query, key = query.to(value.dtype), key.to(value.dtype)
    grouped = query.shape[1] != key.shape[1]
    output = _compiled_flex()(query, key, value, block_mask=batch.mask, scale=scaling, enable_gqa=grouped)
    return output.transpose(1, 2).contiguous(), None


@cache
def _compiled_flex():
    # Not dynamic: with symbolic lengths masks that differ by batch gave NaN (pytorch #186775). All bins have one
    # length, so that is one compilation with gradients and one without.
    torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, COMPILATIONS)
    return torch.compile(flex_attention, dynamic=False, fullgraph=True)


def _checked(
    module: torch.nn.Module,
    query: Tensor,
    mask: Tensor | BlockMask | None,
    dropout: float,
    tree: DeviceBin | None,
    options: dict[str, object],
) -> DeviceBin:
    """The bin that is computed. Raises TrainerError `bug` unless this layer got exactly that bin's mask."""
    layer = f"layer {getattr(module, 'layer_idx', '?')}"
    if tree is None:
        raise TrainerError("bug", f"{layer}: tree attention was called from outside a TreeModel")
    if not _same(mask, tree.mask):
        raise TrainerError("bug", f"{layer}: the attention mask that arrived is not the one of the bin")
    if query.shape[0] != 1 or query.shape[2] != tree.tokens.shape[1]:
        raise TrainerError("bug", f"{layer}: queries of shape {tuple(query.shape)} for {tree.tokens.shape[1]} tokens")
    asked = [name for name in UNKNOWN if options.get(name) is not None]
    if dropout > 0 or asked:
        raise TrainerError(
            "weights", f"{layer}: attention with {', '.join(asked) or 'dropout'} cannot be trained on trees"
        )
    return tree


def _same(mask: Tensor | BlockMask | None, expected: Tensor | BlockMask) -> bool:
    """Whether two masks are the same memory: wrappers may rebuild the objects around it."""
    if isinstance(mask, BlockMask) and isinstance(expected, BlockMask):
        return mask.kv_indices.data_ptr() == expected.kv_indices.data_ptr()
    if isinstance(mask, Tensor) and isinstance(expected, Tensor):
        return mask.data_ptr() == expected.data_ptr() and mask.shape == expected.shape
    return False
