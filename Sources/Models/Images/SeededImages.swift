import Tensors

/// Images made from a seed: smooth blobs of colour with noise on top.
///
/// White noise alone would look the same to a network whatever the seed; these differ enough that
/// networks with seeded weights put them in many different classes.
package enum SeededImages {
  /// Points of the coarse grid along a side.
  private static let grid = 6

  /// Writes some images, already normalised: mean about 0, standard deviation about 1.
  ///
  /// - Parameters:
  ///   - indices: Which images of the endless row.
  ///   - seed: Which row.
  ///   - channels: Channels of an image.
  ///   - size: Side of an image, at least 2.
  ///   - images: `N H W C`, `indices.count · size · size · channels` floats.
  package static func fill(
    _ indices: Range<Int>, seed: UInt32, channels: Int, size: Int,
    into images: UnsafeMutableBufferPointer<Float>
  ) {
    let count = size * size * channels
    precondition(size >= 2 && images.count == indices.count * count, "\(images.count) floats")
    for (row, index) in indices.enumerated() {
      let image = UnsafeMutableBufferPointer(rebasing: images[row * count..<(row + 1) * count])
      fillOne(index, seed: seed, channels: channels, size: size, into: image)
    }
  }

  /// Writes the first images of a row.
  ///
  /// - Parameters:
  ///   - shape: How many they are, and of which size.
  ///   - seed: Which row.
  ///   - images: `N H W C`, `shape.count` floats.
  package static func fill(
    _ shape: Shape, seed: UInt32, into images: UnsafeMutableBufferPointer<Float>
  ) {
    fill(0..<shape.N, seed: seed, channels: shape.C, size: shape.H, into: images)
  }

  private static func fillOne(
    _ index: Int, seed: UInt32, channels: Int, size: Int,
    into image: UnsafeMutableBufferPointer<Float>
  ) {
    let coarse = HashFill(name: "image\(index)", seed: seed)
    let tint = HashFill(name: "tint\(index)", seed: seed)
    let noise = HashFill(name: "noise\(index)", seed: seed)
    func blob(_ channel: Int, _ row: Int, _ column: Int) -> Double {
      coarse.unit((channel * grid + row) * grid + column) * 2 - 1
    }
    for channel in 0..<channels {
      let shift = (tint.unit(channel) * 2 - 1) * 1.2
      for y in 0..<size {
        let (top, fy) = position(y, of: size)
        for x in 0..<size {
          let (left, fx) = position(x, of: size)
          let near = blob(channel, top, left) * (1 - fy) + blob(channel, top + 1, left) * fy
          let far = blob(channel, top, left + 1) * (1 - fy) + blob(channel, top + 1, left + 1) * fy
          let smooth = (near * (1 - fx) + far * fx) * 1.6 + shift
          let grain = (noise.unit((channel * size + y) * size + x) * 2 - 1) * 0.3
          image[(y * size + x) * channels + channel] = Float(smooth + grain)
        }
      }
    }
  }

  /// Where a pixel lies on the coarse grid: the point before it and the way to the next.
  private static func position(_ pixel: Int, of size: Int) -> (Int, Double) {
    let place = Double(pixel) * Double(grid - 1) / Double(size - 1)
    let before = min(Int(place), grid - 2)
    return (before, place - Double(before))
  }
}
