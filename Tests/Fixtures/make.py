#!/usr/bin/env python3
"""Remakes the expected values of the PyTorch parity tests.

Weights and images come from the integer hash of Sources/Models/Weights/HashFill.swift, repeated here
line by line, so only what PyTorch computes from them is committed. Needs torch, torchvision, transformers
(for text: nothing is downloaded) and NumPy from PyPI:

    python3 -m venv .venv-fixtures
    .venv-fixtures/bin/pip install torch torchvision 'transformers<5' numpy
    .venv-fixtures/bin/python Tests/Fixtures/make.py [logits] [training] [text] [optimizers] \
        [text-training]
"""

import json
import math
import pathlib
import sys

import numpy as np
import torch

PACKAGE = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(PACKAGE / "Benchmarks" / "Peers"))
FOLDER = PACKAGE / "Tests" / "ProgramsTests" / "Fixtures"
SEED = 1
NETWORKS = ["alexnet", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "inception_v3"]
# Blocks, planes, side of the board, and what the policy ends in: moves, or planes of squares.
TOWERS = {"alphago-zero-20": (19, 17, 19, ("linear", 362)),
          "alphazero-chess": (19, 119, 8, ("planes", 73))}
TRAINED = ["resnet18", "resnet50"]
# Small, because a ReLU whose input is nearly 0 may fall on either side in float32: with 0.01 two
# builds of PyTorch itself are 1e-2 apart after four steps.
RATE = 5e-5
PROBES = 8


def mix(x):
    """The hash of 32 bits, as in HashFill.swift."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def words(name, count):
    """The first `count` numbers of a name's stream, uniform in 0 ..< 2^20."""
    base = 0x811C9DC5
    for byte in name.encode():
        base = ((base ^ byte) * 0x01000193) & 0xFFFFFFFF
    base = mix(np.array([base ^ SEED], dtype=np.uint32))[0]
    index = np.arange(count, dtype=np.uint32)
    return mix(index * np.uint32(0x9E3779B9) + base) >> np.uint32(12)


def units(name, count):
    return words(name, count).astype(np.float64) * 2.0**-20


