/// `x · scale + shift` per channel: a batch-norm with fixed statistics behind no convolution.
public enum ChannelAffine {
  /// Computes it for rows of channels.
  ///
  /// - Parameters:
  ///   - rows: Pixels of all images.
  ///   - channels: Floats of a row.
  ///   - input: `rows × channels`; may be `output` itself.
  ///   - scale: One a channel.
  ///   - shift: One a channel.
  ///   - appliesReLU: Whether negative values become 0 at the end.
  ///   - output: Overwritten.
  ///   - pitch: Floats from a row of the output to the next, `channels` or more.
  ///   - pool: Runs the work.
  public static func apply(
    rows: Int, channels: Int, input: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>, appliesReLU: Bool, output: UnsafeMutablePointer<Float>,
    pitch: Int, pool: ThreadPool
  ) {
    let least: Float = appliesReLU ? 0 : -.infinity
    pool.forEachShare(of: rows, grain: 16) { rows in
      for row in rows {
        let (source, target) = (input + row * channels, output + row * pitch)
        for c in 0..<channels {
          let value = source[c] * scale[c] + shift[c]
          target[c] = value < least ? least : value
        }
      }
    }
  }
}
