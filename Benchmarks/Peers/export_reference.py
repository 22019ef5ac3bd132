#!/usr/bin/env python3
"""Writes a folder that `costcurve verify --reference DIR` holds this machine against.

PyTorch computes the logits and the losses; torchvision gives the network:

    python3 export_reference.py --network resnet50 --output reference/
    costcurve verify --reference reference/

Without --pretrained the weights are torchvision's random ones, tamed: residual branches scaled down
and running statistics taken from a few batches. The learning rate is small. Without both, PyTorch's
own losses part by per cents between one thread and two after four steps, because a ReLU whose input
is nearly 0 may fall on either side. Needs torch, torchvision and NumPy.
"""

import argparse
import json
import pathlib
import struct

import numpy as np
import torch
import torchvision

OPTIMIZER = {"learning_rate": 1e-4, "momentum": 0.9, "weight_decay": 5e-5}


def save_safetensors(tensors, path):
    """Float32 tensors in the safetensors format, without a dependency."""
    header, offset, blobs = {}, 0, []
    for name, tensor in tensors.items():
        blob = tensor.detach().to(torch.float32).contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for blob in blobs:
            file.write(blob)


def weights_of(model):
    state = model.state_dict()
    return {k: v.clone() for k, v in state.items() if not k.endswith("num_batches_tracked")}


def network(name, weights, size):
    """A torchvision network; Inception v3 on images as they are, with its auxiliary head if they are
    large enough for it."""
    if name != "inception_v3":
        return getattr(torchvision.models, name)(weights=weights)
    model = torchvision.models.inception_v3(
        weights=weights, transform_input=False, init_weights=False)
    if size < 299:
        model.aux_logits, model.AuxLogits = False, None
    return model


def calibrate(model, size):
    """Scales residual branches down, as training does, and takes running statistics."""
    for module in model.modules():
        if isinstance(module, torchvision.models.resnet.Bottleneck):
            torch.nn.init.constant_(module.bn3.weight, 0.25)
        elif isinstance(module, torchvision.models.resnet.BasicBlock):
            torch.nn.init.constant_(module.bn2.weight, 0.25)
    model.train()
    with torch.no_grad():
        for _ in range(4):
            model(torch.randn(8, 3, size, size))


def losses_of(model, images, labels, steps):
    """Losses of full-batch SGD steps, each before its update, as `costcurve train` defines them."""
    model.train()
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=OPTIMIZER["learning_rate"],
        momentum=OPTIMIZER["momentum"],
        weight_decay=OPTIMIZER["weight_decay"],
    )
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--input-size", type=int, help="224, or 299 for Inception v3, unless given")
    parser.add_argument("--steps", type=int, default=0, help="losses of so many steps as well")
    parser.add_argument("--pretrained", action="store_true", help="download torchvision's weights")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    chosen = "DEFAULT" if options.pretrained else None
    size = options.input_size or (299 if options.network == "inception_v3" else 224)
    model = network(options.network, chosen, size)
    if options.steps and any(isinstance(layer, torch.nn.Dropout) for layer in model.modules()):
        parser.error(f"--steps: the dropout of {options.network} draws other masks in each program")
    if not options.pretrained:
        calibrate(model, size)
    images = torch.randn(options.images, 3, size, size)
    labels = torch.randint(0, 1000, (options.images,))

    folder = options.output
    folder.mkdir(parents=True, exist_ok=True)
    save_safetensors(weights_of(model), folder / "weights.safetensors")
    np.save(folder / "input.npy", images.numpy())
    np.save(folder / "labels.npy", labels.numpy())
    model.eval()
    with torch.no_grad():
        np.save(folder / "logits.npy", model(images).numpy())
    if options.steps:
        losses = losses_of(model, images, labels, options.steps)
        np.save(folder / "losses.npy", np.array(losses, dtype=np.float32))
        save_safetensors(weights_of(model), folder / "trained.safetensors")
        (folder / "optimizer.json").write_text(json.dumps(OPTIMIZER) + "\n")
    print(f"wrote {folder}: {options.network}, {options.images} images of {size} pixels")


if __name__ == "__main__":
    main()
