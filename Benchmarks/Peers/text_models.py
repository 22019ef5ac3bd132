"""The networks for texts that costcurve trains, as PyTorch's users write them, with their losses.

Each is made from the tensors of a weight file, whose names are those of transformers and torch.nn, and
is called with the inputs of a step, by name; it gives the sum of the losses. Attention is PyTorch's own
`scaled_dot_product_attention`, its fastest on the CPU. Nothing but torch is needed.
"""

import math

import torch
from torch import nn
from torch.nn import functional

# Floats of a head of attention, in all published ones.
HEAD = 64


def modules(weights):
    """Tensors by name as parameters of modules in modules, one a dot."""
    root = nn.Module()
    for name, array in weights.items():
        *path, leaf = name.split(".")
        module = root
        for part in path:
            if part not in module._modules:
                module.add_module(part, nn.Module())
            module = module._modules[part]
        module.register_parameter(leaf, nn.Parameter(torch.from_numpy(array)))
    return root


def linear(x, module):
    return functional.linear(x, module.weight, module.bias)


def norm(x, module, epsilon):
    return functional.layer_norm(x, x.shape[-1:], module.weight, module.bias, epsilon)


def attend(q, k, v, mask=None, is_causal=False):
    """Attention over heads that lie side by side in the floats of each token."""
    def heads(x):
        return x.view(x.shape[0], x.shape[1], -1, HEAD).transpose(1, 2)

    mixed = functional.scaled_dot_product_attention(
        heads(q), heads(k), heads(v), attn_mask=mask, is_causal=is_causal)
    return mixed.transpose(1, 2).reshape(q.shape)


def layers(module):
    """Modules named by numbers, in order."""
    return [module._modules[key] for key in sorted(module._modules, key=int)]


def cross_entropy(logits, labels, smoothing=0.0):
    return functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), labels.reshape(-1), label_smoothing=smoothing)


class Bert(nn.Module):
    """Sources/Models/Families/BERT.swift: both heads of its pre-training, some rows gathered before."""

    EPSILON = 1e-12

    def __init__(self, weights):
        super().__init__()
        root = modules(weights)
        self.bert, self.cls = root.bert, root.cls
        self.blocks = layers(self.bert.encoder.layer)

    def layer(self, layer, x, mask):
        attention = layer.attention
        own = attention.self
        mixed = attend(linear(x, own.query), linear(x, own.key), linear(x, own.value), mask)
        x = norm(linear(mixed, attention.output.dense) + x, attention.output.LayerNorm,
                 self.EPSILON)
        inner = functional.gelu(linear(x, layer.intermediate.dense))
        return norm(linear(inner, layer.output.dense) + x, layer.output.LayerNorm, self.EPSILON)

    def forward(self, given):
        tables = self.bert.embeddings
        tokens = given["input_ids"]
        x = functional.embedding(tokens, tables.word_embeddings.weight)
        x = x + functional.embedding(given["token_type_ids"], tables.token_type_embeddings.weight)
        x = x + tables.position_embeddings.weight[:tokens.shape[1]]
        x = norm(x, tables.LayerNorm, self.EPSILON)
        mask = given["attention_mask"][:, None, None, :].bool()
        for layer in self.blocks:
            x = self.layer(layer, x, mask)
        places = given["masked_positions"][:, :, None].expand(-1, -1, x.shape[2])
        head = self.cls.predictions
        rows = functional.gelu(linear(torch.gather(x, 1, places), head.transform.dense))
        rows = norm(rows, head.transform.LayerNorm, self.EPSILON)
        logits = functional.linear(rows, tables.word_embeddings.weight, head.bias)
        pooled = torch.tanh(linear(x[:, 0], self.bert.pooler.dense))
        follows = linear(pooled, self.cls.seq_relationship)
        return (cross_entropy(logits, given["masked_labels"])
                + cross_entropy(follows, given["next_sentence_labels"]))


