import Basics
import Formats
import Graphs
import Tensors

/// One way to translate a model, and what came of it.
struct TranslationAttempt {
  /// What was put together.
  private(set) var translator: Translator
  /// What the dimensions of the inputs are.
  let bound: BoundInputs
  /// What a run is given.
  private(set) var inputs: [ImportedModel.Port] = []
  /// What a run gives, once all is translated.
  private(set) var outputs: [ImportedModel.Port] = []
  private let batchNames: Set<String>

  /// Begins with what is given.
  ///
  /// - Parameters:
  ///   - graph: The model's.
  ///   - structure: Its nodes in order.
  ///   - sizes: The lengths that it leaves open.
  ///   - version: Of its operators.
  ///   - given: Inputs whose elements are known.
  ///   - keepsBatch: Whether the batch is a symbol in the graph; a number otherwise.
  /// - Throws: Inputs that are not supported, and lengths that are not given.
  init(
    _ graph: ModelFile.Graph, _ structure: ModelStructure, _ sizes: ModelSizes, version: Int,
    given: [String: ModelFile.Tensor], keepsBatch: Bool
  ) throws(Problem) {
    let initializers = Set(graph.initializers.map(\.name))
    let empty = graph.inputs.filter { !initializers.contains($0.name) }.compactMap(\.empty)
    let constants = initializers.union(given.keys).union(empty.map(\.name))
    let open = try Self.inputs(graph.inputs.filter { !constants.contains($0.name) }, structure)
    bound = try BoundInputs(open.map { ($0.name, $0.lengths) }, sizes)
    var names = Set<String>()
    for case .symbol(let name)? in open.map(\.lengths.first) where !name.isEmpty {
      names.insert(name)
    }
    batchNames = names
    translator = Translator(structure, batch: bound.batch)
    translator.version = version
    for (name, tensor) in (graph.initializers + empty).map({ ($0.name, $0) })
      + given.map({ ($0, $1) })
    {
      translator.known[name] = .constant(Constant(tensor, name: name))
    }
    let tables = Dictionary(
      graph.initializers.map { ($0.name, $0.dimensions) }, uniquingKeysWith: { first, _ in first })
    for input in open {
      var dimensions = bound.dimensions[input.name] ?? []
      let isBatched = dimensions.first == .batch
      if !keepsBatch { dimensions = translator.lengths(dimensions).map { .fixed($0) } }
      let isImage = structure.readsAsImage(input.name) && dimensions.count == 4
      let own = isImage ? [0, 2, 3, 1].map { dimensions[$0] } : dimensions
      let value = translator.builder.input(input.name, TensorType(input.type, own))
      translator.known[input.name] = .placed(
        PlacedValue(
          value: value, dimensions: dimensions, layout: isImage ? .channelsLast : .plain))
      inputs.append(
        ImportedModel.Port(
          name: input.name, lengths: translator.lengths(dimensions), isBatched: isBatched,
          element: input.type, isChannelsLast: isImage,
          tableRows: structure.tableRows(input.name, tables)))
    }
  }

  /// Whether items lie side by side.
  var hasBatch: Bool { inputs.contains(where: \.isBatched) }

  /// Inputs whose elements a failed node has to know, and whether only where they are few.
  var demandedInputs: [String: Bool] {
    let names = Set(inputs.map(\.name))
    let all = translator.structure.sources(of: translator.demands).intersection(names)
    let few = translator.structure.sources(of: translator.foldDemands)
    let small = inputs.filter { few.contains($0.name) && Self.isSmall($0.lengths) }.map(\.name)
    return Dictionary(
      small.map { ($0, true) } + all.map { ($0, false) }, uniquingKeysWith: { $0 && $1 })
  }

  /// Whether a tensor is one of the few numbers that operators are told, and no data.
  static func isSmall(_ lengths: [Int]) -> Bool {
    lengths.count < 2 && lengths.allSatisfy { $0 <= 1024 }
  }

  /// What has to be given, where nothing but that is amiss.
  var missing: Problem? {
    let names = demandedInputs.keys.sorted()
    guard !names.isEmpty, translator.failsByDemandsOnly else { return nil }
    let flags = names.map { "--input \($0)=FILE.npy" }
    return Problem(
      .usage,
      "the elements of \(names.joined(separator: ", ")) decide what the model computes; give "
        + "\(names.count == 1 ? "it" : "them") as \(flags.joined(separator: " ")) "
        + "(\(translator.failureList))")
  }

  /// Translates all nodes, and gives the graph its outputs in the model's order of elements.
  ///
  /// - Parameter ports: The model's outputs.
  /// - Throws: What cannot be translated, all of it at once.
  mutating func translate(to ports: [ModelFile.Port]) throws(Problem) {
    try translator.run()
    var used = Set<Graph.Value>()
    for (place, port) in ports.enumerated() {
      let (computed, dimensions) = try translator.outcome(port.name)
      var value = computed
      // An output has memory of its own, apart from inputs and other outputs.
      if !used.insert(value).inserted || !translator.isComputed(value) {
        value = try translator.append("\(port.name).copy", Reshape(dimensions), value)
      }
      translator.builder.output(port.name, value)
      let lengths = translator.lengths(dimensions)
      outputs.append(
        ImportedModel.Port(
          name: port.name, lengths: lengths,
          isBatched: dimensions.first == .batch || isBatch(port, lengths),
          element: translator.builder[value].type.element, place: place))
    }
    // What is not sound as a graph may be so with the number of items in the place of a symbol.
    var builder = translator.builder
    builder.prune()
    _ = try builder.graph()
  }

  /// Whether the model says that an output has as many items as its inputs.
  private func isBatch(_ port: ModelFile.Port, _ lengths: [Int]) -> Bool {
    guard case .tensor(_, let declared?) = port.type, case .symbol(let name)? = declared.first
    else { return false }
    return batchNames.contains(name) && lengths.first == bound.batch
  }

  private static func inputs(
    _ ports: [ModelFile.Port], _ structure: ModelStructure
  ) throws(Problem) -> [(name: String, type: DType, lengths: [ModelFile.Length])] {
    var result: [(name: String, type: DType, lengths: [ModelFile.Length])] = []
    for port in ports where structure.isWanted(port.name) {
      guard case .tensor(let element, let lengths?) = port.type, let type = element.runType else {
        throw .malformed(
          "input \(port.name) is not supported; supported are tensors of float32, int64, int32, "
            + "bool, uint8 and int8 whose dimensions are counted")
      }
      result.append((port.name, type, lengths))
    }
    return result
  }
}

extension ModelFile.Port {
  /// The tensor of an input that has no elements, as an empty list of axes; nil for any other.
  fileprivate var empty: ModelFile.Tensor? {
    guard case .tensor(let element, let lengths?) = type, element.bits > 0 else { return nil }
    let fixed = lengths.compactMap { if case .fixed(let length) = $0 { length } else { nil } }
    guard fixed.count == lengths.count, fixed.contains(0), fixed.allSatisfy({ $0 <= 1 << 16 }),
      ModelFile.Tensor.count(fixed) != nil
    else { return nil }
    return ModelFile.Tensor(name, element, fixed, .bytes([]))
  }
}
