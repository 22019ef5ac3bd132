import Foundation
import TestSupport
import Testing

/// The scripts of `Benchmarks/Peers` that need nothing but Python.
struct PeerScriptsTests {
  private static let python = CommandProcess.path(of: "python3")
  private static let folder = DocumentedCommand.package.appendingPathComponent("Benchmarks/Peers")
    .path

  private func run(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> CommandProcess {
    try CommandProcess(
      arguments, of: Self.python, environment: environment, timeout: 120)
  }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }

  /// What our own writer writes is read without a package.
  @Test(.enabled(if: python != nil, "needs python3"))
  func aModelIsReadAsItWasWritten() throws {
    let folder = try TemporaryDirectory()
    let model = folder.path("resnet18.onnx")
    let exported = try CommandProcess(
      ["export-model", "--network", "resnet18", "-o", model], timeout: 120)
    try #require(exported.status == 0, "\(exported.errors)")
    let outcome = try run([Self.folder + "/onnx_file.py", model])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let told = try #require(try objects(outcome.output).first)
    let counts = try #require(told["operators"] as? [String: Int])
    #expect(counts["Conv"] == 20 && counts["Gemm"] == 1 && counts["Add"] == 8, "\(counts)")
    // Trained parameters, and the running mean and variance of each of 4 800 channels.
    let parameters = try #require(told["parameters"] as? Int)
    #expect(parameters == 11_689_512 + 2 * 4_800)
    #expect(told["bytes"] as? Int == 4 * parameters)
    #expect((told["inputs"] as? [String])?.count == 1)
  }

  @Test(.enabled(if: python != nil, "needs python3"))
  func whatIsNoModelIsSaidToBeNone() throws {
    let folder = try TemporaryDirectory()
    for bytes in [Data("no model".utf8), Data([0x3A, 0x7F, 1]), Data()] {
      let file = try folder.file("x.onnx", bytes)
      let outcome = try run([Self.folder + "/onnx_file.py", file])
      #expect(outcome.status != 0 && outcome.errors.contains("ValueError"), "\(outcome.errors)")
    }
  }

