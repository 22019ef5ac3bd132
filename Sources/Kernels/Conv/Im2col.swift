import Glibc

/// The matrix of a lowered convolution: a row an output pixel, `R · S · C` columns, each row the
/// window of that pixel with zeros where it hangs over the border.
///
/// With it a convolution is `output[N·P·Q × K] = matrix · filtersᵀ`.
struct Im2col: Sendable {
  let shape: ConvShape

  /// Rows of the matrix: `N · P · Q`.
  var rows: Int { shape.N * shape.P * shape.Q }
  /// Columns of the matrix, the depth of the forward product: `R · S · C`.
  var depth: Int { shape.R * shape.S * shape.C }

  /// Rows that are lowered at a time, so that a worker's piece of the matrix stays in cache and
  /// the workspace does not grow with the batch.
  ///
  /// - Parameter limit: Floats that the piece may hold; one row is always taken.
  /// - Returns: Between 1 and `rows`.
  func blockRows(limit: Int) -> Int { max(1, min(rows, limit / depth)) }

  /// The rows `pixels` of the matrix: the input itself where a window is one pixel, otherwise lowered.
  ///
  /// - Parameters:
  ///   - pixels: Which rows.
  ///   - input: `N H W C`.
  ///   - place: Where they are lowered to; not touched where the input serves.
  ///   - pool: Shares out the rows; nil for the calling thread alone.
  /// - Returns: The first of the rows.
  func matrix(
    _ pixels: Range<Int>, of input: UnsafePointer<Float>, at place: UnsafeMutablePointer<Float>,
    _ pool: ThreadPool? = nil
  ) -> UnsafePointer<Float> {
    if shape.isPointwise { return input + pixels.lowerBound * depth }
    guard let pool else {
      lower(pixels, of: input, into: place)
      return UnsafePointer(place)
    }
    pool.forEachShare(of: pixels.count) { rows in
      let first = pixels.lowerBound + rows.lowerBound
      lower(first..<first + rows.count, of: input, into: place + rows.lowerBound * depth)
    }
    return UnsafePointer(place)
  }

  /// Writes the rows `pixels` of the matrix to `matrix`, the first of them at its start.
  func lower(
    _ pixels: Range<Int>, of input: UnsafePointer<Float>, into matrix: UnsafeMutablePointer<Float>
  ) {
    let (C, H, W, R, S) = (shape.C, shape.H, shape.W, shape.R, shape.S)
    var target = matrix
    forEachPixel(pixels) { n, h0, w0 in
      let (low, high) = (max(0, -w0), max(max(0, -w0), min(S, W - w0)))
      for r in 0..<R {
        let h = h0 + r
        if h < 0 || h >= H {
          target.update(repeating: 0, count: S * C)
        } else {
          let source = input + ((n * H + h) * W + w0 + low) * C
          if low > 0 { target.update(repeating: 0, count: low * C) }
          memcpy(target + low * C, source, (high - low) * C * MemoryLayout<Float>.stride)
          if high < S { (target + high * C).update(repeating: 0, count: (S - high) * C) }
        }
        target += S * C
      }
    }
  }

  /// Adds the rows `pixels` of `matrix` back onto the input positions they were lowered from.
  ///
  /// - Parameters:
  ///   - pixels: Rows of the matrix, all of one image.
  ///   - matrix: The first of these rows.
  ///   - rows: Input rows that are written; what belongs to others is left out.
  ///   - input: The whole `N H W C` tensor.
  func scatter(
    _ pixels: Range<Int>, of matrix: UnsafePointer<Float>, ontoRows rows: Range<Int>,
    of input: UnsafeMutablePointer<Float>
  ) {
    let (C, H, W, R, S) = (shape.C, shape.H, shape.W, shape.R, shape.S)
    var source = matrix
    forEachPixel(pixels) { n, h0, w0 in
      let (low, high) = (max(0, -w0), max(max(0, -w0), min(S, W - w0)))
      for r in 0..<R {
        let h = h0 + r
        if rows.contains(h) {
          let target = input + ((n * H + h) * W + w0) * C
          for i in (low * C)..<(high * C) { target[i] += source[i] }
        }
        source += S * C
      }
    }
  }

  /// Calls `body` with each pixel's image and the top left corner of its window.
  @inline(__always)
  private func forEachPixel(_ pixels: Range<Int>, _ body: (_ n: Int, _ h0: Int, _ w0: Int) -> Void)
  {
    let (P, Q, stride, paddings) = (shape.P, shape.Q, shape.stride, shape.paddings)
    var (n, p, q) = (
      pixels.lowerBound / (P * Q), pixels.lowerBound / Q % P, pixels.lowerBound % Q
    )
    for _ in pixels {
      body(n, p * stride - paddings.vertical, q * stride - paddings.horizontal)
      q += 1
      if q == Q { (q, p) = (0, p + 1) }
      if p == P { (p, n) = (0, n + 1) }
    }
  }
}
