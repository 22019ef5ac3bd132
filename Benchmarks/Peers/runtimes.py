"""The software that a user would otherwise pick, each at its documented best.

A runtime is made from the case and gives `call()`, which handles `images_per_call` items, and
`error()`, how far the last call's outputs are from ours. In float32, unless the case names bf16 or
int8: that is what is asked for, pinned, and told in the settings with what was executed. What is run
is the ONNX file that costcurve exported or was given, of int8 one with QuantizeLinear and
DequantizeLinear; PyTorch has its networks from torchvision.
"""

import contextlib
import copy
import os

import numpy


class Case:
    """What a `prepare` line asks for: infer/SUBJECT/bN[/sN]/tN[/PRECISION]/PEER."""

    kind = "infer"

    def __init__(self, identity, options):
        self.id = identity
        parts = identity.split("/")
        numbers = {part[0]: int(part[1:]) for part in parts[2:-1] if part[1:].isdecimal()}
        if parts[0] != self.kind or len(parts) < 5 or not {"b", "t"} <= numbers.keys():
            raise ValueError(f"'{identity}' is not {self.kind}/SUBJECT/bN/tN/PEER")
        self.network, self.peer = parts[1], parts[-1]
        self.batch, self.threads = numbers["b"], numbers["t"]
        self.precision = next((part for part in parts[2:-1] if part in ("bf16", "int8")), "f32")
        self.tolerance = float(options["tolerance"]) if "tolerance" in options else None
        self.weights_path = options.get("weights")
        # Of what is multiplied as signed bytes; up to 64, no sum of two products leaves 16 bits.
        self.largest_weight = int(options.get("largest-weight", 128))
        self.read(options)

    def read(self, options):
        """Inputs with their names, what the model calls their lengths, and expected outputs in order."""
        self.model_path = options["onnx"]
        self.inputs = numbered(options, "input", numpy.load)
        self.names = numbered(options, "name", str)
        self.expected = numbered(options, "expected", numpy.load)
        self.shapes = numbered(options, "shape", lambda words: words.split(",") if words else [])

    @property
    def size(self):
        return self.inputs[0].shape[-1] if self.inputs[0].ndim == 4 else 0

    def open_lengths(self):
        """The lengths that the model leaves open, by the names that it has for them."""
        return {name: length for names, array in zip(self.shapes, self.inputs)
                for name, length in zip(names, array.shape)
                if name != "?" and not name.isdecimal()}

    def error_of(self, outputs):
        """The largest difference from what is expected, relative to the largest, of any output.

        As it is where all that is expected is 0; NaN where any output has one."""
        return float(numpy.max([
            numpy.abs(numpy.ravel(own) - numpy.ravel(other)).max() / (numpy.abs(other).max() or 1)
            for own, other in zip(outputs, self.expected)]))

    def weights(self):
        from safetensors.numpy import load_file
        return load_file(self.weights_path)


def numbered(options, name, read):
    """What the options NAME-0, NAME-1 and so on say."""
    found = []
    while f"{name}-{len(found)}" in options:
        found.append(read(options[f"{name}-{len(found)}"]))
    return found


