/// Owned storage, aligned to a cache line, for the floats that kernels read and write.
///
/// Not copyable: whoever holds it owns the memory, and nothing is retained or released in a loop.
/// The memory is zeroed, which also touches every page before the first timed step.
public struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  /// The first element; aligned to 64 bytes.
  public let pointer: UnsafeMutablePointer<Float>
  /// Number of floats.
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

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// The whole storage.
  public var elements: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}
