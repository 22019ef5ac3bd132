/// Owned storage for the elements of tensors, aligned to a cache line.
///
/// Not copyable: whoever holds it owns the memory, and nothing is retained or released in a loop.
/// The memory is zeroed, which also touches every page before the first timed step.
public struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  /// The first element as a float; aligned to 64 bytes.
  public let pointer: UnsafeMutablePointer<Float>
  /// Number of whole floats.
  public let count: Int

  /// Allocates `count` floats of value 0.
  ///
  /// - Parameter count: At least 0.
  public init(count: Int) {
    precondition(count >= 0, "negative buffer size \(count)")
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    self.pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    self.count = count
    pointer.initialize(repeating: 0, count: max(count, 1))
  }

  /// Allocates bytes of value 0 for elements of any type.
  ///
  /// - Parameter byteCount: At least 0; rounded up to whole floats.
  public init(byteCount: Int) { self.init(count: (byteCount + 3) / 4) }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// The whole storage as floats.
  public var elements: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }

  /// The first byte.
  public var bytes: UnsafeMutableRawPointer { UnsafeMutableRawPointer(pointer) }
}
