/// The end of a row, shorter than a vector.
extension Vector {
  /// Reads `count` floats, fewer than there are lanes; the other lanes are `rest`.
  @inline(__always)
  static func load(_ p: UnsafePointer<Float>, count: Int, rest: Float = 0) -> Vector {
    var result = Vector(repeating: rest)
    for lane in 0..<count { result[lane] = p[lane] }
    return result
  }

  /// Writes the first `count` lanes.
  @inline(__always)
  func store(_ p: UnsafeMutablePointer<Float>, count: Int) {
    for lane in 0..<count { p[lane] = self[lane] }
  }
}
