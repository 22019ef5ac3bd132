import Basics
import Formats
import Graphs

/// Attention as exporters spell it: `MatMul(Softmax(MatMul(q, kᵀ) · c + mask), v)`, as one operator.
///
/// What it takes the place of is left without readers. Where something is written otherwise, the
/// nodes stay what they are.
struct AttentionPattern {
  /// Factors of one value that are followed; exporters write two at most.
  private static let factorLimit = 8

  /// Names of what is read.
  private(set) var (queries, keys, values): (String, String, String)
  /// The name of what is added to scores.
  private(set) var mask: String?
  /// What products are multiplied by.
  private(set) var scale: Float = 1
  /// Whether heads lie behind the rows, as they come out of a fully connected layer.
  private(set) var liesByRows = false

  /// Looks for the pattern that ends with a product.
  init?(_ translator: Translator, _ node: OperatorNode) {
    guard node.node.inputs.count == 2,
      let softmax = Self.producer(of: node.node.inputs[0], translator),
      softmax.operation == "Softmax", softmax.inputs.count == 1,
      Self.isOverKeys(softmax, translator)
    else { return nil }
    (queries, keys, values) = ("", "", node.node.inputs[1])
    guard let sum = Self.producer(of: softmax.inputs[0], translator) else { return nil }
    if sum.operation == "Add", sum.inputs.count == 2 {
      guard
        followScores(sum.inputs[0], sum.inputs[1], translator)
          || followScores(sum.inputs[1], sum.inputs[0], translator)
      else { return nil }
    } else {
      guard followScores(softmax.inputs[0], nil, translator) else { return nil }
    }
    guard followKeys(translator), scale.isFinite, scale != 0 else { return nil }
    let rows = [queries, values].map { Self.source(of: $0, [0, 2, 1, 3], translator) }
    if liesByRows {
      guard let q = rows[0], let v = rows[1] else { return nil }
      (queries, values) = (q, v)
    } else if let q = rows[0], let v = rows[1],
      let k = Self.source(of: keys, [0, 2, 1, 3], translator)
    {
      (queries, keys, values, liesByRows) = (q, k, v, true)
    }
  }

  /// Goes from scores back to the product that gave them.
  private mutating func followScores(
    _ scores: String, _ mask: String?, _ translator: Translator
  ) -> Bool {
    var scale: Float = 1
    let product = Self.unscaled(scores, &scale, translator)
    guard let node = Self.producer(of: product, translator), node.operation == "MatMul",
      node.inputs.count == 2
    else { return false }
    queries = Self.unscaled(node.inputs[0], &scale, translator)
    keys = Self.unscaled(node.inputs[1], &scale, translator)
    (self.scale, self.mask) = (scale, mask)
    return true
  }

  /// Goes from transposed keys back to the keys.
  private mutating func followKeys(_ translator: Translator) -> Bool {
    if let source = Self.source(of: keys, [0, 2, 3, 1], translator) {
      (keys, liesByRows) = (Self.unscaled(source, &scale, translator), true)
      return true
    }
    guard let source = Self.source(of: keys, [0, 1, 3, 2], translator) else { return false }
    keys = Self.unscaled(source, &scale, translator)
    return true
  }

  /// A value without the factors that it was multiplied by.
  private static func unscaled(
    _ name: String, _ scale: inout Float, _ translator: Translator
  ) -> String {
    var (name, factors) = (name, 0)
    while factors < factorLimit, let node = producer(of: name, translator), node.inputs.count == 2,
      ["Mul", "Div"].contains(node.operation)
    {
      let isDivided = node.operation == "Div"
      let places = isDivided ? [1] : [0, 1]
      guard let place = places.first(where: { number(node.inputs[$0], translator) != nil }),
        let factor = number(node.inputs[place], translator)
      else { return name }
      scale *= isDivided ? 1 / factor : factor
      name = node.inputs[1 - place]
      factors += 1
    }
    return name
  }

  /// A constant of one number.
  private static func number(_ name: String, _ translator: Translator) -> Float? {
    guard let constant = translator.known[name]?.constant, constant.count == 1,
      constant.element.isFloat, constant.dimensions.count <= 4,
      let value = try? constant.doubles().first
    else { return nil }
    return Float(value)
  }

  private static func producer(of name: String, _ translator: Translator) -> ModelFile.Node? {
    translator.structure.producers[name].map { translator.structure.nodes[$0] }
  }

  /// What a transposition by an order was made of; nil where a value is none.
  private static func source(
    of name: String, _ order: [Int64], _ translator: Translator
  ) -> String? {
    guard let node = producer(of: name, translator), node.operation == "Transpose",
      case .integers(order)? = node["perm"]
    else { return nil }
    return node.inputs.first
  }

  /// Whether shares are taken along the last of four axes.
  private static func isOverKeys(_ softmax: ModelFile.Node, _ translator: Translator) -> Bool {
    switch softmax["axis"] {
    case .integer(3)?, .integer(-1)?: true
    case nil: translator.version >= 13
    default: false
    }
  }
}
