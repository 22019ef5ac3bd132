import Basics
import Formats

/// A node of a model, with what is known of its inputs and what it is told.
struct OperatorNode {
  let node: ModelFile.Node
  /// A name for sentences, and for the graph's nodes.
  let name: String
  /// What it reads; nil for what is left out.
  let inputs: [KnownValue?]
  /// Inputs that would have to be constants, as it turned out.
  let demands = Demands()

  /// What a node asks for in vain.
  final class Demands {
    /// Places among its inputs.
    var inputs = Set<Int>()
  }

  /// An input that has to be there.
  func input(_ index: Int) throws(Problem) -> KnownValue {
    guard inputs.indices.contains(index), let value = inputs[index] else {
      throw .malformed("lacks input \(index)")
    }
    return value
  }

  /// An input that the graph computes.
  func placed(_ index: Int) throws(Problem) -> PlacedValue {
    guard case .placed(let value) = try input(index) else {
      throw .malformed("reads a constant as input \(index), which is not supported")
    }
    return value
  }

  /// An input that has to be known; nil where it is left out.
  func constant(_ index: Int, _ what: String) throws(Problem) -> Constant? {
    guard inputs.indices.contains(index), let value = inputs[index] else { return nil }
    guard case .constant(let constant) = value else {
      demands.inputs.insert(index)
      throw .malformed("has \(what) that are computed, which is not supported")
    }
    return constant
  }

  /// A whole number that it is told.
  func integer(_ name: String, _ usual: Int) throws(Problem) -> Int {
    switch node[name] {
    case nil: return usual
    case .integer(let value)?: return Int(value)
    default: throw unfit(name)
    }
  }

  /// Whole numbers that it is told; nil where it is told none.
  func integers(_ name: String) throws(Problem) -> [Int]? {
    switch node[name] {
    case nil: return nil
    case .integers(let values)?: return values.map { Int($0) }
    default: throw unfit(name)
    }
  }

  /// A number that it is told.
  func float(_ name: String, _ usual: Float) throws(Problem) -> Float {
    switch node[name] {
    case nil: return usual
    case .float(let value)?: return value
    default: throw unfit(name)
    }
  }

  /// A word that it is told.
  func text(_ name: String, _ usual: String) throws(Problem) -> String {
    switch node[name] {
    case nil: return usual
    case .text(let bytes)?: return String(decoding: bytes, as: UTF8.self)
    default: throw unfit(name)
    }
  }

  /// An axis, counted from the end where it is negative.
  func axis(_ axis: Int, rank: Int) throws(Problem) -> Int {
    guard (-rank..<rank).contains(axis) else { throw .malformed("names axis \(axis) of \(rank)") }
    return axis < 0 ? axis + rank : axis
  }

  /// Axes, counted from the end where they are negative; all of them where none are named.
  func axes(_ given: [Int]?, rank: Int) throws(Problem) -> [Int] {
    try (given ?? Array(0..<rank)).map { (axis) throws(Problem) in try self.axis(axis, rank: rank) }
  }

  /// Axes, as an attribute or, in later versions, as an input; nil where none are named.
  func axes(input index: Int, rank: Int) throws(Problem) -> [Int]? {
    let given: [Int]?
    if let axes = try integers("axes") {
      given = axes
    } else {
      given = try constant(index, "axes")?.integers("an axis")
    }
    guard let given else { return nil }
    let result = try axes(given, rank: rank)
    guard Set(result).count == result.count else { throw .malformed("names an axis twice") }
    return result.sorted()
  }

  private func unfit(_ name: String) -> Problem {
    Problem(.malformed, "has an attribute \(name) of another type than it should")
  }
}
