import Basics
import Graphs
import Harness
import Interchange
import Models
import Programs

/// What commands measure cases of: a network of ours by its name, or a model of a file.
package enum WorkSubject {
  case network(Network)
  case file(ModelOfFile)

  /// The subject of its cases.
  package var name: String {
    switch self {
    case .network(let network): network.name
    case .file(let model): model.name
    }
  }

  /// How a command line names it.
  package var flags: String {
    switch self {
    case .network(let network): "--network \(network.name)"
    case .file(let model):
      "--model \(ShellWords.quoted(model.path))"
        + (model.sequence.map { " --sequence \($0)" } ?? "")
        + model.givenFiles.map { " --input \(ShellWords.quoted($0))" }.joined()
    }
  }

  /// What a file is that nobody has seen before, and how to go on with it; nothing for a network.
  package var hints: [String] {
    guard case .file(let model) = self else { return [] }
    return [
      "\(model.fileName): \(model.summary).",
      "'costcurve infer \(flags) --explain' shows where the time goes; 'costcurve peers \(flags)' "
        + "compares it with ONNX Runtime and OpenVINO.",
    ]
  }

  /// What is said where a file is to generate text.
  package static let noTextOfFiles =
    "a model of a file is given whole texts; --decode is for networks of costcurve that generate "
    + "text, such as gpt2."

  /// The network that is to generate text.
  ///
  /// - Returns: One whose keys and values of earlier tokens can be kept.
  /// - Throws: `usage` for a model of a file, and for a network that generates no text.
  package func textNetwork() throws(Problem) -> Network {
    guard case .network(let network) = self else { throw Problem(.usage, Self.noTextOfFiles) }
    try network.refuseGenerating()
    return network
  }

  /// What a batch has several of.
  package var item: WorkItem {
    switch self {
    case .network(let network): network.workItem
    case .file(let model): model.item
    }
  }

  /// The only batch that there is; nil where any can be asked for.
  package var fixedBatch: Int? {
    if case .file(let model) = self { model.fixedBatch } else { nil }
  }

  /// Whether it is a file that says itself how its values are quantized.
  ///
  /// - Returns: False for a network.
  /// - Throws: What of the file is not supported.
  package func isQuantized() throws(Problem) -> Bool {
    guard case .file(let model) = self else { return false }
    return try model.imported(batch: nil).graph.isQuantized
  }

  /// Whether its training is measured as well.
  package var isTrained: Bool {
    if case .network(let network) = self { network.readsLabels } else { false }
  }

  /// The passes over a layer that are measured.
  package var directions: [CaseID.Direction] {
    switch self {
    case .network(let network) where network.item != .sequence: CaseID.Direction.allCases
    case .network, .file: [.forward]
    }
  }

  /// Every distinct convolution, in order of first use.
  ///
  /// - Parameters:
  ///   - batch: Items.
  ///   - inputSize: Side of an image, or tokens; nil for the usual one, and for models of files.
  /// - Returns: Shapes, each with its layers, whose names can stand in ids.
  /// - Throws: A batch other than the one that a file fixes.
  package func convolutions(
    batch: Int, inputSize: Int? = nil
  ) throws(Problem) -> [Network.DistinctConvolution] {
    switch self {
    case .network(let network):
      network.convolutions(batch: batch, inputSize: inputSize ?? network.usualInputSize)
    case .file(let model): try model.convolutions(batch: batch)
    }
  }

  /// The graph of inference for a batch.
  ///
  /// - Parameters:
  ///   - batch: Items.
  ///   - inputSize: Side of an image, or tokens; nil for the usual one, and for models of files.
  /// - Returns: The graph, its passes applied.
  /// - Throws: A batch other than the one that a file fixes.
  package func inferenceGraph(batch: Int, inputSize: Int? = nil) throws(Problem) -> Graph {
    switch self {
    case .network(let network):
      network.inferenceGraph(inputSize: inputSize ?? network.usualInputSize)
    case .file(let model): try model.forwardPass(batch: batch).graph
    }
  }
}

extension ModelOfFile {
  /// Every distinct convolution, its layers under names that can stand in ids.
  func convolutions(batch: Int) throws(Problem) -> [Network.DistinctConvolution] {
    let imported = try imported(batch: batch)
    var (convolutions, taken) = (imported.graph.convolutions(batch: imported.batch), Set<String>())
    for index in convolutions.indices {
      convolutions[index].layers = convolutions[index].layers.map { layer in
        // An exporter's name is a path, whose strokes would end a part of the id.
        let kept = layer.drop { $0 == "/" }.map { character in
          character == "/"
            ? "."
            : character.isASCII && character.isWholeNumber
              || character.isASCII && character.isLetter || ".-_".contains(character)
              ? character : "_"
        }
        var (name, number) = (String(kept), 2)
        while !taken.insert(name).inserted {
          name = "\(String(kept))-\(number)"
          number += 1
        }
        return name
      }
    }
    return convolutions
  }
}