def has_vnni():
    """Whether the CPU adds up products of bytes without stopping at 16 bits."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
        flags = next((line.split(":")[1].split() for line in lines if line.startswith("flags")), [])
    return bool({"avx512_vnni", "avx_vnni"} & set(flags))


class OnnxRuntime:
    """ONNX Runtime with all graph optimisations, which block the layout for the CPU's vectors (NCHWc).

    Its other defaults are its best here: threads that spin between operators, and an arena.
    """

    def __init__(self, case):
        import onnxruntime
        if case.precision == "bf16":
            raise ValueError("ONNX Runtime computes no model of float32 in bf16 on a CPU")
        self.case = case
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.intra_op_num_threads = case.threads
        options.inter_op_num_threads = 1
        # Fixed lengths let it plan memory and fold what follows from them.
        for name, length in case.open_lengths().items():
            options.add_free_dimension_override_by_name(name, length)
        # Without VNNI its sums of pairs of u8 · s8 stop at 16 bits; then this takes the kernels of
        # u8 · u8, which do not. With VNNI these would only be slower, several times; and with weights
        # of 7 bits no sum gets there.
        is_precise = case.precision == "int8" and not has_vnni() and case.largest_weight > 64
        if is_precise:
            options.add_session_config_entry("session.x64quantprecision", "1")
        self.session = onnxruntime.InferenceSession(
            case.model_path, options, providers=["CPUExecutionProvider"])
        types = {"tensor(int32)": numpy.int32}
        given = dict(zip(case.names, case.inputs))
        self.feed = {
            port.name: numpy.ascontiguousarray(
                given[port.name], types.get(port.type, given[port.name].dtype))
            for port in self.session.get_inputs() if port.name in given}
        self.images_per_call = case.batch
        quantized = "int8 by QDQ, " if case.precision == "int8" else ""
        quantized += "x64quantprecision 1, " if is_precise else ""
        self.settings = (f"onnxruntime {onnxruntime.__version__}, all optimisations, {quantized}"
                         f"{case.threads} intra-op threads")

    def call(self):
        self.outputs = self.session.run(None, self.feed)

    def error(self):
        return self.case.error_of(self.outputs)


class OpenVINO:
    """OpenVINO's CPU plugin under one of its performance hints, its precision pinned.

    It chooses bf16 by itself where a CPU has it. Of a QDQ file the hint is for what is not quantized,
    so that it is f32 there.
    """

    def __init__(self, case, hint):
        import openvino
        self.case = case
        core = openvino.Core()
        model = core.read_model(case.model_path)
        given = dict(zip(case.names, case.inputs))
        arrays = [next(given[name] for name in port.get_names() if name in given)
                  for port in model.inputs]
        model.reshape({port: list(array.shape) for port, array in zip(model.inputs, arrays)})
        compiled = core.compile_model(model, "CPU", {
            "PERFORMANCE_HINT": hint,
            "INFERENCE_PRECISION_HINT": "bf16" if case.precision == "bf16" else "f32",
            "INFERENCE_NUM_THREADS": str(case.threads)})
        count = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") if hint == "THROUGHPUT" else 1
        # Several rounds of short batches, so that no stream idles at the end of each for the others.
        self.rounds = max(1, 4 // case.batch) if count > 1 else 1
        self.queue = openvino.AsyncInferQueue(compiled, count)
        tensors = [
            openvino.Tensor(numpy.ascontiguousarray(array, port.get_element_type().to_dtype()))
            for port, array in zip(model.inputs, arrays)]
        for request in self.queue:
            for index, tensor in enumerate(tensors):
                request.set_input_tensor(index, tensor)
        self.requests = count
        self.images_per_call = case.batch * count * self.rounds
        self.settings = (f"openvino {openvino.__version__.split('-')[0]}, {hint.lower()} hint, "
                         f"{self.executed(compiled)}, "
                         f"{case.threads} threads, {count} request(s), {self.rounds} round(s) a call")

    def executed(self, compiled):
        """The pinned precision, and in how many of its layers the runtime says that it computes in it."""
        if self.case.precision == "f32":
            return "f32"
        wanted = {"int8": ("u8", "i8"), "bf16": ("bf16",)}[self.case.precision]
        found = executed_precisions(compiled)
        count = sum(precision in wanted for precision in found)
        if self.case.precision == "bf16" and found and not count:
            raise ValueError("OpenVINO runs none of the layers in bf16 on this CPU")
        name = "int8 by QDQ, hint f32" if self.case.precision == "int8" else "hint bf16"
        return f"{name}, {count} of {len(found)} layers in {' or '.join(wanted)}"

    def call(self):
        if len(self.queue) == 1:
            self.queue[0].infer()
            return
        for _ in range(len(self.queue) * self.rounds):
            self.queue.start_async()
        self.queue.wait_all()

    def error(self):
        count = len(self.case.expected)
        return float(numpy.max([
            self.case.error_of([request.get_output_tensor(index).data for index in range(count)])
            for request in self.queue]))


def executed_precisions(compiled):
    """The precision of each convolution and matrix product of a compiled model of OpenVINO."""
    found = []
    for node in compiled.get_runtime_model().get_ordered_ops():
        notes = node.get_rt_info()
        if "layerType" not in notes or "runtimePrecision" not in notes:
            continue
        # Some versions wrap a note, others do not.
        kind, precision = (str(getattr(notes[key], "value", notes[key]))
                           for key in ("layerType", "runtimePrecision"))
        if kind in ("Convolution", "FullyConnected", "MatMul"):
            found.append(precision.lower())
    return found


def bf16_autocast(case):
    """What a call of PyTorch is in: automatic casts to bfloat16 where the case asks for it."""
    if case.precision == "f32":
        return contextlib.nullcontext()
    if case.precision != "bf16":
        raise ValueError(f"PyTorch reads no QDQ file, so that it has no {case.precision} here")
    import torch
    # A cache of cast weights cannot be traced, and is of no use where each is read once.
    return torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=False)


def from_torchvision(case):
    """A network of torchvision with the case's weights."""
    import torch
    import torchvision
    # The auxiliary classifier is training's, and what seeds its weights takes a minute.
    inception = {"aux_logits": False, "init_weights": False}
    options = inception if case.network == "inception_v3" else {}
    model = getattr(torchvision.models, case.network)(weights=None, **options)
    state = {k: torch.from_numpy(v) for k, v in case.weights().items()}
    model.load_state_dict(state, strict=False)
    return model


