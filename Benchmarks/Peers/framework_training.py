"""Training steps of dated releases of PyTorch: what `worker.py --releases --train` offers."""

import frameworks
import training

MODULES = {"pytorch": ("torch",)}


class Case(training.Case):
    """A step of the network of an ONNX file, whose parameters are those that ours begins with."""

    def read(self, options):
        super().read(options)
        self.model_path = options["onnx"]


PEERS = {
    "pytorch-channels-last":
        lambda case: training.PyTorch(case, "channels-last", frameworks.torch_model),
    "pytorch-compile": lambda case: training.PyTorch(case, "compile", frameworks.torch_model),
}