class GPT2(nn.Module):
    """Sources/Models/Families/GPT2.swift: each token tells the next one."""

    EPSILON = 1e-5

    def __init__(self, weights):
        super().__init__()
        self.transformer = modules(weights).transformer
        self.blocks = layers(self.transformer.h)

    @staticmethod
    def by_input(x, module):
        """A layer whose matrix lies inputs by outputs, as transformers' Conv1D has it."""
        rows = torch.addmm(module.bias, x.reshape(-1, x.shape[-1]), module.weight)
        return rows.view(*x.shape[:-1], module.weight.shape[1])

    def layer(self, layer, x):
        own = self.by_input(norm(x, layer.ln_1, self.EPSILON), layer.attn.c_attn)
        q, k, v = own.split(x.shape[-1], dim=2)
        x = x + self.by_input(attend(q, k, v, is_causal=True), layer.attn.c_proj)
        inner = self.by_input(norm(x, layer.ln_2, self.EPSILON), layer.mlp.c_fc)
        return x + self.by_input(functional.gelu(inner, approximate="tanh"), layer.mlp.c_proj)

    def forward(self, given):
        own = self.transformer
        tokens = given["input_ids"]
        x = functional.embedding(tokens, own.wte.weight) + own.wpe.weight[:tokens.shape[1]]
        for layer in self.blocks:
            x = self.layer(layer, x)
        logits = functional.linear(norm(x, own.ln_f, self.EPSILON), own.wte.weight)
        return cross_entropy(logits, given["labels"])


class Transformer(nn.Module):
    """Sources/Models/Families/Transformer.swift: labels smoothed by 0.1."""

    EPSILON = 1e-5

    def __init__(self, weights):
        super().__init__()
        root = modules(weights)
        self.embedding, self.transformer = root.embedding, root.transformer
        self.encoder = layers(self.transformer.encoder.layers)
        self.decoder = layers(self.transformer.decoder.layers)
        width = self.embedding.weight.shape[1]
        place, index = torch.arange(4096)[:, None].double(), torch.arange(width)[None, :]
        angle = place / 10000.0 ** ((index // 2 * 2).double() / width)
        rows = torch.where(index % 2 == 0, angle.sin(), angle.cos())
        self.register_buffer("places", rows.float(), persistent=False)

    def embedded(self, tokens):
        rows = functional.embedding(tokens, self.embedding.weight)
        return rows * math.sqrt(rows.shape[-1]) + self.places[:tokens.shape[1]]

    def attention(self, own, x, memory=None, is_causal=False):
        width = x.shape[-1]
        matrix, bias = own.in_proj_weight, own.in_proj_bias
        if memory is None:
            q, k, v = functional.linear(x, matrix, bias).split(width, dim=2)
        else:
            q = functional.linear(x, matrix[:width], bias[:width])
            k, v = functional.linear(memory, matrix[width:], bias[width:]).split(width, dim=2)
        return linear(attend(q, k, v, is_causal=is_causal), own.out_proj)

    def inside(self, layer, x):
        return linear(torch.relu(linear(x, layer.linear1)), layer.linear2)

    def forward(self, given):
        memory = self.embedded(given["source"])
        for layer in self.encoder:
            memory = norm(self.attention(layer.self_attn, memory) + memory, layer.norm1,
                          self.EPSILON)
            memory = norm(self.inside(layer, memory) + memory, layer.norm2, self.EPSILON)
        x = self.embedded(given["target"])
        for layer in self.decoder:
            x = norm(self.attention(layer.self_attn, x, is_causal=True) + x, layer.norm1,
                     self.EPSILON)
            x = norm(self.attention(layer.multihead_attn, x, memory) + x, layer.norm2,
                     self.EPSILON)
            x = norm(self.inside(layer, x) + x, layer.norm3, self.EPSILON)
        logits = functional.linear(x, self.embedding.weight)
        return cross_entropy(logits, given["labels"], smoothing=0.1)


class Seq2Seq(nn.Module):
    """Sources/Models/Families/Seq2Seq.swift, by torch.nn.LSTM."""

    def __init__(self, weights):
        super().__init__()
        rows, width = weights["source_embedding.weight"].shape
        target = weights["target_embedding.weight"].shape[0]
        depth = sum(name.startswith("encoder.weight_ih") for name in weights)
        self.source_embedding = nn.Embedding(rows, width)
        self.encoder = nn.LSTM(width, width, depth, batch_first=True)
        self.target_embedding = nn.Embedding(target, width)
        self.decoder = nn.LSTM(width, width, depth, batch_first=True)
        self.output = nn.Linear(width, target)
        self.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})

    def forward(self, given):
        _, state = self.encoder(self.source_embedding(given["source"]))
        steps, _ = self.decoder(self.target_embedding(given["target"]), state)
        return cross_entropy(self.output(steps), given["labels"])


def network(name, weights):
    """The network of that name; ValueError for one that is not here."""
    for prefix, kind in (("bert", Bert), ("gpt2", GPT2), ("transformer", Transformer),
                         ("seq2seq", Seq2Seq)):
        if name.startswith(prefix):
            return kind(weights)
    raise ValueError(f"{name} is not trained here")
