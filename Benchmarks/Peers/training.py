"""Training steps of PyTorch as its users write them: forward, losses, backward, SGD or Adam.

A step is made from the case and gives `call()`, one step on the same batch, and `error()`, how far
its first losses were from ours with the same weights, images and labels. In float32, or where the case
names bf16 by PyTorch's automatic casts, parameters and their updates staying float32. Dropout draws the
same masks as ours in those first steps, and its own in all that are timed.
"""

import numpy

import runtimes


class Case(runtimes.Case):
    """What a `prepare` line asks for: train/NETWORK/bN/tN[/bf16]/PEER."""

    kind = "train"
    auxiliary_weight = None
    masks = []

    def read(self, options):
        self.expected = numpy.load(options["losses"])
        # Of a network for texts, what a step reads, by name, and the numbers of its optimizer.
        self.names = runtimes.numbered(options, "name", str)
        if self.names:
            self.inputs = runtimes.numbered(options, "input", numpy.load)
            self.update = {key: float(options[key]) for key in (
                "learning-rate", "momentum", "second-momentum", "epsilon", "weight-decay", "clip")
                if key in options}
            self.kind_of_update = options["optimizer"]
            return
        self.inputs = [numpy.load(options["input"])]
        self.labels = numpy.load(options["labels"])
        # Of a game's tower, what its outputs are to be, by name.
        self.targets = dict(zip(runtimes.numbered(options, "target-name", str),
                                runtimes.numbered(options, "target", numpy.load)))
        self.optimizer = {"lr": float(options["learning-rate"]),
                          "momentum": float(options["momentum"]),
                          "weight_decay": float(options["weight-decay"])}
        # Of a network with an auxiliary head, the weight of its loss.
        if "auxiliary-weight" in options:
            self.auxiliary_weight = float(options["auxiliary-weight"])
        # What each dropout multiplies by in the steps whose losses are compared.
        self.masks = [mask.reshape(len(self.expected), self.batch, -1)
                      for mask in runtimes.numbered(options, "mask", numpy.load)]


def small_resnet(depth, classes):
    """Sources/Models/Families/SmallNetworks.swift in torchvision's blocks: 16, 32 and 64 channels."""
    import torch
    from torchvision.models.resnet import BasicBlock
    nn = torch.nn

    class SmallResNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(16)
            self.relu = nn.ReLU(inplace=True)
            channels = 16
            for stage in range(3):
                blocks = []
                for block in range((depth - 2) // 6):
                    width, stride = 16 << stage, 2 if stage > 0 and block == 0 else 1
                    shortcut = None
                    if stride != 1 or channels != width:
                        shortcut = nn.Sequential(
                            nn.Conv2d(channels, width, 1, stride, bias=False),
                            nn.BatchNorm2d(width))
                    blocks.append(BasicBlock(channels, width, stride, shortcut))
                    channels = width
                setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
            self.fc = nn.Linear(64, classes)

        def forward(self, x):
            x = self.relu(self.bn1(self.conv1(x)))
            x = self.layer3(self.layer2(self.layer1(x)))
            return self.fc(x.mean((2, 3)))

    return SmallResNet()


def from_torchvision(case):
    """A network of torchvision, a small one of its blocks, or a game's tower, with the case's weights."""
    import torch
    if case.targets:
        import game_tower
        return game_tower.with_weights(case.weights())
    import torchvision
    state = {k: torch.from_numpy(v) for k, v in case.weights().items()}
    classes = state["fc.bias" if "fc.bias" in state else "classifier.6.bias"].shape[0]
    if case.inputs[0].shape[1] == 1:
        model = small_resnet(int(case.network.removeprefix("resnet")), classes)
    else:
        # What seeds the weights of Inception takes a minute.
        options = ({"aux_logits": True, "init_weights": False}
                   if case.network == "inception_v3" else {})
        model = getattr(torchvision.models, case.network)(
            weights=None, num_classes=classes, **options)
    lacking, unknown = model.load_state_dict(state, strict=False)
    lacking = [name for name in lacking if not name.endswith("num_batches_tracked")]
    if lacking or unknown:
        raise ValueError(f"{case.network}: lacks {lacking[:3]}, does not know {unknown[:3]}")
    return model


class GivenMasks:
    """In the places of a model's dropouts, factors that are ours, until `end` puts the dropouts back.

    masks    one for each dropout, in the model's order: steps x batch x C*H*W, an image as C H W
    """

    def __init__(self, model, masks):
        import torch

        class Given(torch.nn.Module):
            def forward(self, x):
                return x * self.mask.reshape(x.shape).to(x.dtype)

        self.masks = [torch.from_numpy(mask) for mask in masks]
        self.dropouts = [(model.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2], module)
                         for name, module in model.named_modules()
                         if isinstance(module, torch.nn.Dropout)] if masks else []
        if len(self.dropouts) != len(masks):
            raise ValueError(f"{len(masks)} masks for {len(self.dropouts)} dropouts")
        self.given = [Given() for _ in masks]
        for (parent, name, _), given in zip(self.dropouts, self.given):
            setattr(parent, name, given)

    def take(self, step):
        for given, mask in zip(self.given, self.masks):
            given.mask = mask[step]

    def end(self):
        for parent, name, dropout in self.dropouts:
            setattr(parent, name, dropout)


