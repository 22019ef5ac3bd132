/// Blocks of bytes at equal distances: one part of tensors that are put side by side.
public enum BlockCopy {
  /// Copies blocks.
  ///
  /// - Parameters:
  ///   - blocks: How many.
  ///   - bytes: Of one block.
  ///   - source: The first byte, and bytes from block to block; 0 repeats one block.
  ///   - target: Where they go, and bytes from block to block; apart from the source.
  ///   - pool: Runs the work.
  public static func copy(
    blocks: Int, bytes: Int, from source: (start: UnsafeRawPointer, pitch: Int),
    to target: (start: UnsafeMutableRawPointer, pitch: Int), pool: ThreadPool
  ) {
    pool.forEachShare(of: blocks, grain: max(1, 16384 / bytes)) { share in
      for block in share {
        (target.start + block * target.pitch).copyMemory(
          from: source.start + block * source.pitch, byteCount: bytes)
      }
    }
  }
}
