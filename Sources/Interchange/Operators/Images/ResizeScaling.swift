import Basics
import Kernels

/// Where elements of a resized axis come from, as ONNX's `Resize` defines it.
struct ResizeScaling {
  /// An axis that is resized.
  struct Axis {
    /// Of the output's length to the input's.
    var scale: Double
    /// Length of the output.
    var count: Int
    /// The part of the input that is looked at, in lengths of it.
    var region = 0.0...1.0
    /// Whether it stays as it is.
    var isSame = true
  }

  /// The weights of neighbours.
  private enum Mode: String {
    case nearest, linear, cubic
  }

  /// What stands where the coordinates leave the input, if they can.
  let filling: Double
  private let (mode, coordinates, rounding): (Mode, String, String)
  private let cubic: Double
  private let (excludesOutside, isAntialiased): (Bool, Bool)

  /// Whether each element is one of the input.
  var isNearest: Bool { mode == .nearest }

  /// Reads what a node is told.
  ///
  /// - Parameter node: A `Resize` of any version, or an `Upsample`.
  /// - Throws: Modes that are not known.
  init(_ node: OperatorNode) throws(Problem) {
    let isOld = node.inputs.count == 2
    let name = try node.text("mode", "nearest")
    // Up to version 10 there was one way to count.
    coordinates = try node.text(
      "coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel")
    rounding = try node.text("nearest_mode", isOld ? "floor" : "round_prefer_floor")
    cubic = Double(try node.float("cubic_coeff_a", -0.75))
    filling = Double(try node.float("extrapolation_value", 0))
    excludesOutside = try node.integer("exclude_outside", 0) != 0
    isAntialiased = try node.integer("antialias", 0) != 0
    let known = [
      "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
      "tf_crop_and_resize",
    ]
    let roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]
    // Version 9 calls linear what later ones call so in two dimensions.
    guard let mode = Mode(rawValue: name == "bilinear" ? "linear" : name),
      known.contains(coordinates), roundings.contains(rounding),
      mode != .nearest || !isAntialiased
    else {
      throw .malformed("resizes by \(name), \(coordinates), \(rounding), which is not supported")
    }
    self.mode = mode
  }

  /// The element of the input that each element of the output is; −1 for the filling.
  func nearest(_ axis: Axis, _ length: Int) -> [Int] {
    (0..<axis.count).map { index in
      guard let place = place(index, axis, length) else { return -1 }
      let rounded =
        switch rounding {
        case "floor": place.rounded(.down)
        case "ceil": place.rounded(.up)
        case "round_prefer_ceil": (place + 0.5).rounded(.down)
        default: (place - 0.5).rounded(.up)
        }
      return Int(max(0, min(rounded, Double(length - 1))))
    }
  }

  /// The elements of the input that each element of the output is a sum of; none for the filling.
  func taps(_ axis: Axis, _ length: Int) -> [[AxisBlend.Tap]] {
    (0..<axis.count).map { index in
      guard let place = place(index, axis, length) else { return [] }
      let first = place.rounded(.down)
      let (start, weights) = weights(place - first, isAntialiased ? min(axis.scale, 1) : 1)
      var taps: [(index: Int, weight: Double)] = []
      for (step, weight) in weights.enumerated() {
        let source = Int(max(-0x1p40, min(first, 0x1p40))) + start + step
        let isInside = (0..<length).contains(source)
        guard weight != 0, isInside || !excludesOutside else { continue }
        taps.append((max(0, min(source, length - 1)), weight))
      }
      let sum = excludesOutside ? taps.reduce(0) { $0 + $1.weight } : 1
      return taps.map { AxisBlend.Tap(index: $0.index, weight: Float($0.weight / sum)) }
    }
  }

  /// Where an element of the output lies in the input; nil where it leaves it.
  private func place(_ index: Int, _ axis: Axis, _ length: Int) -> Double? {
    let (x, count) = (Double(index), axis.scale * Double(length))
    let last = Double(length - 1)
    switch coordinates {
    case "align_corners": return count == 1 ? 0 : x * last / (count - 1)
    case "asymmetric": return x / axis.scale
    case "pytorch_half_pixel": return count == 1 ? -0.5 : (x + 0.5) / axis.scale - 0.5
    case "half_pixel_symmetric":
      let centre = Double(length) / 2 * (1 - Double(axis.count) / count)
      return centre + (x + 0.5) / axis.scale - 0.5
    case "tf_crop_and_resize":
      let (low, high) = (axis.region.lowerBound, axis.region.upperBound)
      let inside =
        count == 1 ? (high - low) * last / 2 : x * (high - low) * last / (count - 1)
      let place = inside + low * last
      return place < 0 || place > last ? nil : place
    default: return (x + 0.5) / axis.scale - 0.5
    }
  }

  /// The weights of neighbours, and the first of them from the one at or before a place.
  ///
  /// - Parameters:
  ///   - rest: How far the place lies behind that one, at least 0 and below 1.
  ///   - scale: Below 1, neighbours are looked at so much further away.
  /// - Returns: As many weights as there are neighbours.
  private func weights(_ rest: Double, _ scale: Double) -> (first: Int, weights: [Double]) {
    let reach = mode == .linear ? 1.0 : 2.0
    let first = Int((-reach / scale).rounded(.down)) + 1
    let raw = (first..<2 - first).map { weight(abs(Double($0) - rest) * scale) }
    let sum = isAntialiased ? raw.reduce(0, +) : 1
    return (first, raw.map { $0 / sum })
  }

  /// The weight of a neighbour at a distance.
  private func weight(_ x: Double) -> Double {
    if mode == .linear { return max(0, 1 - x) }
    if x <= 1 { return ((cubic + 2) * x - (cubic + 3)) * x * x + 1 }
    return x < 2 ? ((cubic * x - 5 * cubic) * x + 8 * cubic) * x - 4 * cubic : 0
  }
}