def with_auxiliary(weight):
    """The loss of both heads of Inception v3, the auxiliary one's times `weight`, as ours has it."""
    import torch
    cross_entropy = torch.nn.functional.cross_entropy

    def losses(given, labels):
        return (cross_entropy(given.logits, labels)
                + weight * cross_entropy(given.aux_logits, labels))

    return losses


class PyTorch:
    """A step in PyTorch's default layout, in channels_last, or that through `torch.compile`."""

    def __init__(self, case, mode, make=None):
        import torch
        torch.set_num_threads(case.threads)
        torch.set_num_interop_threads(1)
        self.case = case
        model = (make or from_torchvision)(case)
        model.train()
        self.images = torch.from_numpy(case.inputs[0])
        if mode != "default":
            model = model.to(memory_format=torch.channels_last)
            self.images = self.images.to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.SGD(model.parameters(), **case.optimizer)
        masks = GivenMasks(model, case.masks)
        self.model = torch.compile(model) if mode == "compile" else model
        if case.targets:
            import game_tower
            self.labels = {name: torch.from_numpy(array) for name, array in case.targets.items()}
            self.losses = game_tower.losses
        else:
            self.labels = torch.from_numpy(case.labels)
            self.losses = (torch.nn.functional.cross_entropy if case.auxiliary_weight is None
                           else with_auxiliary(case.auxiliary_weight))
        self.images_per_call = case.batch
        cast = "bf16 autocast, " if case.precision == "bf16" else ""
        self.settings = f"torch {torch.__version__}, {mode}, {cast}{case.threads} threads"
        # Compiling is the first step's business and belongs to no speed.
        first = []
        for step in range(len(case.expected)):
            masks.take(step)
            self.call()
            first.append(self.loss.item())
        self.worst = float(numpy.abs(numpy.array(first) / case.expected - 1).max())
        if case.masks:
            # What is timed draws its own, and is compiled once more for that.
            masks.end()
            self.call()

    def call(self):
        self.optimizer.zero_grad(set_to_none=True)
        with runtimes.bf16_autocast(self.case):
            self.loss = self.losses(self.model(self.images), self.labels)
        self.loss.backward()
        self.optimizer.step()

    def error(self):
        return self.worst


class PyTorchText:
    """A step over sequences, as written or through `torch.compile`; updates fused where PyTorch can."""

    def __init__(self, case, mode):
        import torch
        import text_models
        if mode == "channels-last":
            raise ValueError("texts have no channels that could be last")
        torch.set_num_threads(case.threads)
        torch.set_num_interop_threads(1)
        self.case = case
        model = text_models.network(case.network, case.weights())
        self.given = {name: torch.from_numpy(array)
                      for name, array in zip(case.names, case.inputs)}
        self.parameters = list(model.parameters())
        self.clip = case.update.get("clip")
        self.clip_norm = torch.nn.utils.clip_grad_norm_
        self.optimizer, fused = self.make_optimizer(torch, case)
        self.model = torch.compile(model) if mode == "compile" else model
        self.images_per_call = case.batch
        cast = "bf16 autocast, " if case.precision == "bf16" else ""
        self.settings = (f"torch {torch.__version__}, {mode}, {case.kind_of_update}"
                         f"{' fused' if fused else ''}, {cast}{case.threads} threads")
        # Compiling is the first step's business and belongs to no speed.
        first = []
        for _ in case.expected:
            self.call()
            first.append(self.loss.item())
        self.worst = float(numpy.abs(numpy.array(first) / case.expected - 1).max())

    def make_optimizer(self, torch, case):
        """Weight decay for matrices and tables alone, and whether the update is one kernel."""
        update = case.update
        groups = [
            {"params": [p for p in self.parameters if p.dim() > 1],
             "weight_decay": update["weight-decay"]},
            {"params": [p for p in self.parameters if p.dim() <= 1], "weight_decay": 0.0}]
        if case.kind_of_update == "sgd":
            return torch.optim.SGD(
                groups, lr=update["learning-rate"], momentum=update["momentum"]), False
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[case.kind_of_update]
        numbers = {"lr": update["learning-rate"], "eps": update["epsilon"],
                   "betas": (update["momentum"], update["second-momentum"])}
        try:
            return kind(groups, fused=True, **numbers), True
        except (RuntimeError, TypeError):
            return kind(groups, **numbers), False

    def call(self):
        self.optimizer.zero_grad(set_to_none=True)
        with runtimes.bf16_autocast(self.case):
            self.loss = self.model(self.given)
        self.loss.backward()
        if self.clip is not None:
            self.clip_norm(self.parameters, self.clip)
        self.optimizer.step()

    def error(self):
        return self.worst


def made(case, mode):
    """The step of a network for texts or for images."""
    return PyTorchText(case, mode) if case.names else PyTorch(case, mode)


PEERS = {
    "pytorch-default": lambda case: made(case, "default"),
    "pytorch-channels-last": lambda case: made(case, "channels-last"),
    "pytorch-compile": lambda case: made(case, "compile"),
}