  @Test(.enabled(if: python != nil, "needs python3"))
  func everyReleaseHasADateASourceAndASetting() throws {
    let folder = try TemporaryDirectory()
    var software: Set<String> = []
    for more in [[], ["--train"]] {
      let outcome = try run(
        [Self.folder + "/environments.py", "--folder", folder.root, "--list"] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      for line in try objects(outcome.output) {
        let release = try #require(line["release"] as? [String: Any])
        let date = try #require(release["released"] as? String)
        #expect(date.wholeMatch(of: /20[0-9]{2}-[01][0-9](-[0-3][0-9])?/) != nil, "\(release)")
        #expect((release["source"] as? String)?.isEmpty == false, "\(release)")
        #expect((release["settings"] as? [String])?.isEmpty == false, "\(release)")
        if more.isEmpty { software.insert(try #require(release["software"] as? String)) }
      }
    }
    #expect(software == ["pytorch", "onnxruntime", "openvino", "tensorflow", "openblas"])
  }

  /// Nothing is left of an environment that could not be made, and the reason is told.
  @Test(.enabled(if: python != nil, "needs python3"))
  func aReleaseThatCannotBeInstalledIsTold() throws {
    let folder = try TemporaryDirectory()
    let outcome = try run(
      [
        Self.folder + "/environments.py", "--folder", folder.path("made"), "--only",
        "^onnxruntime-1.14.1$",
      ], environment: ["PIP_NO_INDEX": "1"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = try objects(outcome.output)
    let release = try #require(lines.last?["release"] as? [String: Any])
    let reason = try #require(release["reason"] as? String)
    #expect(reason.hasPrefix("it cannot be installed here: "), "\(reason)")
    let left = try? FileManager.default.contentsOfDirectory(atPath: folder.path("made"))
    #expect((left ?? []).isEmpty, "\(left ?? [])")
  }

  /// The precision of a case, its tolerance, and what OpenVINO says that it executed, with nothing
  /// installed: stubs stand for numpy and for a compiled model.
  @Test(.enabled(if: python != nil, "needs python3"))
  func precisionsAreReadFromCasesAndModels() throws {
    let stubs = try TemporaryDirectory()
    _ = try stubs.file("numpy.py", Data("load = None\n".utf8))
    let script = """
      import json, sys
      sys.path[:0] = sys.argv[1:]
      import runtimes

      class Note:
          value = "U8"

      class Node:
          def __init__(self, **notes):
              self.notes = notes

          def get_rt_info(self):
              return self.notes

      class Model:
          def get_runtime_model(self):
              return self

          def get_ordered_ops(self):
              return [Node(layerType="Convolution", runtimePrecision=Note()),
                      Node(layerType="FullyConnected", runtimePrecision="f32"),
                      Node(layerType="Reorder", runtimePrecision="u8"), Node()]

      given = {"onnx": "m.onnx", "tolerance": "0.02"}
      for name in ("int8/", "bf16/", ""):
          case = runtimes.Case(f"infer/net/b2/t3/{name}peer", given if name else {"onnx": "m.onnx"})
          print(json.dumps([case.precision, case.batch, case.threads, case.tolerance]))
      print(json.dumps(runtimes.executed_precisions(Model())))

      class Options:
          def add_session_config_entry(self, name, value):
              self.entry = name

      class Session:
          def __init__(self, path, options, providers):
              entries.append(getattr(options, "entry", None))

          def get_inputs(self):
              return []

      class Module:
          SessionOptions, InferenceSession, __version__ = Options, Session, "1"

          class GraphOptimizationLevel:
              ORT_ENABLE_ALL = 1

          class ExecutionMode:
              ORT_SEQUENTIAL = 1

      entries = []
      sys.modules["onnxruntime"] = Module
      sys.modules["numpy"].int32 = None
      for vnni in (False, True):
          runtimes.has_vnni = lambda: vnni
          for more in ({}, {"largest-weight": "127"}, {"largest-weight": "64"}):
              runtimes.OnnxRuntime(runtimes.Case("infer/net/b2/t3/int8/peer", given | more))
      print(json.dumps(entries))
      """
    let outcome = try run(["-c", script, stubs.root, Self.folder])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.split(separator: "\n").map(String.init) == [
        "[\"int8\", 2, 3, 0.02]", "[\"bf16\", 2, 3, 0.02]", "[\"f32\", 2, 3, null]",
        "[\"u8\", \"f32\"]",
        "[\"session.x64quantprecision\", \"session.x64quantprecision\", null, null, null, null]",
      ])
  }

  /// A step over sequences is computed in the precision that its record has, and says so; with nothing
  /// installed: stubs stand for numpy, torch and the network.
  @Test(.enabled(if: python != nil, "needs python3"))
  func aStepOverSequencesIsComputedInThePrecisionOfItsCase() throws {
    let script = """
      import contextlib, json, sys, types
      sys.path[:0] = sys.argv[1:]

      class Numbers:
          def __truediv__(self, other):
              return self
          def __sub__(self, other):
              return self
          def max(self):
              return 0.0

      class Loss:
          def item(self):
              return 1.0
          def backward(self):
              calls.append(["backward", list(casts)])

      class Network:
          def parameters(self):
              return []
          def __call__(self, given):
              calls.append(["forward", list(casts)])
              return Loss()

      class SGD:
          def __init__(self, groups, lr, momentum):
              pass
          def zero_grad(self, set_to_none):
              pass
          def step(self):
              pass

      @contextlib.contextmanager
      def autocast(device, dtype, cache_enabled):
          casts.append(dtype)
          yield
          casts.pop()

      def module(name, **members):
          sys.modules[name] = types.ModuleType(name)
          sys.modules[name].__dict__.update(members)

      casts, calls = [], []
      module("numpy", load=None, array=lambda values: Numbers(), abs=lambda values: values)
      module("torch", __version__="0", bfloat16="bfloat16", autocast=autocast,
             set_num_threads=lambda count: None, set_num_interop_threads=lambda count: None,
             from_numpy=lambda array: array, optim=types.SimpleNamespace(SGD=SGD),
             nn=types.SimpleNamespace(utils=types.SimpleNamespace(clip_grad_norm_=None)))
      module("text_models", network=lambda name, weights: Network())
      import training
      for precision in ("bf16", "f32"):
          calls.clear()
          step = training.made(types.SimpleNamespace(
              precision=precision, network="bert-base", threads=1, batch=2, names=["x"],
              inputs=["a"], expected=[1.0], weights=dict, kind_of_update="sgd",
              update={"learning-rate": 0.1, "momentum": 0.9, "weight-decay": 0.0}), "default")
          print(json.dumps([calls, "bf16 autocast, 1 threads" in step.settings]))
      """
    let outcome = try run(["-B", "-c", script, Self.folder])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.split(separator: "\n").map(String.init) == [
        "[[[\"forward\", [\"bfloat16\"]], [\"backward\", []]], true]",
        "[[[\"forward\", []], [\"backward\", []]], false]",
      ])
  }
}
