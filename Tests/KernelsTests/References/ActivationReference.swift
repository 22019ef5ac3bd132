/// The specification of the element-wise steps, in plain loops.
enum ActivationReference {
  /// `output = max(input, 0)`, NaN kept.
  static func relu(
    count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { output[i] = input[i] < 0 ? 0 : input[i] }
  }

  /// Multiplies the gradient by the derivative of ReLU: 1 where its output is above 0, else 0.
  static func reluBackward(
    count: Int, output: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count where !(output[i] > 0) { gradient[i] = 0 }
  }

  /// `target += addend`.
  static func add(
    count: Int, addend: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { target[i] += addend[i] }
  }
}
