import Basics
import Formats
import Graphs

/// What is known before a run: constants that stand in the model, and lengths of values.
enum Constants {
  static let rules = [
    "Constant": OperatorRule(
      fold: { (node, _) throws(Problem) in [try constant(node)] }),
    "ConstantOfShape": OperatorRule(fold: filled),
    "Range": OperatorRule(fold: range),
    "Shape": OperatorRule(
      emit: { (translator, node) throws(Problem) in
        let lengths = try translator.lengths(node.placed(0).dimensions)
        return [.constant(Constant(list: try part(node, of: lengths)))]
      },
      fold: { (node, inputs) throws(Problem) in
        let lengths = (inputs.first ?? nil)?.dimensions ?? []
        return [Constant(list: try part(node, of: lengths))]
      }),
    "Size": OperatorRule(
      emit: { (translator, node) throws(Problem) in
        let lengths = try translator.lengths(node.placed(0).dimensions)
        let count = Double(lengths.reduce(1, *))
        return [.constant(try Constant(.int64, []) { _ in count })]
      },
      fold: { (_, inputs) throws(Problem) in
        let count = Double(try inputs.input(0).count)
        return [try Constant(.int64, []) { _ in count }]
      }),
  ]

  private static func constant(_ node: OperatorNode) throws(Problem) -> Constant {
    if case .tensor(let tensor)? = node.node["value"] { return Constant(tensor, name: "") }
    let values: [Double]
    var (element, dimensions) = (ModelFile.Element.float32, [Int]())
    if case .float(let value)? = node.node["value_float"] {
      values = [Double(value)]
    } else if case .floats(let list)? = node.node["value_floats"] {
      (values, dimensions) = (list.map(Double.init), [list.count])
    } else if case .integer(let value)? = node.node["value_int"] {
      (values, element) = ([Double(value)], .int64)
    } else if case .integers(let list)? = node.node["value_ints"] {
      (values, element, dimensions) = (list.map { Double($0) }, .int64, [list.count])
    } else {
      throw .malformed("has a value that is not supported")
    }
    return try Constant(element, dimensions) { values[$0] }
  }

  private static func filled(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let lengths = try inputs.input(0)
    var (element, value) = (ModelFile.Element.float32, 0.0)
    if case .tensor(let tensor)? = node.node["value"] {
      guard tensor.count == 1 else { throw .malformed("fills with more than one value") }
      (element, value) = (tensor.element, try tensor.doubles()[0])
    }
    return [try Constant(element, lengths.integers("a length"), filledWith: value)]
  }

  private static func range(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    var numbers: [Double] = []
    for input in inputs {
      guard let input, input.count == 1 else { throw .malformed("lacks a bound") }
      numbers.append(try input.doubles()[0])
    }
    guard numbers.count == 3, let element = inputs[0]?.element, numbers.allSatisfy(\.isFinite),
      numbers[2] != 0
    else { throw .malformed("counts from, to and by \(numbers)") }
    let steps = max(((numbers[1] - numbers[0]) / numbers[2]).rounded(.up), 0)
    let count = Int(exactly: min(steps, 0x1p62)) ?? 0
    return [try Constant(element, [count]) { numbers[0] + Double($0) * numbers[2] }]
  }

  /// Lengths from one place to another, as later versions can ask for.
  private static func part(_ node: OperatorNode, of lengths: [Int]) throws(Problem) -> [Int] {
    func place(_ name: String, _ usual: Int) throws(Problem) -> Int {
      let given = try node.integer(name, usual)
      // Clamped first: the sum of a huge negative number would overflow.
      let number = max(min(given, lengths.count), -lengths.count)
      return number < 0 ? number + lengths.count : number
    }
    let (start, end) = (try place("start", 0), try place("end", lengths.count))
    return Array(lengths[start..<max(start, end)])
  }
}
