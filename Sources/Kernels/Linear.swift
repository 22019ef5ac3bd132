/// The dimensions of a fully connected layer: `output[N × O] = input[N × I] · weights[O × I]ᵀ`.
public struct LinearShape: Hashable, Sendable {
  /// Rows of input and output.
  public var images: Int
  /// Columns of the input.
  public var inputs: Int
  /// Columns of the output.
  public var outputs: Int

  /// Makes a shape; every dimension is at least 1.
  public init(images: Int, inputs: Int, outputs: Int) {
    precondition(images > 0 && inputs > 0 && outputs > 0, "a linear layer needs some of each")
    (self.images, self.inputs, self.outputs) = (images, inputs, outputs)
  }

  /// Multiply-accumulates of forward, and of each of the two backwards.
  public var macs: MACs { MACs(images * inputs * outputs) }
}

/// The specification of a fully connected layer, through the reference product.
public enum LinearReference {
  /// `output = input · weightsᵀ + bias`; all row-major, `weights` is `outputs × inputs`.
  public static func forward(
    _ shape: LinearShape, input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>
  ) {
    GemmReference.multiply(
      GemmShape(m: shape.images, n: shape.outputs, k: shape.inputs),
      GemmOperand(input, stride: shape.inputs),
      GemmOperand(weights, stride: shape.inputs, isTransposed: true), into: output,
      stride: shape.outputs)
    guard let bias else { return }
    for n in 0..<shape.images {
      for o in 0..<shape.outputs { output[n * shape.outputs + o] += bias[o] }
    }
  }

  /// All three gradients: by the input, the weights and the bias.
  public static func backward(
    _ shape: LinearShape, input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>
  ) {
    GemmReference.multiply(
      GemmShape(m: shape.images, n: shape.inputs, k: shape.outputs),
      GemmOperand(outputGradient, stride: shape.outputs),
      GemmOperand(weights, stride: shape.inputs), into: inputGradient, stride: shape.inputs)
    GemmReference.multiply(
      GemmShape(m: shape.outputs, n: shape.inputs, k: shape.images),
      GemmOperand(outputGradient, stride: shape.outputs, isTransposed: true),
      GemmOperand(input, stride: shape.inputs), into: weightGradient, stride: shape.inputs)
    for o in 0..<shape.outputs {
      let column = (0..<shape.images).map { Double(outputGradient[$0 * shape.outputs + o]) }
      biasGradient[o] = Float(column.reduce(0, +))
    }
  }
}

/// A fully connected layer through OpenBLAS, in the pool's threads.
public enum Linear {
  /// `output = input · weightsᵀ + bias`, then ReLU if asked.
  ///
  /// - Parameters:
  ///   - shape: Images, inputs, outputs.
  ///   - input: `images × inputs`.
  ///   - weights: `outputs × inputs`.
  ///   - bias: `outputs` floats, or nil for none.
  ///   - output: `images × outputs`; overwritten.
  ///   - appliesReLU: Whether negative results become 0.
  ///   - pool: Runs the work.
  public static func forward(
    _ shape: LinearShape, input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>, appliesReLU: Bool = false,
    pool: ThreadPool
  ) {
    GemmBLAS.multiply(
      GemmShape(m: shape.images, n: shape.outputs, k: shape.inputs),
      GemmOperand(input, stride: shape.inputs),
      GemmOperand(weights, stride: shape.inputs, isTransposed: true), into: output,
      stride: shape.outputs, pool: pool)
    guard bias != nil || appliesReLU else { return }
    pool.forEachShare(of: shape.outputs, grain: 256) { columns in
      for n in 0..<shape.images {
        let row = output + n * shape.outputs
        if let bias { for o in columns { row[o] += bias[o] } }
        if appliesReLU { for o in columns { row[o] = row[o] < 0 ? 0 : row[o] } }
      }
    }
  }

  /// The gradient by the input: `outputGradient · weights`.
  ///
  /// - Parameters:
  ///   - shape: Images, inputs, outputs.
  ///   - outputGradient: `images × outputs`.
  ///   - weights: `outputs × inputs`.
  ///   - inputGradient: `images × inputs`; overwritten.
  ///   - pool: Runs the work.
  public static func backwardData(
    _ shape: LinearShape, outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    GemmBLAS.multiply(
      GemmShape(m: shape.images, n: shape.inputs, k: shape.outputs),
      GemmOperand(outputGradient, stride: shape.outputs),
      GemmOperand(weights, stride: shape.inputs), into: inputGradient, stride: shape.inputs,
      pool: pool)
  }

  /// The gradients by the weights, `outputGradientᵀ · input`, and by the bias.
  ///
  /// - Parameters:
  ///   - shape: Images, inputs, outputs.
  ///   - input: `images × inputs`, as forward read it.
  ///   - outputGradient: `images × outputs`.
  ///   - weightGradient: `outputs × inputs`; overwritten.
  ///   - biasGradient: `outputs` floats, overwritten; nil where there is no bias.
  ///   - pool: Runs the work.
  public static func backwardWeights(
    _ shape: LinearShape, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    pool: ThreadPool
  ) {
    GemmBLAS.multiply(
      GemmShape(m: shape.outputs, n: shape.inputs, k: shape.images),
      GemmOperand(outputGradient, stride: shape.outputs, isTransposed: true),
      GemmOperand(input, stride: shape.inputs), into: weightGradient, stride: shape.inputs,
      pool: pool)
    guard let biasGradient else { return }
    BiasGradient.sum(
      rows: shape.images, channels: shape.outputs, outputGradient, into: biasGradient, pool: pool)
  }
}
