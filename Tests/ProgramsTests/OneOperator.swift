import Basics
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// A program of one operator, beside its plain reference.
struct OneOperator {
  var op: any Operator
  /// Types and shapes of what it reads, and the elements.
  var inputs: [(type: DType, lengths: [Int], values: [Double])] = []
  /// Indices of inputs that are parameters.
  var parameters: Set<Int> = []
  /// Whether the outermost dimension is a batch where it has this length.
  var batch: Int?

  init(_ op: any Operator) { self.op = op }

  /// Adds floats between two bounds.
  mutating func floats(_ lengths: [Int], in range: ClosedRange<Float> = -1...1) {
    var random = SeededRandom(seed: UInt64(inputs.count + 41))
    let values = random.floats(lengths.reduce(1, *), in: range).map(Double.init)
    inputs.append((.f32, lengths, values))
  }

  /// An input's elements as a run reads them.
  private final class Memory {
    let buffer: AlignedBuffer

    init(_ values: [Double], as type: DType) {
      buffer = AlignedBuffer(byteCount: values.count * type.byteCount)
      let bytes = buffer.bytes
      for (index, value) in values.enumerated() {
        switch type {
        case .i64: bytes.storeBytes(of: Int64(value), toByteOffset: 8 * index, as: Int64.self)
        case .i32: bytes.storeBytes(of: Int32(value), toByteOffset: 4 * index, as: Int32.self)
        case .bool: bytes.storeBytes(of: UInt8(value), toByteOffset: index, as: UInt8.self)
        default: bytes.storeBytes(of: Float(value), toByteOffset: 4 * index, as: Float.self)
        }
      }
    }
  }

  private struct Kept: WeightSource {
    var values: [String: [Double]]
    func read(
      _ parameter: Parameter, into target: UnsafeMutableBufferPointer<Float>
    ) throws(Problem) {
      for (index, value) in (values[parameter.name] ?? []).enumerated() {
        target[index] = Float(value)
      }
    }
  }

  private func graph() throws -> Graph {
    var builder = GraphBuilder()
    var values: [Graph.Value] = []
    for (index, input) in inputs.enumerated() {
      var dimensions = input.lengths.map { Dimension.fixed($0) }
      if let batch, input.lengths.first == batch { dimensions[0] = .batch }
      values.append(
        parameters.contains(index)
          ? builder.parameter(Parameter(name: "v\(index)", shape: input.lengths, role: .filters))
          : builder.input("v\(index)", TensorType(input.type, dimensions)))
    }
    for (index, value) in try builder.append("op", op, values).enumerated() {
      builder.output("y\(index)", value)
    }
    return try builder.graph()
  }

  /// Compares all outputs, twice in a row.
  func compare(
    threads: Int, bound: Double = 1e-5, _ place: SourceLocation = #_sourceLocation
  ) throws {
    let graph = try graph()
    var (tensors, memory) = ([String: ReferenceTensor](), [Memory]())
    for (index, input) in inputs.enumerated() {
      let shape = try #require(Shape(input.lengths))
      tensors["v\(index)"] = ReferenceTensor(shape, input.values)
    }
    let program = try Program(
      graph, parameters: .frozen(Kept(values: tensors.mapValues(\.values))), batch: batch ?? 1,
      pool: ThreadPool(threads: threads), caches: CacheSizes(l1: 1, l2: 1, l3: 4096)
    ) { _, shape, _ in ConvPlan.native(shape, allowsWinograd: false) }
    for (index, port) in graph.inputs.enumerated() {
      let input = inputs[Int(port.name.dropFirst()) ?? 0]
      memory.append(Memory(input.values, as: input.type))
      program.bind(index, to: memory[index].buffer.bytes)
    }
    let expected = try graph.evaluate(tensors)
    for _ in 0..<2 {
      withExtendedLifetime(memory) { program.run() }
      for (index, port) in graph.outputs.enumerated() {
        let tensor = try #require(expected[port.name])
        let own = program.output(index)
        let count = tensor.values.count
        let given: [Float] = (0..<count).map { place in
          switch graph[port.value].type.element {
          case .i64: Float(own.load(fromByteOffset: 8 * place, as: Int64.self))
          case .f64: Float(own.load(fromByteOffset: 8 * place, as: Double.self))
          default: own.load(fromByteOffset: 4 * place, as: Float.self)
          }
        }
        let error = relativeError(given, tensor.values.map(Float.init))
        #expect(error < bound, "\(port.name)", sourceLocation: place)
      }
    }
  }
}
