import ArgumentParser

/// A model of a file, which stands in a network's place.
struct ModelFileOptions: ParsableArguments {
  @Option(help: "A model in ONNX's format, in a network's place.", completion: .file())
  var model: String?

  @Option(help: "Tokens of an item, where the model leaves their number open.")
  var sequence: Int?

  func validate() throws {
    if let sequence, !(1...1 << 20).contains(sequence) {
      throw ValidationError("--sequence needs a number from 1 to 1048576, not \(sequence).")
    }
    if sequence != nil, model == nil {
      throw ValidationError("--sequence is for --model FILE.onnx; give one, or leave it out.")
    }
  }

  /// Refuses options that are for networks only, where there is a model.
  ///
  /// - Parameter given: Spellings of those that were given.
  /// - Throws: Usage, naming the first.
  func refuse(_ given: String?...) throws {
    guard model != nil, let option = given.compactMap(\.self).first else { return }
    throw ValidationError(
      "\(option) is for networks of costcurve; the model of --model has its own.")
  }
}
