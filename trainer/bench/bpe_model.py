"""A small random Qwen2, and a byte-level BPE tokenizer learnt from the set's own texts: its token counts are real."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from sealign_trainer.qwen_template import CHAT_TEMPLATE, END_OF_TURN, START_OF_TURN

END_OF_TEXT = "<|endoftext|>"


def learn_tokenizer(texts: Iterator[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE of at most `vocabulary` tokens with Qwen's special tokens and chat template."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken(token, special=True, normalized=False) for token in (END_OF_TEXT, START_OF_TURN, END_OF_TURN)]
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END_OF_TURN,
        pad_token=END_OF_TEXT,
        extra_special_tokens=[START_OF_TURN],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def texts_of(trees: Path) -> Iterator[str]:
    """Every message of a trees.jsonl, once."""
    with trees.open(encoding="utf-8") as lines:
        for line in lines:
            for node in json.loads(line)["nodes"]:
                for message in node["messages"]:
                    yield message.get("content") or json.dumps(message)


def random_model(
    vocabulary: int, *, hidden: int, layers: int, heads: int, kv_heads: int, intermediate: int, seed: int = 0
) -> Qwen2ForCausalLM:
    """A float32 Qwen2 with random weights, without dropout, ready to train."""
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=hidden,
        intermediate_size=intermediate,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=131_072,
        tie_word_embeddings=False,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Qwen2ForCausalLM(config).to(torch.float32)
