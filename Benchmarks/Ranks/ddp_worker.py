#!/usr/bin/env python3
"""One rank of PyTorch's DistributedDataParallel over gloo: the steps that ddp.py sets beside ours.

Needs the packages of Benchmarks/Peers/requirements-pytorch.txt. The model and its step are those of
`Benchmarks/Peers/training.py`; here they get an exchange of gradients and seeded images. Rank 0 writes
the seconds of its steps as JSON.
"""

import argparse
import datetime
import json
import math
import os
import statistics
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Peers"))

WARM_UP = 2
LEAST = 5


class Case:
    """What `training.PyTorch` asks of a case; its losses are held to nothing."""

    precision = "f32"
    targets = {}
    masks = []

    def __init__(self, arguments):
        import numpy
        random = numpy.random.default_rng(1 + arguments.rank)
        self.network, self.batch = arguments.network, arguments.batch_size
        self.threads = arguments.threads
        self.auxiliary_weight = arguments.auxiliary_weight
        side = arguments.input_size
        self.inputs = [random.standard_normal((self.batch, 3, side, side), dtype=numpy.float32)]
        self.labels = random.integers(0, 1000, self.batch)
        # As Sources/Workloads/TrainWorkload.swift.
        self.optimizer = {"lr": 1e-3, "momentum": 0.9, "weight_decay": 5e-5}
        # As many steps as there are expected losses come before all that is timed.
        self.expected = numpy.full(WARM_UP, numpy.nan)

    def weights(self):
        """torchvision's own first weights, the same on every rank."""
        import torch
        import torchvision
        torch.manual_seed(1)
        model = getattr(torchvision.models, self.network)(weights=None)
        return {name: value.numpy() for name, value in model.state_dict().items()
                if not name.endswith("num_batches_tracked")}


def shared(arguments):
    """How `training.PyTorch` makes its model here, so that ranks share its gradients."""
    import torch
    import training

    def make(case):
        model = training.from_torchvision(case)
        if arguments.mode != "default":
            # Before its gradients are laid out in buckets.
            model = model.to(memory_format=torch.channels_last)
        # Running averages stay each rank's own until an evaluation, as with costcurve.
        return torch.nn.parallel.DistributedDataParallel(
            model, bucket_cap_mb=arguments.bucket_mb, broadcast_buffers=False,
            gradient_as_bucket_view=True)

    return make


def timed(step):
    begin = time.perf_counter()
    step.call()
    return time.perf_counter() - begin


def refuse_different_weights(step, distributed, torch):
    """Ends where ranks have not the same weights, or none that are numbers."""
    total = sum(parameter.detach().double().sum() for parameter in step.model.parameters())
    ends = torch.stack([total, -total])
    distributed.all_reduce(ends, op=distributed.ReduceOp.MAX)
    if not math.isfinite(total) or float(ends[0] + ends[1]) != 0:
        sys.exit(f"ranks differ, or are no numbers: {total}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("rank", "world", "port", "batch-size", "input-size", "threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    for name in ("address", "network"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--mode", choices=["default", "channels-last", "compile"], required=True)
    parser.add_argument("--auxiliary-weight", type=float,
                        help="of the loss of an auxiliary head; one head learns unless given")
    parser.add_argument("--seconds", type=float, required=True, help="of timed steps")
    parser.add_argument("--bucket-mb", type=float, default=25, help="25 is DDP's own")
    parser.add_argument("--into", required=True, help="the file for rank 0's result")
    arguments = parser.parse_args()

    import torch
    import torch.distributed as distributed
    import training
    distributed.init_process_group(
        "gloo", init_method=f"tcp://{arguments.address}:{arguments.port}", rank=arguments.rank,
        world_size=arguments.world, timeout=datetime.timedelta(minutes=5))
    step = training.PyTorch(Case(arguments), arguments.mode, shared(arguments))
    # All take as many steps as rank 0 has time for.
    pace = statistics.median(timed(step) for _ in range(3))
    count = torch.tensor([max(LEAST, round(arguments.seconds / pace))])
    distributed.broadcast(count, 0)
    distributed.barrier()
    seconds = [timed(step) for _ in range(int(count))]
    refuse_different_weights(step, distributed, torch)
    if arguments.rank == 0:
        with open(arguments.into, "w", encoding="utf-8") as file:
            json.dump({"seconds": seconds, "settings": step.settings, "loss": step.loss.item()},
                      file)
    distributed.barrier()
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()
