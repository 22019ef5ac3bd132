import Basics
import Graphs

/// Values side by side.
enum Joins {
  static let rules = ["Concat": OperatorRule(emit: join, fold: fold)]

  private static func join(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let computed = node.inputs.compactMap { $0?.computed }
    guard let rank = computed.first?.dimensions.count else { throw .malformed("joins nothing") }
    let axis = try node.axis(node.integer("axis", 1), rank: rank)
    let isImage = rank == 4 && computed.contains { $0.layout == .channelsLast }
    let own = isImage ? [0, 3, 1, 2][axis] : axis
    var (values, isComputed) = ([Graph.Value](), true)
    for index in node.inputs.indices {
      switch try node.input(index) {
      case .placed(let part):
        guard part.dimensions.count == rank else {
          throw .malformed("joins values of different ranks")
        }
        values.append(
          isImage
            ? try translator.image(part, node.name).value : try translator.plain(part, node.name))
      case .constant(let constant):
        guard constant.dimensions.count == rank else {
          throw .malformed("joins values of different ranks")
        }
        isComputed = false
        let part = try (isImage ? constant.channelsLast() : constant)
        values.append(try translator.part(part, node.name, axis: own))
      }
    }
    let types = values.map { translator.builder[$0].type }
    let result: PlacedValue
    if own == rank - 1, own > 0, isComputed, types.allSatisfy({ $0.element == .f32 }),
      types.allSatisfy({ $0.dimensions.dropLast() == types[0].dimensions.dropLast() })
    {
      // What gives channels can often write them where they belong.
      result = try translator.result(node.name, Concatenation(), values, isImage: isImage)
    } else {
      let isApart = (try? Joining(axis: own).outputs(types)) != nil
      let op = Joining(axis: own, images: isApart ? nil : translator.batch)
      result = try translator.result(node.name, op, values, isImage: isImage)
    }
    return [.placed(result)]
  }

  private static func fold(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let parts = inputs.compactMap { $0 }
    guard let first = parts.first, parts.count == inputs.count else {
      throw .malformed("joins nothing")
    }
    let axis = try node.axis(node.integer("axis", 0), rank: first.dimensions.count)
    var dimensions = first.dimensions
    dimensions[axis] = 0
    for part in parts {
      var others = part.dimensions
      guard others.indices.contains(axis) else {
        throw .malformed("joins values of different ranks")
      }
      others[axis] = first.dimensions[axis]
      guard others == first.dimensions else {
        throw .malformed("joins \(part.dimensions) to \(first.dimensions)")
      }
      let (sum, overflows) = dimensions[axis].addingReportingOverflow(part.dimensions[axis])
      guard !overflows else { throw .malformed("joins more than can be counted") }
      dimensions[axis] = sum
    }
    // Too many elements are refused before any are read.
    var joined = try Constant(first.element, dimensions, filledWith: 0)
    guard joined.count > 0 else { return [joined] }
    let inner = dimensions[(axis + 1)...].reduce(1, *)
    var blocks: [(values: [Double], size: Int)] = []
    for part in parts where part.count > 0 {
      blocks.append((values: try part.doubles(), size: part.dimensions[axis] * inner))
    }
    var values: [Double] = []
    values.reserveCapacity(joined.count)
    for outer in 0..<dimensions[..<axis].reduce(1, *) {
      for block in blocks {
        values += block.values[outer * block.size..<(outer + 1) * block.size]
      }
    }
    joined.source = .computed(values)
    return [joined]
  }
}

extension Constant {
  /// The first of equal parts along the outermost dimension; the same constant where they differ.
  fileprivate func oneForAll() throws(Problem) -> Constant {
    guard let count = dimensions.first, count > 1, self.count > 0 else { return self }
    let (values, size) = (try doubles(), self.count / count)
    guard values.indices.allSatisfy({ values[$0] == values[$0 % size] }) else { return self }
    var one = try Constant(element, [1] + dimensions.dropFirst()) { values[$0] }
    one.name = "\(name).one"
    return one
  }
}

extension Translator {
  /// A constant that is joined with computed values: one for all images where it can be.
  fileprivate mutating func part(
    _ constant: Constant, _ name: String, axis: Int
  ) throws(Problem) -> Graph.Value {
    let part =
      axis > 0 && dimensions(constant.dimensions).first == .batch
      ? try constant.oneForAll() : constant
    return try operand(part, name)
  }
}
