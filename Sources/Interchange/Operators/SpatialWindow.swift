import Basics
import Graphs
import Kernels

/// The window that a convolution or a pool slides over an image.
struct SpatialWindow {
  /// Rows and columns.
  let size: PerAxis
  /// Distance between windows.
  let strides: PerAxis
  /// Distance between the taps of a window.
  let dilations: PerAxis
  /// Border on each side, as far as it is the same on opposite sides.
  let paddings: PerAxis
  /// What is missing of it, on single sides.
  let extra: ImageBorder

  /// Reads what a node is told.
  ///
  /// - Parameters:
  ///   - node: A convolution or a pool.
  ///   - size: Rows and columns of the window.
  ///   - image: The model's dimensions of what it slides over, `N C H W`.
  /// - Throws: What is not for two dimensions, or a border that cannot be.
  init(_ node: OperatorNode, size: [Int], image: [Dimension]) throws(Problem) {
    func pair(_ name: String) throws(Problem) -> PerAxis {
      let numbers = try node.integers(name) ?? [1, 1]
      guard numbers.count == 2, numbers.allSatisfy({ (1..<1 << 31).contains($0) }) else {
        throw Problem(.malformed, "has \(name) \(numbers); supported are two, of at least 1")
      }
      return PerAxis(numbers[0], numbers[1])
    }
    guard size.count == 2, size.allSatisfy({ (1..<1 << 31).contains($0) }) else {
      throw Problem(.malformed, "has a window of \(size); supported are those of two dimensions")
    }
    (strides, dilations) = (try pair("strides"), try pair("dilations"))
    self.size = PerAxis(size[0], size[1])
    var pads = try node.integers("pads") ?? [0, 0, 0, 0]
    let rule = try node.text("auto_pad", "NOTSET")
    switch rule {
    case "NOTSET": break
    case "VALID": pads = [0, 0, 0, 0]
    case "SAME_UPPER", "SAME_LOWER":
      guard let height = image[2].length, let width = image[3].length else {
        throw Problem(.malformed, "pads an image of unknown size")
      }
      let borders = [
        Self.border(height, self.size.vertical, strides.vertical, dilations.vertical),
        Self.border(width, self.size.horizontal, strides.horizontal, dilations.horizontal),
      ]
      let less = borders.map { $0 / 2 }
      let more = zip(borders, less).map(-)
      pads = rule == "SAME_UPPER" ? less + more : more + less
    default: throw Problem(.malformed, "has auto_pad \(rule), which is not known")
    }
    guard pads.count == 4, pads.allSatisfy({ (0..<1 << 31).contains($0) }) else {
      throw Problem(.malformed, "has pads \(pads); supported are four, of at least 0")
    }
    let (rows, columns) = (min(pads[0], pads[2]), min(pads[1], pads[3]))
    paddings = PerAxis(rows, columns)
    extra = ImageBorder(
      top: pads[0] - rows, left: pads[1] - columns, bottom: pads[2] - rows,
      right: pads[3] - columns)
  }

  /// Zeros on both sides such that there are as many windows as pixels, per stride.
  private static func border(_ length: Int, _ size: Int, _ stride: Int, _ dilation: Int) -> Int {
    let windows = (length + stride - 1) / stride
    return max((windows - 1) * stride + (size - 1) * dilation + 1 - length, 0)
  }
}
