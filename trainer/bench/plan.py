"""What training the paper's set would take: `python -m bench.plan [--model 7b|14b] [--gpu h200] [--gpus 1] …`.

The set is generated (bench.paper_set), the model is a configuration alone: nothing is computed but the plan.
"""

import argparse
import json

from sealign_trainer.decoder import decoder_of
from sealign_trainer.gpus import gpu_named
from sealign_trainer.plan import Machine, costs
from sealign_trainer.settings import settings_of

from .paper_set import PaperShape, paper_trees
from .scene import MODELS


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.plan", description=__doc__)
    parser.add_argument("--model", choices=["7b", "14b"], default="7b")
    parser.add_argument("--method", choices=["lora", "full"], default="lora")
    parser.add_argument("--gpu", default="h200")
    parser.add_argument("--gpus", type=int, default=1, help="of all machines together")
    parser.add_argument("--mfu", type=float, default=0.4)
    parser.add_argument("--bin-tokens", type=int, default=32_768)
    parser.add_argument("--same", type=float, default=0.65, help="share of trajectories that act alike at a node")
    args = parser.parse_args()
    decoder = decoder_of(MODELS[f"Qwen2.5-Coder-{args.model.upper()}"], args.model)
    data = {"v": 1, "run": "plan", "folder": "/none", "trees": "/none", "model": args.model}
    settings = settings_of({**data, "method": args.method, "binTokens": args.bin_tokens}, "bench.plan")
    machine = Machine(gpu_named(args.gpu), args.gpus, args.mfu)
    trees = paper_trees(PaperShape(same=args.same))
    print(json.dumps(costs(settings, machine, decoder, settings.lora.rank, trees, [])))


if __name__ == "__main__":
    main()
