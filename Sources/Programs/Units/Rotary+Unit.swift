import Basics
import Graphs
import Kernels
import Tensors

extension RotaryPositions: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    guard let turn = size(Array(shape.dimensions.dropFirst()), items: shape.N) else {
      preconditionFailure("\(builder.node.name) cannot turn \(shape)")
    }
    let (cosines, sines) = (try builder.operand(1), try builder.operand(2))
    let positions = hasPositions ? builder.input(3) : nil
    let count = builder.inputShape(1).N
    return builder.kernel { call, input, output in
      turn.run(
        input: input, output: output,
        RotaryTurn.Angles(
          cosines: cosines.floats(call), sines: sines.floats(call),
          positions: positions.map {
            UnsafePointer(call.bytes($0).assumingMemoryBound(to: Int64.self))
          }, count: count),
        pool: call.pool)
    }
  }
}
