"""The software that a user would otherwise pick, each at its documented best.

A runtime is made from the case and gives `call()`, which handles `images_per_call` images, and
`error()`, how far the last call's logits are from ours. Everything in float32.
"""

import copy
import os

import numpy


class Case:
    """What a `prepare` line asks for: infer/NETWORK/bN/tN/PEER."""

    kind = "infer"

    def __init__(self, identity, options):
        self.id = identity
        parts = identity.split("/")
        if len(parts) != 5 or parts[0] != self.kind:
            raise ValueError(f"'{identity}' is not {self.kind}/NETWORK/bN/tN/PEER")
        _, self.network, batch, threads, self.peer = parts
        self.batch, self.threads = int(batch[1:]), int(threads[1:])
        self.weights_path = options["weights"]
        self.images = numpy.load(options["input"])
        self.size = self.images.shape[-1]
        if self.images.ndim != 4 or self.images.shape[0] != self.batch:
            raise ValueError(f"input is {self.images.shape}, not a batch of {self.batch}")
        self.read(options)

    def read(self, options):
        self.expected = numpy.load(options["expected"])

    def error_of(self, logits):
        """The largest difference from the logits that are expected, relative to the largest."""
        return float(numpy.abs(logits - self.expected).max() / numpy.abs(self.expected).max())

    def weights(self):
        from safetensors.numpy import load_file
        return load_file(self.weights_path)

    def onnx_bytes(self):
        import onnx_graph
        return onnx_graph.model(self.network, self.weights(), self.batch, self.size).SerializeToString()


class OnnxRuntime:
    """ONNX Runtime with all graph optimisations, which block the layout for the CPU's vectors (NCHWc).

    Its other defaults are its best here: threads that spin between operators, and an arena.
    """

    def __init__(self, case):
        import onnxruntime
        self.case = case
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.intra_op_num_threads = case.threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            case.onnx_bytes(), options, providers=["CPUExecutionProvider"])
        self.feed = {"input": numpy.ascontiguousarray(case.images)}
        self.images_per_call = case.batch
        self.settings = (f"onnxruntime {onnxruntime.__version__}, all optimisations, "
                         f"{case.threads} intra-op threads")

    def call(self):
        self.output = self.session.run(None, self.feed)[0]

    def error(self):
        return self.case.error_of(self.output)


class OpenVINO:
    """OpenVINO's CPU plugin under one of its performance hints, precision held at f32."""

    def __init__(self, case, hint):
        import openvino
        self.case = case
        core = openvino.Core()
        model = core.read_model(case.onnx_bytes())
        compiled = core.compile_model(model, "CPU", {
            "PERFORMANCE_HINT": hint, "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": str(case.threads)})
        count = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") if hint == "THROUGHPUT" else 1
        # Several rounds of short batches, so that no stream idles at the end of each for the others.
        self.rounds = max(1, 4 // case.batch) if count > 1 else 1
        self.queue = openvino.AsyncInferQueue(compiled, count)
        tensor = openvino.Tensor(numpy.ascontiguousarray(case.images))
        for request in self.queue:
            request.set_input_tensor(tensor)
        self.requests = count
        self.images_per_call = case.batch * count * self.rounds
        self.settings = (f"openvino {openvino.__version__.split('-')[0]}, {hint.lower()} hint, f32, "
                         f"{case.threads} threads, {count} request(s), {self.rounds} round(s) a call")

    def call(self):
        if len(self.queue) == 1:
            self.queue[0].infer()
            return
        for _ in range(len(self.queue) * self.rounds):
            self.queue.start_async()
        self.queue.wait_all()

    def error(self):
        return max(self.case.error_of(request.get_output_tensor(0).data) for request in self.queue)


class PyTorch:
    """PyTorch eager in channels_last, TorchScript frozen and optimised, or frozen `torch.compile`."""

    def __init__(self, case, mode):
        import torch
        import torchvision
        torch.set_num_threads(case.threads)
        torch.set_num_interop_threads(1)
        self.case = case
        self.torch = torch
        # The auxiliary classifier is training's, and what seeds its weights takes a minute.
        inception = {"aux_logits": False, "init_weights": False}
        options = inception if case.network == "inception_v3" else {}
        model = getattr(torchvision.models, case.network)(weights=None, **options)
        state = {k: torch.from_numpy(v) for k, v in case.weights().items()}
        model.load_state_dict(state, strict=False)
        model.eval()
        self.images = torch.from_numpy(case.images)
        if mode in ("channels-last", "compile"):
            model = model.to(memory_format=torch.channels_last)
            self.images = self.images.to(memory_format=torch.channels_last)
        with torch.inference_mode():
            if mode == "jit":
                traced = torch.jit.trace(model, self.images)
                model = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
            elif mode == "compile":
                # Without it no filters are packed and no batch-norm is folded: half the speed. As an
                # argument of `torch.compile` it comes too late to have an effect.
                torch._inductor.config.freezing = True
                model = torch.compile(model)
            # Compiles, long before anything is timed.
            model(self.images)
        self.model = model
        self.images_per_call = case.batch
        names = {"jit": "TorchScript frozen and optimised", "channels-last": "eager, channels_last",
                 "compile": "torch.compile, frozen, channels_last"}
        self.settings = f"torch {torch.__version__}, {names[mode]}, {case.threads} threads"

    def call(self):
        with self.torch.inference_mode():
            self.output = self.model(self.images)

    def error(self):
        return self.case.error_of(self.output.numpy())


def gathered(case, make):
    """A request for each thread, waited for and answered as one larger batch."""
    several = copy.copy(case)
    several.batch = case.batch * case.threads
    several.images = numpy.tile(case.images, (case.threads, 1, 1, 1))
    several.expected = numpy.tile(case.expected, (case.threads, 1))
    runtime = make(several)
    runtime.requests = case.threads
    runtime.batching = "gathered"
    runtime.settings += f", {case.threads} requests gathered"
    return runtime


PEERS = {
    "onnxruntime": OnnxRuntime,
    "onnxruntime-gathered": lambda case: gathered(case, OnnxRuntime),
    "openvino-latency": lambda case: OpenVINO(case, "LATENCY"),
    "openvino-gathered": lambda case: gathered(case, lambda several: OpenVINO(several, "LATENCY")),
    "openvino-throughput": lambda case: OpenVINO(case, "THROUGHPUT"),
    "pytorch-jit": lambda case: PyTorch(case, "jit"),
    "pytorch-channels-last": lambda case: PyTorch(case, "channels-last"),
    "pytorch-compile": lambda case: PyTorch(case, "compile"),
}

MODULES = {"onnxruntime": ("onnxruntime", "onnx"), "openvino": ("openvino", "onnx"),
           "pytorch": ("torch", "torchvision")}


def available(peers):
    """Of these peers those whose packages are installed, and for the others what is missing."""
    import importlib.util
    found, missing = [], {}
    for name in peers:
        lacking = [m for m in MODULES[name.split("-")[0]] + ("safetensors",)
                   if importlib.util.find_spec(m) is None]
        if lacking:
            missing[name] = lacking
        else:
            found.append(name)
    return found, missing


def make(case, peers):
    if case.peer not in peers:
        raise ValueError(f"no peer '{case.peer}'; there is " + ", ".join(peers))
    # A library's own variables would override what is asked for here.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.pop(name, None)
    return peers[case.peer](case)
