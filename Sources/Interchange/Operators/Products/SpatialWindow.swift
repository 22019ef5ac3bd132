import Basics
import Graphs
import Kernels

/// The window that a convolution or a pool slides over one to three dimensions.
struct SpatialWindow {
  /// Taps along each dimension, the outermost first.
  private(set) var size: [Int]
  /// Distance between windows.
  private(set) var strides: [Int]
  /// Distance between the taps of a window.
  private(set) var dilations: [Int]
  /// Border before the first element.
  private(set) var before: [Int]
  /// Border behind the last one.
  private(set) var after: [Int]

  /// Reads what a node is told.
  ///
  /// - Parameters:
  ///   - node: A convolution or a pool.
  ///   - size: Taps of the window along each dimension.
  ///   - lengths: Of the dimensions that it slides over.
  /// - Throws: What is for another number of dimensions, or a border that cannot be.
  init(_ node: OperatorNode, size: [Int], lengths: [Int]) throws(Problem) {
    let count = lengths.count
    guard (1...3).contains(count), size.count == count,
      size.allSatisfy({ (1..<1 << 31).contains($0) })
    else {
      throw .malformed(
        "has a window of \(size) over \(count) dimensions; supported are one to three")
    }
    self.size = size
    let strides = try Self.numbers(node, "strides", count, from: 1)
    let dilations = try Self.numbers(node, "dilations", count, from: 1)
    (self.strides, self.dilations) = (strides, dilations)
    var pads = [Int](repeating: 0, count: 2 * count)
    let rule = try node.text("auto_pad", "NOTSET")
    switch rule {
    case "NOTSET": pads = try Self.numbers(node, "pads", 2 * count, from: 0)
    case "VALID": break
    case "SAME_UPPER", "SAME_LOWER":
      let borders = (0..<count).map {
        Self.border(lengths[$0], size[$0], strides[$0], dilations[$0])
      }
      let less = borders.map { $0 / 2 }
      let more = zip(borders, less).map(-)
      pads = rule == "SAME_UPPER" ? less + more : more + less
    default: throw .malformed("has auto_pad \(rule), which is not known")
    }
    (before, after) = (Array(pads[..<count]), Array(pads[count...]))
  }

  /// Whole numbers that a node is told, as many as it has to be.
  ///
  /// - Parameters:
  ///   - node: The node.
  ///   - name: Of the attribute.
  ///   - count: How many.
  ///   - least: What each is at least, and what they are where it is told none.
  /// - Returns: Numbers below 2^31.
  /// - Throws: Another number of them, or one that cannot be.
  static func numbers(
    _ node: OperatorNode, _ name: String, _ count: Int, from least: Int
  ) throws(Problem) -> [Int] {
    let numbers = try node.integers(name) ?? [Int](repeating: least, count: count)
    guard numbers.count == count, numbers.allSatisfy({ (least..<1 << 31).contains($0) }) else {
      throw .malformed("has \(name) \(numbers); supported are \(count), of at least \(least)")
    }
    return numbers
  }

  /// The window that is all there is.
  ///
  /// - Parameter lengths: Of one to three dimensions.
  init(all lengths: [Int]) {
    let (none, one) = (lengths.map { _ in 0 }, lengths.map { _ in 1 })
    (size, strides, dilations, before, after) = (lengths, one, one, none, none)
  }

  /// The same window over the rows and columns of an image, which has one row where there is one
  /// dimension; nil for three.
  var overImage: SpatialWindow? {
    guard size.count < 3 else { return nil }
    guard size.count == 1 else { return self }
    var window = self
    (window.size, window.strides) = ([1] + size, [1] + strides)
    (window.dilations, window.before, window.after) = ([1] + dilations, [0] + before, [0] + after)
    return window
  }

  /// Border on each side of an image, as far as it is the same on opposite sides.
  var paddings: PerAxis { PerAxis(min(before[0], after[0]), min(before[1], after[1])) }

  /// What is missing of it, on single sides.
  var extra: ImageBorder {
    ImageBorder(
      top: before[0] - paddings.vertical, left: before[1] - paddings.horizontal,
      bottom: after[0] - paddings.vertical, right: after[1] - paddings.horizontal)
  }

  /// Zeros on both sides such that there are as many windows as elements, per stride.
  private static func border(_ length: Int, _ size: Int, _ stride: Int, _ dilation: Int) -> Int {
    let windows = (length + stride - 1) / stride
    return max((windows - 1) * stride + (size - 1) * dilation + 1 - length, 0)
  }
}

extension PerAxis {
  /// The numbers of rows and columns.
  init(_ both: [Int]) { self.init(both[0], both[1]) }
}

extension Translator {
  /// A value of images, or of rows as images of one row, with channels innermost.
  mutating func rowsOrImage(
    _ placed: PlacedValue, _ name: String
  ) throws(Problem) -> PlacedValue {
    guard placed.dimensions.count == 3 else { return try image(placed, name) }
    let lengths = lengths(placed.dimensions)
    let view = dimensions([lengths[0], lengths[1], 1, lengths[2]])
    return try image(reshaped(placed, to: view, unique("\(name).image")), name)
  }

  /// What was computed of rows as images, as rows again.
  mutating func rows(_ image: PlacedValue, _ name: String) throws(Problem) -> PlacedValue {
    let lengths = lengths(image.dimensions)
    let view = dimensions([lengths[0], lengths[1], lengths[3]])
    return try reshaped(image, to: view, unique("\(name).rows"))
  }
}
