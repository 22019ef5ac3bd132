import Basics
import Foundation

/// Data sets in MNIST's files, small enough for a test.
package enum IDXFiles {
  /// Images with labels.
  package typealias Images = (pixels: [UInt8], labels: [UInt8])

  /// A file of the IDX format.
  ///
  /// - Parameters:
  ///   - shape: Length of each dimension.
  ///   - elements: The bytes, as many as the shape says or not.
  ///   - magic: The first four bytes; the right ones where nil.
  /// - Returns: Its bytes.
  package static func data(_ shape: [Int], _ elements: [UInt8], magic: [UInt8]? = nil) -> Data {
    var bytes = magic ?? [0, 0, 8, UInt8(shape.count)]
    for dimension in shape {
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(dimension >> shift & 255)) }
    }
    return Data(bytes + elements)
  }

  /// Noisy images that are bright above, label 0, or bright below, label 1.
  package static func twoKinds(_ count: Int, size: Int, seed: UInt64) -> Images {
    var random = SeededRandom(seed: seed)
    var images: Images = ([], [])
    for _ in 0..<count {
      let label = UInt8.random(in: 0...1, using: &random)
      images.labels.append(label)
      for row in 0..<size {
        let isBright = (row < size / 2) == (label == 0)
        for _ in 0..<size {
          images.pixels.append(
            UInt8.random(in: isBright ? 120...255 : 0...130, using: &random))
        }
      }
    }
    return images
  }

  /// Writes all four files of a data set into a folder that exists.
  package static func write(_ train: Images, _ test: Images, size: Int, to folder: String) throws {
    for (prefix, images) in [("train", train), ("t10k", test)] {
      let count = images.labels.count
      try data([count, size, size], images.pixels).write(
        to: URL(fileURLWithPath: "\(folder)/\(prefix)-images-idx3-ubyte"))
      try data([count], images.labels).write(
        to: URL(fileURLWithPath: "\(folder)/\(prefix)-labels-idx1-ubyte"))
    }
  }
}
