import Glibc

/// Elements at given coordinates of images, in the pool's threads.
///
/// Coordinates go from −1 to 1 across each dimension. One that is no number gives NaN, one beyond
/// 2^30 elements lies outside.
public struct GridSampler: Sendable {
  /// Which neighbours an element is made of.
  public enum Mode: Hashable, Sendable {
    case nearest, linear, cubic
  }

  /// What lies outside of an image.
  public enum Border: String, Hashable, Sendable {
    /// Zeros.
    case zeros
    /// The nearest element.
    case border
    /// The image, mirrored.
    case reflection
  }

  /// A neighbour along one dimension.
  private struct Tap {
    var index: Int
    var weight: Float
  }

  private let (images, channels, points): (Int, Int, Int)
  /// Three dimensions, the outermost first; how many of them are given.
  private let (lengths, rank): ([Int], Int)
  private let (mode, border): (Mode, Border)
  private let alignsCorners: Bool
  private let sharesGrid: Bool

  /// Fixes the sizes.
  ///
  /// - Parameters:
  ///   - images: Tensors side by side.
  ///   - channels: Of a tensor.
  ///   - lengths: One to three dimensions of a channel, the outermost first.
  ///   - points: Coordinates for each tensor.
  ///   - mode: Which neighbours an element is made of.
  ///   - border: What lies outside.
  ///   - alignsCorners: Whether −1 and 1 are the centres of the outermost elements, not their edges.
  ///   - sharesGrid: Whether all tensors have the same coordinates.
  public init(
    images: Int, channels: Int, lengths: [Int], points: Int, mode: Mode, border: Border,
    alignsCorners: Bool, sharesGrid: Bool
  ) {
    precondition((1...3).contains(lengths.count), "\(lengths.count) dimensions to look at")
    (self.images, self.channels, self.points) = (images, channels, points)
    (self.lengths, rank) = ([Int](repeating: 1, count: 3 - lengths.count) + lengths, lengths.count)
    (self.mode, self.border, self.alignsCorners) = (mode, border, alignsCorners)
    self.sharesGrid = sharesGrid
  }

  /// Writes the elements.
  ///
  /// - Parameters:
  ///   - input: `images × channels × lengths` floats.
  ///   - grid: `images × points × dimensions`, the innermost dimension's coordinate first; of one
  ///     image where they share it.
  ///   - output: `images × channels × points`; overwritten, apart from the rest.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafePointer<Float>, grid: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let area = lengths[0] * lengths[1] * lengths[2]
    pool.forEachShare(of: images * points, grain: 8) { share in
      withUnsafeTemporaryAllocation(of: Tap.self, capacity: 12) { taps in
        for item in share {
          let (image, point) = (item / points, item % points)
          let place = grid + (sharesGrid ? point : item) * rank
          var counts = (1, 1, 1)
          for axis in 0..<3 {
            let own = UnsafeMutableBufferPointer(rebasing: taps[4 * axis..<4 * axis + 4])
            let count =
              axis < 3 - rank
              ? one(own, Tap(index: 0, weight: 1)) : neighbours(place[2 - axis], lengths[axis], own)
            if axis == 0 {
              counts.0 = count
            } else if axis == 1 {
              counts.1 = count
            } else {
              counts.2 = count
            }
          }
          for channel in 0..<channels {
            let values = input + (image * channels + channel) * area
            var sum: Float = 0
            for i in 0..<counts.0 {
              for j in 0..<counts.1 {
                for k in 0..<counts.2 {
                  let (a, b, c) = (taps[i], taps[4 + j], taps[8 + k])
                  let index = (a.index * lengths[1] + b.index) * lengths[2] + c.index
                  sum += a.weight * b.weight * c.weight * values[index]
                }
              }
            }
            output[(image * channels + channel) * points + point] = sum
          }
        }
      }
    }
  }

  /// The neighbours of a coordinate.
  private func neighbours(
    _ coordinate: Float, _ length: Int, _ taps: UnsafeMutableBufferPointer<Tap>
  ) -> Int {
    let size = Float(length)
    var place =
      alignsCorners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2
    if mode == .nearest { place = rintf(place) }
    let (low, high): (Float, Float) = alignsCorners ? (0, size - 1) : (-0.5, size - 0.5)
    if place < low || place > high {
      switch border {
      case .zeros: break
      case .border: place = max(0, min(place, size - 1))
      case .reflection: place = mirrored(place, low, high)
      }
    }
    guard !place.isNaN else { return one(taps, Tap(index: 0, weight: .nan)) }
    guard abs(place) < 0x1p30 else { return 0 }
    let first = place.rounded(.down)
    let rest = place - first
    var count = 0
    func add(_ step: Int, _ weight: Float) {
      guard let index = inside(Int(first) + step, length, low, high) else { return }
      taps[count] = Tap(index: index, weight: weight)
      count += 1
    }
    switch mode {
    case .nearest: add(0, 1)
    case .linear:
      add(0, 1 - rest)
      add(1, rest)
    case .cubic:
      for step in -1...2 { add(step, Self.cubic(abs(Float(step) - rest))) }
    }
    return count
  }

  /// The element that stands at an index; nil for a zero.
  private func inside(_ index: Int, _ length: Int, _ low: Float, _ high: Float) -> Int? {
    guard !(0..<length).contains(index) else { return index }
    switch border {
    case .zeros: return nil
    case .border: return max(0, min(index, length - 1))
    case .reflection:
      return max(0, min(Int(mirrored(Float(index), low, high)), length - 1))
    }
  }

  /// A place, mirrored at both ends until it is between them.
  private func mirrored(_ place: Float, _ low: Float, _ high: Float) -> Float {
    let range = high - low
    guard range > 0, place < low || place > high else { return range > 0 ? place : low }
    let distance = place < low ? low - place : place - high
    let times = (distance / range).rounded(.down)
    let rest = distance - times * range
    let isEven = times.truncatingRemainder(dividingBy: 2) == 0
    return (place < low) == isEven ? low + rest : high - rest
  }

  private func one(_ taps: UnsafeMutableBufferPointer<Tap>, _ tap: Tap) -> Int {
    taps[0] = tap
    return 1
  }

  /// The weight of a neighbour at a distance: cubic convolution with −0.75.
  private static func cubic(_ x: Float) -> Float {
    let a: Float = -0.75
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  }
}