class PyTorch:
    """PyTorch eager in channels_last, TorchScript frozen and optimised, or frozen `torch.compile`."""

    def __init__(self, case, mode, make=None):
        import torch
        torch.set_num_threads(case.threads)
        torch.set_num_interop_threads(1)
        self.case = case
        self.torch = torch
        model = (make or from_torchvision)(case)
        model.eval()
        if case.precision == "bf16":
            # As automatic casts do, but once: else each call casts all filters anew.
            for layer in model.modules():
                if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear)):
                    layer.to(torch.bfloat16)
        self.images = torch.from_numpy(case.inputs[0])
        if mode in ("channels-last", "compile"):
            model = model.to(memory_format=torch.channels_last)
            self.images = self.images.to(memory_format=torch.channels_last)
        with torch.inference_mode(), bf16_autocast(case):
            if mode == "jit":
                traced = torch.jit.trace(model, self.images)
                model = torch.jit.optimize_for_inference(torch.jit.freeze(traced))
            elif mode == "compile":
                # Without it no filters are packed and no batch-norm is folded: half the speed. As an
                # argument of `torch.compile` it comes too late to have an effect.
                import torch._inductor.config
                torch._inductor.config.freezing = True
                model = torch.compile(model)
            # Compiles, long before anything is timed.
            model(self.images)
        self.model = model
        self.images_per_call = case.batch
        names = {"jit": "TorchScript frozen and optimised", "channels-last": "eager, channels_last",
                 "compile": "torch.compile, frozen, channels_last"}
        cast = "bf16 autocast, " if case.precision == "bf16" else ""
        self.settings = f"torch {torch.__version__}, {names[mode]}, {cast}{case.threads} threads"

    def call(self):
        with self.torch.inference_mode(), bf16_autocast(self.case):
            self.output = self.model(self.images)

    def error(self):
        return self.case.error_of([self.output.float().numpy()])


def gathered(case, make):
    """A request for each thread, waited for and answered as one larger batch."""
    several = copy.copy(case)
    several.batch = case.batch * case.threads
    # What the model fixes stays as it is: a table of positions is the same for every request.
    several.inputs = [
        numpy.concatenate([array] * case.threads) if names and not names[0].isdecimal() else array
        for names, array in zip(case.shapes, case.inputs)]
    several.expected = [numpy.concatenate([array] * case.threads) for array in case.expected]
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

MODULES = {"onnxruntime": ("onnxruntime",), "openvino": ("openvino",),
           "pytorch": ("torch", "torchvision", "safetensors")}


def available(peers, modules):
    """Of these peers those whose packages are installed, and for the others what is missing."""
    import importlib.util
    found, missing = [], {}
    for name in peers:
        lacking = [m for m in modules[name.split("-")[0]]
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