def filters(name, shape):
    count = int(np.prod(shape))
    inputs = count // shape[0]
    values = words(name, count).astype(np.int64).reshape(shape[0], inputs)
    values -= (values.sum(axis=1) // inputs)[:, None]
    scale = np.float32(np.sqrt(24 / inputs) * 2.0**-20)
    return (values.astype(np.float32) * scale).reshape(shape)


def ends_branch(module, names):
    """Whether a batch-norm is the last of its residual branch."""
    return module.endswith("bn3") or (
        module.endswith("bn2") and module[:-1] + "3.weight" not in names
    )


def parameter(name, shape, names):
    """One tensor, as SeededWeights in Sources/Models/Weights/WeightSource.swift makes it."""
    if len(shape) > 1:
        return filters(name, shape)
    module, leaf = name.rsplit(".", 1)
    u = units(name, int(np.prod(shape)))
    is_norm = module + ".running_var" in names
    if leaf == "weight":
        values = 0.15 + 0.2 * u if ends_branch(module, names) else 0.8 + 0.4 * u
    elif leaf == "bias":
        values = (u - 0.5) * (0.2 if is_norm else 0.1)
    elif leaf == "running_mean":
        values = (u - 0.5) * 0.1
    else:
        values = 0.5 + 0.5 * u
    return values.astype(np.float32)


def seeded(name, **options):
    """A torchvision network with seeded weights; Inception v3 without what only training has."""
    import torchvision
    if name == "inception_v3":
        options = {"aux_logits": False, "init_weights": False, **options}
    return filled(getattr(torchvision.models, name)(weights=None, **options))


def filled(model):
    """A network with seeded weights."""
    state = model.state_dict()
    for key, tensor in state.items():
        if not key.endswith("num_batches_tracked"):
            values = parameter(key, tuple(tensor.shape), state)
            state[key] = torch.from_numpy(np.ascontiguousarray(values))
    model.load_state_dict(state)
    return model


def images(count, size, channels=3):
    """The first images of Sources/Models/Images/SeededImages.swift, N C H W."""
    grid = 6
    place = np.arange(size) * (grid - 1) / (size - 1)
    before = np.minimum(place.astype(int), grid - 2)
    f = place - before
    result = np.zeros((count, channels, size, size), np.float32)
    for i in range(count):
        blob = units(f"image{i}", channels * grid * grid).reshape(channels, grid, grid) * 2 - 1
        tint = (units(f"tint{i}", channels) * 2 - 1) * 1.2
        noise = units(f"noise{i}", channels * size * size).reshape(channels, size, size)
        rows = blob[:, before] * (1 - f)[:, None] + blob[:, before + 1] * f[:, None]
        smooth = rows[:, :, before] * (1 - f) + rows[:, :, before + 1] * f
        result[i] = smooth * 1.6 + tint[:, None, None] + (noise * 2 - 1) * 0.3
    return torch.from_numpy(result)


def compact(values):
    """Nine digits say all that a float32 has."""
    return [float(f"{value:.9g}") for value in values.tolist()]


def write(name, content):
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print("wrote", FOLDER / name)


def make_logits():
    """Logits of one image at full width and usual size, and both outputs of the games' towers."""
    import game_tower
    logits, towers = {}, {}
    for name in NETWORKS:
        size = 299 if name == "inception_v3" else 224
        with torch.no_grad():
            logits[name] = compact(seeded(name).eval()(images(1, size))[0])
    for name, shape in TOWERS.items():
        with torch.no_grad():
            policy, value = filled(game_tower.Tower(*shape)).eval()(images(1, shape[2], shape[1]))
        towers[name] = {"policy": compact(policy[0]), "value": compact(value[0])}
    write("pytorch-logits.json",
          {"torch": torch.__version__, "seed": SEED, "logits": logits, "towers": towers})


def make_training():
    """Losses of four SGD steps, and sums and probes of every tensor afterwards."""
    result = {}
    for name in TRAINED:
        model = seeded(name).train()
        batch, size = 4, 112
        labels = torch.tensor([(7 * i + 3) % 1000 for i in range(batch)])
        optimizer = torch.optim.SGD(
            model.parameters(), lr=RATE, momentum=0.9, weight_decay=5e-5
        )
        losses = []
        for _ in range(4):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(images(batch, size)), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        tensors = {}
        for key, tensor in model.state_dict().items():
            if key.endswith("num_batches_tracked"):
                continue
            flat = tensor.detach().reshape(-1).double()
            places = [i * (flat.numel() - 1) // (PROBES - 1) for i in range(PROBES)]
            tensors[key] = {
                "largest": compact(flat.abs().max()[None])[0],
                "norm": compact(flat.norm()[None])[0],
                "probes": compact(flat[places]),
            }
        result[name] = {"batch": batch, "size": size, "rate": RATE, "losses": compact(torch.tensor(losses)), "tensors": tensors}
    write("pytorch-training.json", {"torch": torch.__version__, "seed": SEED, "networks": result})


# Layers, tokens of the vocabulary, texts and tokens of each. Widths are the published ones; what has
# many tokens has its whole vocabulary once, so that tests take seconds.
TEXTS = {
    "bert-base": (2, 30522, 2, 16), "bert-large": (2, 1000, 2, 16),
    "gpt2": (2, 50257, 1, 32), "gpt2-medium": (2, 1000, 2, 32), "gpt2-xl": (2, 1000, 1, 32),
    "transformer-base": (2, 32000, 2, 11), "transformer-big": (2, 1000, 2, 11),
    "seq2seq": (2, 1000, 2, 9)}
BERTS = {"bert-base": (768, 12, 3072), "bert-large": (1024, 16, 4096)}
GPTS = {"gpt2": (768, 12), "gpt2-medium": (1024, 16), "gpt2-xl": (1600, 25)}
TRANSFORMERS = {"transformer-base": (512, 8, 2048), "transformer-big": (1024, 16, 4096)}
TEXT_PROBES = 64


def text_parameter(name, shape):
    """One tensor of a network for texts, as SeededWeights makes it."""
    count = int(np.prod(shape))
    if len(shape) > 1:
        by_input = name.rsplit(".", 2)[-2] in ("c_attn", "c_proj", "c_fc")
        inputs = shape[0] if by_input else shape[1]
        scale = np.float32(np.sqrt(12 / inputs) * 2.0**-20)
        values = (words(name, count).astype(np.int64) - 2**19).astype(np.float32) * scale
        return values.reshape(shape)
    u = units(name, count)
    module = name.rsplit(".", 2)[-2] if "." in name else ""
    is_norm = module == "LayerNorm" or module.startswith(("ln_", "norm"))
    if is_norm and name.endswith("weight"):
        return (0.8 + 0.4 * u).astype(np.float32)
    return ((u - 0.5) * (0.2 if is_norm else 0.1)).astype(np.float32)


class Translation(torch.nn.Module):
    """Sources/Models/Families/Transformer.swift: torch.nn.Transformer without its two last norms."""

    def __init__(self, layers, vocabulary, width, heads, inner):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, width)
        self.transformer = torch.nn.Transformer(
            width, heads, layers, layers, inner, dropout=0.0, batch_first=True)
        self.transformer.encoder.norm = None
        self.transformer.decoder.norm = None

    def embedded(self, numbers):
        width, tokens = self.embedding.embedding_dim, numbers.shape[1]
        place, index = np.arange(tokens)[:, None], np.arange(width)[None, :]
        angle = place / 10000.0 ** ((index // 2 * 2) / width)
        rows = np.where(index % 2 == 0, np.sin(angle), np.cos(angle)).astype(np.float32)
        return self.embedding(numbers) * math.sqrt(width) + torch.from_numpy(rows)

    def forward(self, source, target):
        mask = torch.nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        value = self.transformer(
            self.embedded(source), self.embedded(target), tgt_mask=mask, tgt_is_causal=True)
        return {"logits": value @ self.embedding.weight.T}


class Seq2Seq(torch.nn.Module):
    """Sources/Models/Families/Seq2Seq.swift, 1000 wide."""

    def __init__(self, layers, vocabulary):
        super().__init__()
        self.source_embedding = torch.nn.Embedding(vocabulary, 1000)
        self.encoder = torch.nn.LSTM(1000, 1000, layers, batch_first=True)
        self.target_embedding = torch.nn.Embedding(vocabulary, 1000)
        self.decoder = torch.nn.LSTM(1000, 1000, layers, batch_first=True)
        self.output = torch.nn.Linear(1000, vocabulary)

    def forward(self, source, target):
        _, state = self.encoder(self.source_embedding(source))
        steps, _ = self.decoder(self.target_embedding(target), state)
        return {"logits": self.output(steps)}


def text_network(name, layers, vocabulary):
    """A network of so many layers at full width, its inputs and its outputs by name."""
    if name in TRANSFORMERS:
        return Translation(layers, vocabulary, *TRANSFORMERS[name]), ("source", "target")
    if name == "seq2seq":
        return Seq2Seq(layers, vocabulary), ("source", "target")
    import transformers
    if name in GPTS:
        width, heads = GPTS[name]
        return transformers.GPT2LMHeadModel(transformers.GPT2Config(
            vocab_size=vocabulary, n_embd=width, n_layer=layers, n_head=heads,
            attn_implementation="eager")), ("input_ids",)
    width, heads, inner = BERTS[name]
    return transformers.BertForPreTraining(transformers.BertConfig(
        vocab_size=vocabulary, hidden_size=width, num_hidden_layers=layers,
        num_attention_heads=heads, intermediate_size=inner,
        attn_implementation="eager")), ("input_ids", "attention_mask", "token_type_ids")


def text_input(name, vocabulary, batch, tokens):
    """Tokens as InputBlock draws them; of the last text the end is hidden, of each the second half is
    another sentence."""
    place = np.arange(batch * tokens)
    if name == "attention_mask":
        values = place < batch * tokens - tokens // 3
    elif name == "token_type_ids":
        values = place % tokens >= tokens // 2
    else:
        values = words(name, batch * tokens) % np.uint32(vocabulary)
    return torch.from_numpy(values.astype(np.int64).reshape(batch, tokens))


def make_text():
    """Norm, largest value and probes of each output of the networks for texts."""
    torch.backends.mha.set_fastpath_enabled(False)
    result = {}
    for name, (layers, vocabulary, batch, tokens) in TEXTS.items():
        model, inputs = text_network(name, layers, vocabulary)
        model.eval()
        with torch.no_grad():
            # Tied tables come once, under the name that they have first.
            for key, tensor in model.named_parameters():
                values = text_parameter(key, tuple(tensor.shape))
                tensor.copy_(torch.from_numpy(np.ascontiguousarray(values)))
            given = {key: text_input(key, vocabulary, batch, tokens) for key in inputs}
            found = model(**given)
            wanted = {
                "bert": ("prediction_logits", "seq_relationship_logits")
            }.get(name.split("-")[0], ("logits",))
            outputs = {}
            for key in wanted:
                flat = found[key].reshape(-1).double()
                places = [i * (flat.numel() - 1) // (TEXT_PROBES - 1) for i in range(TEXT_PROBES)]
                outputs[key] = {
                    "count": flat.numel(), "norm": compact(flat.norm()[None])[0],
                    "largest": compact(flat.abs().max()[None])[0], "probes": compact(flat[places])}
        result[name] = {"layers": layers, "vocabulary": vocabulary, "batch": batch,
                        "tokens": tokens, "outputs": outputs}
    import transformers
    write("pytorch-text.json", {"torch": torch.__version__, "seed": SEED,
                                "transformers": transformers.__version__, "networks": result})


# Optimizers by PyTorch, and LAMB by its formula: kind, PyTorch's class and numbers, limit of the norm.
OPTIMIZERS = [
    ("sgd", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}, None),
    ("sgd", {"lr": 0.7, "momentum": 0.0, "weight_decay": 0.0}, 0.5),
    ("adam", {"lr": 1e-2, "betas": (0.9, 0.98), "eps": 1e-9, "weight_decay": 0.05}, None),
    ("adamw", {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0.01}, None),
    ("adamw", {"lr": 6e-4, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.1}, 1.0),
    ("lamb", {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0.01}, None)]
# Tensors by name: whether weight decay is for them, and how many numbers they have.
OPTIMIZED = {"matrix": (True, 600), "bias": (False, 37)}
OPTIMIZER_STEPS = 3
OPTIMIZER_PROBES = 24


def optimizer_values(name, count, scale):
    """Numbers around 0 that are exact in float32."""
    values = (words(name, count).astype(np.int64) - 2**19).astype(np.float64) * 2.0**-20 * scale
    return torch.from_numpy(values.astype(np.float32))


class Lamb:
    """You et al. (2020), algorithm 2 with the identity as phi, in float64: PyTorch has none."""

    def __init__(self, groups, lr, betas, eps, weight_decay):
        self.groups, self.lr, self.betas, self.eps = groups, lr, betas, eps
        self.state = {}

    def step(self):
        for group in self.groups:
            for tensor in group["params"]:
                state = self.state.setdefault(tensor, {
                    "step": 0, "exp_avg": torch.zeros_like(tensor, dtype=torch.float64),
                    "exp_avg_sq": torch.zeros_like(tensor, dtype=torch.float64),
                    "weight": tensor.detach().double()})
                state["step"] += 1
                gradient, (first, second) = tensor.grad.double(), self.betas
                state["exp_avg"].mul_(first).add_(gradient, alpha=1 - first)
                state["exp_avg_sq"].mul_(second).add_(gradient**2, alpha=1 - second)
                mean = state["exp_avg"] / (1 - first ** state["step"])
                root = (state["exp_avg_sq"] / (1 - second ** state["step"])).sqrt()
                step = mean / (root + self.eps) + group["weight_decay"] * state["weight"]
                ratio = state["weight"].norm() / step.norm()
                state["weight"] -= self.lr * ratio * step
                with torch.no_grad():
                    tensor.copy_(state["weight"].float())


def optimizer_of(kind, groups, numbers):
    """An optimizer; groups say themselves whether weight decay is for them."""
    classes = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
               "lamb": Lamb}
    return classes[kind](groups, **numbers)


def decay_groups(named, decay):
    """Weight decay for matrices and tables, none for biases and norms."""
    named = list(named)
    return [{"params": [t for decays, t in named if decays], "weight_decay": decay},
            {"params": [t for decays, t in named if not decays], "weight_decay": 0.0}]


def probes_of(tensor, count):
    flat = tensor.detach().reshape(-1).double()
    places = [i * (flat.numel() - 1) // (count - 1) for i in range(count)]
    return {"largest": compact(flat.abs().max()[None])[0], "norm": compact(flat.norm()[None])[0],
            "probes": compact(flat[places])}


def make_optimizers():
    """Weights and moments after three steps on given gradients."""
    result = []
    for kind, numbers, clip in OPTIMIZERS:
        tensors = {name: torch.nn.Parameter(optimizer_values(name, count, 1.0))
                   for name, (_, count) in OPTIMIZED.items()}
        groups = decay_groups(((OPTIMIZED[n][0], t) for n, t in tensors.items()),
                              numbers["weight_decay"])
        optimizer = optimizer_of(kind, groups, numbers)
        for step in range(OPTIMIZER_STEPS):
            for name, tensor in tensors.items():
                tensor.grad = optimizer_values(f"gradient{step}.{name}", tensor.numel(), 0.5)
            if clip is not None:
                torch.nn.utils.clip_grad_norm_(list(tensors.values()), clip)
            optimizer.step()
        entry = {}
        for name, tensor in tensors.items():
            state = optimizer.state[tensor]
            moments = [state.get("exp_avg", state.get("momentum_buffer")), state.get("exp_avg_sq")]
            entry[name] = {key: probes_of(value, OPTIMIZER_PROBES) for key, value in
                           zip(("weights", "moments", "squares"), [tensor, *moments])
                           if value is not None}
        betas = numbers.get("betas", (numbers.get("momentum"), 0.999))
        result.append({"kind": kind, "rate": numbers["lr"], "momentum": betas[0],
                       "second_momentum": betas[1], "epsilon": numbers.get("eps", 1e-8),
                       "weight_decay": numbers["weight_decay"], "clip": clip, "tensors": entry})
    write("pytorch-optimizers.json", {
        "torch": torch.__version__, "seed": SEED, "steps": OPTIMIZER_STEPS, "runs": result})


# Layers, tokens of the vocabulary, texts and tokens of each; the optimizer, its numbers and the limit
# of the norm are those of Sources/Models/Families, at other rates.
TRAINED_TEXTS = {
    "bert-base": ((2, 1000, 2, 16), "adamw",
                  {"lr": 1e-4, "betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0.01}, None),
    "gpt2": ((2, 1000, 2, 16), "adamw",
             {"lr": 1e-4, "betas": (0.9, 0.95), "eps": 1e-8, "weight_decay": 0.1}, 1.0),
    "transformer-base": ((2, 1000, 2, 11), "adam",
                         {"lr": 1e-4, "betas": (0.9, 0.98), "eps": 1e-9, "weight_decay": 0.0},
                         None),
    "seq2seq": ((2, 1000, 2, 9), "sgd", {"lr": 0.1, "momentum": 0.0, "weight_decay": 0.0}, 5.0)}


def step_numbers(name, shape, below=None, places=None):
    """What an input of a step holds, as Network.StepNumbers has it."""
    count = int(np.prod(shape))
    if places is not None:
        width = count // shape[0]
        values = np.arange(count) % width * places // width
    else:
        values = words(name, count).astype(np.int64) % below
    return torch.from_numpy(values.astype(np.int64).reshape(shape))


def text_losses(name, model, vocabulary, batch, tokens):
    """A function that gives the sum of the losses of a step, on the same numbers each time."""
    cross_entropy = torch.nn.functional.cross_entropy
    every = (batch, tokens)
    if name.startswith("bert"):
        told = -(-15 * tokens // 100)
        given = {"input_ids": step_numbers("input_ids", every, vocabulary),
                 "attention_mask": torch.ones(every, dtype=torch.int64),
                 "token_type_ids": step_numbers("token_type_ids", every, 2)}
        places = step_numbers("masked_positions", (batch, told), places=tokens)
        labels = step_numbers("masked_labels", (batch, told), vocabulary)
        follows = step_numbers("next_sentence_labels", (batch,), 2)

        def loss():
            hidden, pooled = model.bert(**given)[:2]
            rows = torch.gather(
                hidden, 1, places[:, :, None].expand(-1, -1, hidden.shape[2]))
            logits, relationship = model.cls(rows, pooled)
            return (cross_entropy(logits.reshape(-1, vocabulary), labels.reshape(-1))
                    + cross_entropy(relationship, follows))
        return loss
    labels = step_numbers("labels", every, vocabulary).reshape(-1)
    if name.startswith("gpt2"):
        numbers = step_numbers("input_ids", every, vocabulary)
        return lambda: cross_entropy(model(numbers).logits.reshape(-1, vocabulary), labels)
    source, target = (step_numbers(key, every, vocabulary) for key in ("source", "target"))
    return lambda: cross_entropy(
        model(source, target)["logits"].reshape(-1, vocabulary), labels,
        label_smoothing=0.1 if name.startswith("transformer") else 0.0)


def make_text_training():
    """Losses of four steps, and norm, largest value and probes of each first gradient."""
    torch.backends.mha.set_fastpath_enabled(False)
    result = {}
    for name, ((layers, vocabulary, batch, tokens), kind, numbers, clip) in TRAINED_TEXTS.items():
        model, _ = text_network(name, layers, vocabulary)
        # Without dropout; nothing else differs from training.
        model.eval()
        with torch.no_grad():
            for key, tensor in model.named_parameters():
                values = text_parameter(key, tuple(tensor.shape))
                tensor.copy_(torch.from_numpy(np.ascontiguousarray(values)))
        named = list(model.named_parameters())
        optimizer = optimizer_of(
            kind, decay_groups(((t.dim() > 1, t) for _, t in named), numbers["weight_decay"]),
            numbers)
        loss_of = text_losses(name, model, vocabulary, batch, tokens)
        losses, gradients = [], {}
        for step in range(4):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of()
            loss.backward()
            if step == 0:
                gradients = {key: probes_of(tensor.grad, PROBES) for key, tensor in named}
            if clip is not None:
                torch.nn.utils.clip_grad_norm_([tensor for _, tensor in named], clip)
            optimizer.step()
            losses.append(loss.item())
        result[name] = {"layers": layers, "vocabulary": vocabulary, "batch": batch,
                        "tokens": tokens, "rate": numbers["lr"],
                        "losses": compact(torch.tensor(losses)), "gradients": gradients}
    import transformers
    write("pytorch-text-training.json", {
        "torch": torch.__version__, "transformers": transformers.__version__, "seed": SEED,
        "networks": result})


if __name__ == "__main__":
    np.seterr(over="ignore")
    wanted = sys.argv[1:] or ["logits", "training", "text", "optimizers", "text-training"]
    if "logits" in wanted:
        make_logits()
    if "training" in wanted:
        make_training()
    if "text" in wanted:
        make_text()
    if "optimizers" in wanted:
        make_optimizers()
    if "text-training" in wanted:
        make_text_training()
