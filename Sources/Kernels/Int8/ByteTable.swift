/// Any function of one byte, as the 256 results that it has.
///
/// A function of real numbers between DequantizeLinear and QuantizeLinear is such a table, exactly.
public struct ByteTable: Sendable {
  private let bytes: [UInt8]

  /// Computes all results.
  ///
  /// - Parameters:
  ///   - quantization: What the bytes stand for that it is given.
  ///   - range: What its results' bytes stand for, and which of them may occur.
  ///   - function: What is done to the real number.
  public init(
    from quantization: Quantization, to range: QuantizedRange, _ function: (Float) -> Float
  ) {
    bytes = (0...255).map { byte in
      range.byte(ofSteps: function(quantization.real(UInt8(byte))) / range.quantization.scale)
    }
  }

  /// Looks every byte up.
  ///
  /// - Parameters:
  ///   - count: Number of bytes.
  ///   - input: May be `output` itself.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public func apply(
    count: Int, input: UnsafePointer<UInt8>, output: UnsafeMutablePointer<UInt8>, pool: ThreadPool
  ) {
    bytes.withUnsafeBufferPointer { table in
      pool.forEachShare(of: count, grain: 4096) { items in
        for i in items { output[i] = table[Int(input[i])] }
      }
    }
  }
}
