import Basics
import Graphs
import Kernels
import Models
import Tensors

extension QuantizedConvolution: CompiledOperator {
  var phase: Program.Phase { .forward }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    guard case .frozen(let weights) = builder.parameters,
      let parameter = builder.parameters([1]).first
    else { preconditionFailure("\(builder.node.name) has no filters that stay as they are") }
    let (shape, choice) = builder.product()
    let group = builder.groupProduct()
    let steps = self.steps(of: try weights.values(parameter))
    var filters = [Int8](repeating: 0, count: steps.count)
    parameter.forEachElement { outside, inside in filters[inside] = steps[outside] }
    var bias: [Int32] = []
    if let biasInput, let own = builder.parameters([biasInput]).first {
      bias = self.steps(ofBias: try weights.values(own))
    }
    try refuseOverflow(steps, bias, filters: shape.K, of: builder.node.name)
    let convolution = pack(
      filters, bias, group, choice == .reference ? .reference : builder.bytes,
      allowsWinograd: builder.bytesAllowWinograd, threads: builder.threads)
    builder.unit.algorithm = nil
    builder.unit.kernelName = convolution.algorithm.rawValue
    builder.unit.isOnBytes = true
    builder.unit.executedFLOPs =
      Double(builder.batch / builder.images) * FLOPs(convolution.executedOperations.count)
    let width = builder.outputType.element.byteCount
    builder.unit.leastBytes =
      shape.inputCount + shape.filterCount
      + shape.outputCount * (width + (epilogue.addsResidual ? 1 : 0))
    builder.workspaceCount = (convolution.workspaceByteCount + 3) / 4
    builder.filterMemory = convolution.filterMemory
    let (input, output) = (builder.input(0), builder.output(0))
    let residual = residualInput.map(builder.input)
    return { call in
      convolution.run(
        Int8Operands(
          input: UnsafePointer(call.steps(input)),
          residual: residual.map { UnsafePointer(call.steps($0)) }, output: call.bytes(output),
          pitch: output.pitch, workspace: UnsafeMutableRawPointer(call.workspace),
          upcoming: call.upcoming),
        pool: call.pool)
    }
  }

  /// Refuses filters with which a sum may leave 32 bits and come back with the other sign: of a file,
  /// where a large bias has a tiny step, or of a depth that no network has.
  private func refuseOverflow(
    _ steps: [Int8], _ bias: [Int32], filters: Int, of name: String
  ) throws(Problem) {
    let width = steps.count / max(filters, 1)
    for k in 0..<filters {
      let weights = steps[k * width..<(k + 1) * width].reduce(0) { $0 + abs(Int($1)) }
      let most = 255 * weights + (bias.isEmpty ? 0 : abs(Int(bias[k])))
      guard most < 1 << 31 else {
        throw .malformed("\(name): sums of filter \(k) can be beyond 32 bits")
      }
    }
  }

  /// Packs the filters for an algorithm, or for the fastest one that there is.
  private func pack(
    _ filters: [Int8], _ bias: [Int32], _ shape: ConvShape, _ algorithm: Int8Algorithm?,
    allowsWinograd: Bool, threads: Int
  ) -> any CompiledInt8Convolution {
    filters.withUnsafeBufferPointer { filters in
      scales.withUnsafeBufferPointer { scales in
        bias.withUnsafeBufferPointer { bias in
          guard let weights = filters.baseAddress, let scales = scales.baseAddress else {
            preconditionFailure("a layer without filters")
          }
          let chosen =
            algorithm ?? .native(shape, weights: weights, allowsWinograd: allowsWinograd)
          return chosen.compile(
            shape, input: input,
            filters: Int8Filters(
              weights: weights, scales: scales, bias: bias.isEmpty ? nil : bias.baseAddress),
            epilogue: epilogue, threads: threads)
        }
      }
    }
  }
}
