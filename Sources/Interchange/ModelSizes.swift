import Basics
import Formats
import Graphs
import Tensors

/// The lengths that a model leaves open.
package struct ModelSizes: Hashable, Sendable {
  /// Items side by side: the outermost dimension, where the model does not fix it; 1 if nil.
  package var batch: Int?
  /// Tokens of an item: what dimensions behind the first become whose names have `seq` in them, or
  /// the first, where no other has.
  package var sequence: Int?
  /// Other dimensions, by their names in the model.
  package var named: [String: Int]

  package init(batch: Int? = nil, sequence: Int? = nil, named: [String: Int] = [:]) {
    (self.batch, self.sequence, self.named) = (batch, sequence, named)
  }
}

/// What the dimensions of a model's inputs are, once the open ones have their lengths.
struct BoundInputs {
  /// Items side by side.
  let batch: Int
  /// Whether the model leaves open how many.
  let isOpen: Bool
  /// Dimensions by the input's name; `.batch` where items lie side by side.
  private(set) var dimensions: [String: [Dimension]] = [:]

  /// Binds the dimensions of inputs.
  ///
  /// The outermost dimension is the batch where any input leaves it open, or where all inputs have
  /// the same fixed one.
  ///
  /// - Parameters:
  ///   - inputs: Tensors of known rank.
  ///   - sizes: What is given.
  /// - Throws: A dimension that is not given, an impossible one, or a batch that the model fixes.
  init(
    _ inputs: [(name: String, lengths: [ModelFile.Length])], _ sizes: ModelSizes
  ) throws(Problem) {
    for (name, lengths) in inputs {
      for case .fixed(let length) in lengths where length < 1 {
        throw .malformed("input \(name) has a dimension of \(length)")
      }
    }
    let hasInnerSequence = inputs.contains { $0.lengths.dropFirst().contains { $0.isSequence } }
    // As recurrent layers have it: steps lie outermost, and items behind them.
    func isTokens(_ length: ModelFile.Length) -> Bool {
      sizes.sequence != nil && length.isSequence && !hasInnerSequence
    }
    let outermost = inputs.compactMap(\.lengths.first)
    isOpen = outermost.contains { length in
      if case .symbol(let name) = length {
        sizes.named[name] == nil && !isTokens(length)
      } else {
        false
      }
    }
    if isOpen {
      batch = sizes.batch ?? 1
    } else if case .fixed(let length)? = outermost.first,
      outermost.allSatisfy({ $0 == outermost.first })
    {
      batch = length
      guard sizes.batch ?? length == length else {
        throw Problem(
          .usage,
          "the model fixes the batch at \(length); export it with a symbolic batch, or ask for "
            + "that one")
      }
    } else {
      batch = 1
      guard sizes.batch ?? 1 == 1 else {
        throw Problem(.usage, "the model has no batch; leave the batch size out")
      }
    }
    guard batch > 0 else { throw Problem(.usage, "a batch of \(batch) has no items") }
    var (missing, sequences) = ([String](), 0)
    for (name, lengths) in inputs {
      var found: [Dimension] = []
      for (place, length) in lengths.enumerated() {
        switch length {
        case .fixed(let number):
          found.append(place == 0 && !isOpen && number == batch ? .batch : .fixed(number))
        case .symbol(let symbol):
          if let number = sizes.named[symbol] {
            found.append(.fixed(number))
          } else if place == 0, !isTokens(length) {
            found.append(.batch)
          } else if length.isSequence, let number = sizes.sequence {
            found.append(.fixed(number))
          } else {
            sequences += length.isSequence ? 1 : 0
            missing.append(
              "dimension \(place) of input \(name)" + (symbol.isEmpty ? "" : " (\(symbol))"))
          }
        }
      }
      dimensions[name] = found
    }
    guard missing.isEmpty else {
      let remedy =
        sequences == 0
        ? "export it with fixed lengths"
        : "give that of sequences by --sequence"
          + (sequences < missing.count ? ", and fix the others when exporting" : "")
      throw Problem(
        .usage, "the model leaves open \(missing.joined(separator: ", ")); \(remedy)")
    }
    for (name, _) in inputs {
      let lengths = (dimensions[name] ?? []).map { $0.length ?? batch }
      guard Shape(lengths) != nil else {
        throw .malformed("input \(name) has lengths \(lengths), which no value can have")
      }
    }
  }
}
