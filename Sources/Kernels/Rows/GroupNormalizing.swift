/// Groups of an image's channels divided by their own spread, each channel scaled and shifted.
///
/// One group is layer normalisation of whole images, one for each channel is instance
/// normalisation. Sums are float64, by plain loops.
public struct GroupNormalizing: Sendable {
  /// Images.
  public var images: Int
  /// Channels of an image.
  public var channels: Int
  /// Groups of channels; divides `channels`.
  public var groups: Int
  /// Pixels of an image.
  public var area: Int
  /// Whether the channels of a pixel lie side by side; otherwise the pixels of a channel do.
  public var isChannelsLast: Bool
  /// Added to the variance.
  public var epsilon: Float

  /// Names all of it.
  public init(
    images: Int, channels: Int, groups: Int, area: Int, isChannelsLast: Bool, epsilon: Float
  ) {
    precondition(groups > 0 && channels % groups == 0, "\(groups) groups of \(channels) channels")
    (self.images, self.channels, self.groups) = (images, channels, groups)
    (self.area, self.isChannelsLast, self.epsilon) = (area, isChannelsLast, epsilon)
  }

  /// Normalises each group of each image.
  ///
  /// - Parameters:
  ///   - input: May be `output`.
  ///   - output: Overwritten.
  ///   - scale: One factor a channel.
  ///   - shift: One number a channel.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, pool: ThreadPool
  ) {
    let size = channels / groups
    let (channel, pixel) = isChannelsLast ? (1, channels) : (area, 1)
    // The innermost loop runs where elements lie side by side.
    let (outer, inner) = isChannelsLast ? ((area, pixel), (size, 1)) : ((size, channel), (area, 1))
    pool.forEachShare(of: images * groups) { items in
      for item in items {
        let (image, group) = (item / groups, item % groups)
        let start = image * channels * area + group * size * channel
        let count = Double(size * area)
        var sum = 0.0
        for i in 0..<outer.0 {
          let row = input + start + i * outer.1
          for j in 0..<inner.0 { sum += Double(row[j]) }
        }
        let mean = sum / count
        var squares = 0.0
        for i in 0..<outer.0 {
          let row = input + start + i * outer.1
          for j in 0..<inner.0 { squares += (Double(row[j]) - mean) * (Double(row[j]) - mean) }
        }
        let factor = 1 / (squares / count + Double(epsilon)).squareRoot()
        for c in 0..<size {
          let number = group * size + c
          let times = Float(factor) * scale[number]
          let added = shift[number]
          let (source, target) = (input + start + c * channel, output + start + c * channel)
          for p in 0..<area {
            target[p * pixel] = (source[p * pixel] - Float(mean)) * times + added
          }
        }
      }
    }
  }
}
