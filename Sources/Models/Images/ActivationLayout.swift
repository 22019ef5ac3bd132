import Tensors

/// Conversion between the layout of files, `N C H W`, and that of kernels, `N H W C`.
package enum ActivationLayout {
  /// Reorders some images for the kernels.
  ///
  /// - Parameters:
  ///   - source: `N C H W`.
  ///   - shape: The images' shape.
  ///   - target: `N H W C`, `shape.count` floats.
  package static func toChannelsLast(
    _ source: UnsafePointer<Float>, _ shape: Shape,
    into target: UnsafeMutablePointer<Float>
  ) {
    let pixels = shape.H * shape.W
    for image in 0..<shape.N {
      let base = image * pixels * shape.C
      for c in 0..<shape.C {
        for pixel in 0..<pixels {
          target[base + pixel * shape.C + c] = source[base + c * pixels + pixel]
        }
      }
    }
  }
}
