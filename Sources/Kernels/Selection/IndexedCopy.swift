/// Elements that indices name, read or written.
///
/// No index reads or writes out of bounds: where one names nothing, what is read has all bits set in
/// floats, which is a NaN, and is 0 in whole numbers; what would be written is left out.
public enum IndexedCopy {
  /// What happens to an element that is written more than once, or was there before.
  public enum Reduction: String, Hashable, Sendable {
    /// The last one written stays.
    case none
    /// Their sum.
    case add
    /// Their product.
    case mul
    /// The smallest of them.
    case min
    /// The largest of them.
    case max
  }

  /// Reads blocks, in the pool's threads.
  ///
  /// - Parameters:
  ///   - places: Where they are.
  ///   - indices: As many as `places` was made for.
  ///   - width: Bytes of an element: 1, 4 or 8.
  ///   - isFloat: Whether elements have fractions.
  ///   - input: The tensor.
  ///   - output: `places.count × places.block` elements; overwritten, apart from the input.
  ///   - pool: Runs the work.
  public static func read(
    _ places: IndexedPlaces, indices: IndexList, width: Int, isFloat: Bool,
    input: UnsafeRawPointer, output: UnsafeMutableRawPointer, pool: ThreadPool
  ) {
    let bytes = places.block * width
    pool.forEachShare(of: places.count, grain: Swift.max(1, 4096 / bytes)) { share in
      for place in share {
        let target = output + place * bytes
        if let start = places.start(of: place, indices) {
          target.copyMemory(from: input + start * width, byteCount: bytes)
        } else {
          target.initializeMemory(as: UInt8.self, repeating: isFloat ? 0xFF : 0, count: bytes)
        }
      }
    }
  }

  /// Writes blocks, in the order of their indices.
  ///
  /// - Parameters:
  ///   - places: Where they go.
  ///   - indices: As many as `places` was made for.
  ///   - width: Bytes of an element: 1, 4 or 8.
  ///   - updates: `places.count × places.block` elements.
  ///   - output: The tensor, with its elements of before.
  public static func write(
    _ places: IndexedPlaces, indices: IndexList, width: Int, updates: UnsafeRawPointer,
    output: UnsafeMutableRawPointer
  ) {
    let bytes = places.block * width
    for place in 0..<places.count {
      guard let start = places.start(of: place, indices) else { continue }
      (output + start * width).copyMemory(from: updates + place * bytes, byteCount: bytes)
    }
  }

  /// Joins blocks with what is there, in the order of their indices.
  ///
  /// - Parameters:
  ///   - places: Where they go.
  ///   - indices: As many as `places` was made for.
  ///   - reduction: How; a NaN among the smallest or largest stays.
  ///   - updates: `places.count × places.block` floats.
  ///   - output: The tensor, with its elements of before.
  public static func reduce(
    _ places: IndexedPlaces, indices: IndexList, reduction: Reduction,
    updates: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    for place in 0..<places.count {
      guard let start = places.start(of: place, indices) else { continue }
      for index in 0..<places.block {
        let (old, new) = (output[start + index], updates[place * places.block + index])
        output[start + index] = joined(old, new, reduction)
      }
    }
  }

  /// Two elements as one.
  ///
  /// - Parameters:
  ///   - old: What was there.
  ///   - new: What is written.
  ///   - reduction: How they are joined.
  /// - Returns: What stays.
  @inlinable
  public static func joined<Number: BinaryFloatingPoint>(
    _ old: Number, _ new: Number, _ reduction: Reduction
  ) -> Number {
    switch reduction {
    case .none: new
    case .add: old + new
    case .mul: old * new
    case .min: old.isNaN || old <= new ? old : new
    case .max: old.isNaN || old >= new ? old : new
    }
  }
}
