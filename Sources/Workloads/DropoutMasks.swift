import Formats
import Graphs
import Kernels
import Programs
import Tensors

/// What a step's dropout multiplies activations by, as files: other software that multiplies by the same
/// has the same losses.
struct DropoutMasks {
  private let step: TrainingStep

  /// Takes the masks of a step that is not cut into shards.
  init(of step: TrainingStep) { self.step = step }

  /// Writes an array for each layer of dropout, in order: for some steps one after the other, a row an
  /// image, `C H W`.
  ///
  /// - Parameters:
  ///   - steps: How many, from the first.
  ///   - folder: Exists.
  /// - Returns: Options `mask-0` and so on, which name the files.
  /// - Throws: `cannotWrite`.
  func write(steps: Int, to folder: String) throws -> [String: String] {
    let graph = step.program.graph
    let shapes = try graph.shapes(["batch": step.program.batch])
    var options: [String: String] = [:]
    var seeds: Set<UInt64> = []
    for node in graph.nodes {
      // The backward pass draws a mask again.
      guard let op = node.op as? DropoutMask, seeds.insert(op.seed).inserted else { continue }
      let shape = shapes[node.inputs[0].index]
      let (key, path) = ("mask-\(options.count)", "\(folder)/mask-\(options.count).npy")
      let values = (0..<steps).flatMap { Self.values(op, shape, step: $0) }
      try NPYFile.write(
        Tensor(shape: [steps * shape.N, shape.count / shape.N], values: values), to: path)
      options[key] = path
    }
    return options
  }

  /// The factors of one step, `N C H W`.
  private static func values(_ op: DropoutMask, _ shape: Shape, step: Int) -> [Float] {
    let (draws, width) = (op.draws, shape.count / shape.N)
    let pixels = width / shape.C
    return (0..<shape.count).map { place in
      let (image, own) = (place / width, place % width)
      let index = image * width + own % pixels * shape.C + own / pixels
      return draws.keeps(index, step: step) ? draws.scale : 0
    }
  }
}
