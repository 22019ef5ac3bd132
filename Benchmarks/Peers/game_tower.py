"""The towers that play games, in PyTorch: Sources/Models/Families/GameTower.swift with its two losses."""

import math

import torch
from torch import nn
from torch.nn import functional


def unit(inputs, outputs, window):
    """A convolution and its batch-norm."""
    return nn.ModuleDict({
        "conv": nn.Conv2d(inputs, outputs, window, padding=window // 2, bias=False),
        "bn": nn.BatchNorm2d(outputs)})


class Tower(nn.Module):
    """Gives moves before any softmax, and a result.

    What `policy` says it ends in are so many moves (`linear`), or planes of squares (`planes`).
    """

    def __init__(self, blocks, planes, side, policy, width=256):
        super().__init__()
        kind, count = policy
        self.stem = unit(planes, width, 3)
        self.blocks = nn.ModuleList(
            nn.ModuleDict({f"{kind}{i}": part for i in (1, 2)
                           for kind, part in unit(width, width, 3).items()})
            for _ in range(blocks))
        if kind == "linear":
            self.policy = unit(width, 2, 1)
            self.policy["fc"] = nn.Linear(2 * side * side, count)
        else:
            conv = unit(width, width, 3)
            self.policy = nn.ModuleDict({
                "conv1": conv["conv"], "bn1": conv["bn"],
                "conv2": nn.Conv2d(width, count, 3, padding=1)})
        self.value = unit(width, 1, 1)
        self.value["fc1"] = nn.Linear(side * side, width)
        self.value["fc2"] = nn.Linear(width, 1)

    def forward(self, x):
        relu = torch.relu
        x = relu(self.stem["bn"](self.stem["conv"](x)))
        for block in self.blocks:
            y = relu(block["bn1"](block["conv1"](x)))
            x = relu(x + block["bn2"](block["conv2"](y)))
        policy, value = self.policy, self.value
        if "fc" in policy:
            moves = policy["fc"](relu(policy["bn"](policy["conv"](x))).flatten(1))
        else:
            moves = policy["conv2"](relu(policy["bn1"](policy["conv1"](x)))).flatten(1)
        hidden = relu(value["fc1"](relu(value["bn"](value["conv"](x))).flatten(1)))
        return moves, torch.tanh(value["fc2"](hidden))


def with_weights(weights):
    """A tower as deep and wide as its tensors say."""
    width, planes = weights["stem.conv.weight"].shape[:2]
    blocks = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
    side = math.isqrt(weights["value.fc1.weight"].shape[1])
    kind, last = (("linear", "policy.fc.weight") if "policy.fc.weight" in weights
                  else ("planes", "policy.conv2.weight"))
    tower = Tower(blocks, planes, side, (kind, weights[last].shape[0]), width)
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    lacking, unknown = tower.load_state_dict(state, strict=False)
    lacking = [name for name in lacking if not name.endswith("num_batches_tracked")]
    if lacking or unknown:
        raise ValueError(f"lacks {lacking[:3]}, does not know {unknown[:3]}")
    return tower


def losses(given, wanted):
    """Cross-entropy to the shares of a search, and the squared error of the result."""
    moves, value = given
    return (functional.cross_entropy(moves, wanted["policy"])
            + functional.mse_loss(value, wanted["value"]))
