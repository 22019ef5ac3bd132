import Basics
import Formats
import Graphs
import Kernels
import Tensors

extension IndexedReading: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    guard case .slices(let axis) = access.kind, access.fixed == nil, access.images == nil else {
      throw Problem(.malformed, "reads other elements than rows, which is not written")
    }
    export.append(
      "Gather", node, attributes: [ModelFile.Attribute("axis", .integer(Int64(axis)))])
  }
}

extension AxisSelection: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    var (starts, ends, axes) = ([Int](), [Int](), [Int]())
    for (axis, picks) in picks.enumerated() {
      guard let picks, let first = picks.first else { continue }
      guard first >= 0, picks.elementsEqual(first..<first + picks.count), images == nil,
        self.picks.count < 4
      else { throw Problem(.malformed, "chooses what is no slice, which is not written") }
      starts.append(first)
      ends.append(first + picks.count)
      axes.append(axis)
    }
    let bounds = [starts, ends, axes].map { export.list($0) }
    export.append("Slice", node, inputs: [export.name(node.inputs[0])] + bounds)
  }
}

extension LayerNormalization: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    guard centres, !givesStatistics else {
      throw Problem(.malformed, "normalises otherwise than ONNX of this version does")
    }
    export.append(
      "LayerNormalization", node,
      attributes: [
        ModelFile.Attribute("axis", .integer(Int64(axis))),
        ModelFile.Attribute("epsilon", .float(Float(epsilon))),
      ])
  }
}

extension Pairwise: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    let operations: [PairFunction: String] = [
      .add: "Add", .subtract: "Sub", .multiply: "Mul", .divide: "Div",
    ]
    let types = node.inputs.map { export.source[$0].type }
    guard let operation = operations[function],
      types.allSatisfy({ $0.element == .f32 && $0.dimensions.count < 4 })
    else { throw Problem(.malformed, "combines values by \(function), which is not written") }
    var inputs = node.inputs.map { export.name($0) }
    if let constant {
      inputs.insert(export.number(Float(constant)), at: isConstantFirst ? 0 : 1)
    }
    export.append(operation, node, inputs: inputs)
  }
}

extension Pointwise: ExportedOperator {
  /// Functions that have no operator of this version are written as exporters spell them, which
  /// runtimes recognise.
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    let x = export.name(node.inputs[0])
    let (one, half) = (export.number(1), export.number(0.5))
    switch function {
    case .gelu:
      let scaled = export.step("Div", node, [x, export.number(Float(2).squareRoot())])
      let share = export.step("Erf", node, [scaled])
      let sum = export.step("Add", node, [share, one])
      let product = export.step("Mul", node, [x, sum])
      export.append("Mul", node, inputs: [product, half])
    case .geluByTanh:
      let cube = export.step("Pow", node, [x, export.number(3)])
      let small = export.step("Mul", node, [cube, export.number(0.044715)])
      let sum = export.step("Add", node, [x, small])
      let factor = export.number(Float((2 / Double.pi).squareRoot()))
      let bent = export.step("Tanh", node, [export.step("Mul", node, [sum, factor])])
      let gate = export.step("Add", node, [bent, one])
      let first = export.step("Mul", node, [x, half])
      export.append("Mul", node, inputs: [first, gate])
    default: throw Problem(.malformed, "computes \(function), which is not written")
    }
  }
}

extension ElementCast: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    // The numbers of types in onnx.proto.
    let types: [DType: Int64] = [.f32: 1, .u8: 2, .i8: 3, .i32: 6, .i64: 7, .bool: 9]
    guard let type = types[element] else {
      throw Problem(.malformed, "gives \(element.rawValue), which is not written")
    }
    export.append("Cast", node, attributes: [ModelFile.Attribute("to", .integer(type))])
  }
}

extension Reshape: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    guard images == nil else {
      throw Problem(.malformed, "joins or cuts the items of a batch, which is not written")
    }
    // Where 0 stands, the length stays: that of the batch.
    let lengths = dimensions.map { $0.length ?? 0 }
    export.append(
      "Reshape", node, inputs: [export.name(node.inputs[0]), export.list(lengths)])
  }
}

extension Literal: ExportedOperator {
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem) {
    let elements: [DType: ModelFile.Element] = [.f32: .float32, .i32: .int32, .i64: .int64]
    guard let element = elements[type.element] else {
      throw Problem(.malformed, "is of \(type.element.rawValue), which is not written")
    }
    let name = export.constant(node.name) {
      ModelFile.Tensor($0, element, type.dimensions.compactMap(\.length), .bytes(bytes))
    }
    export.bind(node.outputs[0], to: name)
  }
}
