import ArgumentParser

/// Files of inputs of a model that have to be known before it runs.
struct DecidingInputOptions: ParsableArguments {
  @Option(
    help: "NAME=FILE.npy, an input whose values determine what the model computes.",
    completion: .file())
  var input: [String] = []

  /// Refuses them where there is no model.
  ///
  /// - Parameter model: The path of one; nil for a network.
  /// - Throws: Usage.
  func refuse(without model: String?) throws {
    guard !input.isEmpty, model == nil else { return }
    throw ValidationError("--input is for --model FILE.onnx; give that, or leave it out.")
  }
}
