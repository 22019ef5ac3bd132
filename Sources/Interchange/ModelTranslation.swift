import Basics
import Formats

/// A model on its way to a graph, translated again each time that more of it is known: which
/// branches it takes, which inputs are constants, and whether items side by side stay apart.
struct ModelTranslation {
  /// Rounds at most: conditions that decide one another would take as many as there are.
  private static let roundLimit = 100

  /// The elements of inputs that had to be known.
  private(set) var given: [String: ModelFile.Tensor] = [:]
  private let sizes: ModelSizes
  private let version: Int?
  private var graph: ModelFile.Graph
  private var keepsBatch = true

  /// Takes a model apart.
  ///
  /// - Parameters:
  ///   - model: As it was read.
  ///   - sizes: The lengths that it leaves open.
  ///   - given: Inputs whose elements are known.
  /// - Throws: Functions that call themselves.
  init(
    _ model: ModelFile, _ sizes: ModelSizes, given: [String: ModelFile.Tensor]
  ) throws(Problem) {
    (self.sizes, self.given) = (sizes, given)
    (version, graph) = (
      model.operatorVersion, QuantizedOperators.takenApart(try model.inlinedGraph())
    )
  }

  /// Translates until nothing is left to learn.
  ///
  /// - Parameter values: Asked for the elements of inputs.
  /// - Returns: What was translated, its outputs included.
  /// - Throws: What `ImportedModel` throws.
  mutating func run(_ values: ImportedModel.Values) throws(Problem) -> TranslationAttempt {
    for _ in 0..<Self.roundLimit {
      let structure = try ModelStructure(graph)
      try ImportedModel.checkSupported(structure, version: version)
      var attempt = try TranslationAttempt(
        graph, structure, sizes, version: version ?? .max, given: given, keepsBatch: keepsBatch)
      do throws(Problem) {
        try attempt.translate(to: graph.outputs)
        return attempt
      } catch {
        guard try learn(from: attempt, values) else { throw attempt.missing ?? error }
      }
    }
    throw .malformed("more than \(Self.roundLimit) conditions decide one another")
  }

  /// Whether a failed attempt told what the next one can do better.
  private mutating func learn(
    from attempt: TranslationAttempt, _ values: ImportedModel.Values
  ) throws(Problem) -> Bool {
    let branches = attempt.translator.branches
    if !branches.isEmpty {
      graph = try graph.taking(branches)
      return true
    }
    var hasLearned = false
    for (name, isSmall) in attempt.demandedInputs.sorted(by: { $0.key < $1.key }) {
      guard let port = graph.inputs.first(where: { $0.name == name }),
        let tensor = try values(port), tensor.count <= ModelFile.Tensor.countLimit,
        !isSmall || TranslationAttempt.isSmall(tensor.dimensions)
      else { continue }
      given[name] = tensor
      hasLearned = true
    }
    if hasLearned { return true }
    // An operator that joins the items of a batch can do so where their number is fixed.
    guard keepsBatch, attempt.hasBatch, attempt.missing == nil else { return false }
    keepsBatch = false
    return true
  }
}
