import ArgumentParser
import Basics

/// A network named without `--network`, as in `costcurve infer resnet50`.
struct NetworkWord: ParsableArguments {
  /// The network where none is named.
  static let usual = "resnet50"

  @Argument(help: ArgumentHelp("Network, as --network takes it.", valueName: "network"))
  var word: String?

  /// The name in force, of this word and the option's value; nil where there is neither.
  ///
  /// - Throws: Usage where they name two networks, or the file of a model.
  func name(beside option: String?) throws(Problem) -> String? {
    if let file = word ?? option, file.hasSuffix(".onnx") {
      throw Problem(
        .usage,
        "'\(file)' is a file, not a network; commands that take models take it as --model \(file).")
    }
    if let word, let option, word != option {
      throw Problem(.usage, "'\(word)' and --network \(option) are two networks; give one.")
    }
    return word ?? option
  }
}
