/// A part of a product's depth: a few segments of equal length, worked off in one tile call.
struct DepthChunk: Sendable {
  /// Where it begins in the depth, as panels count it.
  var start: Int
  /// First window position (`r · S + s`) that it covers; 0 in a plain product.
  var window: Int
  /// Window positions covered, each one segment.
  var segments: Int
  /// First channel of each segment.
  var channel: Int
  /// Channels of each segment.
  var length: Int

  /// Cuts the depth `windows · channels` into chunks of about `target`.
  ///
  /// A chunk is either a few whole window positions or a part of one, never a mixture, so that
  /// its segments are all of one length.
  static func cut(windows: Int, channels: Int, target: Int) -> [DepthChunk] {
    if channels >= target {
      let parts = (channels + target - 1) / target
      return (0..<windows * parts).map { index in
        let (window, part) = (index / parts, index % parts)
        let (low, high) = (channels * part / parts, channels * (part + 1) / parts)
        return DepthChunk(
          start: window * channels + low, window: window, segments: 1, channel: low,
          length: high - low)
      }
    }
    let parts = (windows * channels + target - 1) / target
    return (0..<parts).compactMap { part in
      let (low, high) = (windows * part / parts, windows * (part + 1) / parts)
      guard high > low else { return nil }
      return DepthChunk(
        start: low * channels, window: low, segments: high - low, channel: 0, length: channels)
    }
  }
}

/// Where the rows of a product's left matrix lie: read in place, never copied.
struct RowSource {
  /// First float of row 0, or of the first image.
  var base: UnsafePointer<Float>
  /// How rows follow each other.
  var layout: Layout

  enum Layout {
    /// Row `i` is contiguous and begins at `i · stride`.
    case plain(stride: Int)
    /// Row `i` is the window of output pixel `i`.
    case windows(Windows)
  }

  /// The windows of a convolution over `N H W C`, in the order of the output's pixels.
  struct Windows {
    var height: Int
    var width: Int
    /// Distance between neighbouring pixels, in floats.
    var pixel: Int
    /// Window positions in a row of the window.
    var columns: Int
    /// Distance between windows.
    var strides: PerAxis
    /// Distance between the positions of a window.
    var dilations: PerAxis = 1
    /// Pixels above the image that the first window covers; negative to begin inside it.
    var top: Int
    /// Pixels left of the image that the first window covers; negative to begin inside it.
    var left: Int
    var outputRows: Int
    var outputColumns: Int
    /// Floats of one image.
    var image: Int
    /// What pixels outside the image read: at least as many zeros as a segment is long.
    var zeros: UnsafePointer<Float>
    /// Whether no window reaches out of the image.
    var areInside: Bool

    /// Floats from a row of the image to the next.
    var pitch: Int { width &* pixel }
    /// Floats from a row of a window to the next.
    var linePitch: Int { dilations.vertical &* pitch }
  }

  /// Floats from a segment of any row to the next where that is the same everywhere: then only the
  /// first segment is pointed to.
  var segmentPitch: Int? {
    switch layout {
    case .plain: 0
    case .windows(let windows): windows.areInside && windows.columns == 1 ? windows.linePitch : nil
    }
  }

  /// Segments of a chunk that each row has a pointer to: all, or the first where a pitch leads on.
  @inline(__always)
  func pointedSegments(of chunk: DepthChunk) -> Int { segmentPitch == nil ? chunk.segments : 1 }

  /// Writes the pointers of a few rows for one chunk, segment by segment.
  ///
  /// - Parameters:
  ///   - pointers: `pointedSegments(of: chunk) · count` of them are written.
  ///   - first: First row.
  ///   - count: Rows, which is the height of the tile that will read them.
  ///   - chunk: Part of the depth.
  @inline(__always)
  func point(
    _ pointers: UnsafeMutablePointer<UnsafePointer<Float>>, first: Int, count: Int,
    chunk: DepthChunk
  ) {
    switch layout {
    case .plain(let stride):
      let start = base + (first &* stride &+ chunk.channel)
      for i in 0..<count { pointers[i] = start + i &* stride }
    case .windows(let windows):
      var chunk = chunk
      chunk.segments = pointedSegments(of: chunk)
      pointWindows(pointers, first: first, count: count, chunk: chunk, windows)
    }
  }

  private func pointWindows(
    _ pointers: UnsafeMutablePointer<UnsafePointer<Float>>, first: Int, count: Int,
    chunk: DepthChunk, _ windows: Windows
  ) {
    var q = first % windows.outputColumns
    let line = first / windows.outputColumns
    var p = line % windows.outputRows
    var image = base + (line / windows.outputRows &* windows.image &+ chunk.channel)
    let firstRow = chunk.window / windows.columns
    let firstColumn = chunk.window &- firstRow &* windows.columns
    let lastRow = (chunk.window &+ chunk.segments &- 1) / windows.columns
    let (pitch, linePitch) = (windows.pitch, windows.linePitch)
    let (vertical, horizontal) = (windows.dilations.vertical, windows.dilations.horizontal)
    let step = horizontal &* windows.pixel
    let span = horizontal &* (windows.columns &- 1)
    for i in 0..<count {
      let top = p &* windows.strides.vertical &- windows.top
      let left = q &* windows.strides.horizontal &- windows.left
      var target = pointers + i
      var (r, s) = (firstRow, firstColumn)
      let isInterior =
        top &+ vertical &* firstRow >= 0 && top &+ vertical &* lastRow < windows.height
        && left >= 0 && left &+ span < windows.width
      if isInterior {
        var line = image + ((top &+ vertical &* r) &* pitch &+ left &* windows.pixel)
        for _ in 0..<chunk.segments {
          target.pointee = line + s &* step
          target += count
          s &+= 1
          if s == windows.columns {
            s = 0
            line += linePitch
          }
        }
      } else {
        for _ in 0..<chunk.segments {
          let (h, w) = (top &+ vertical &* r, left &+ horizontal &* s)
          let isInside = h >= 0 && h < windows.height && w >= 0 && w < windows.width
          let offset = h &* pitch &+ w &* windows.pixel
          target.pointee = isInside ? image + offset : windows.zeros
          target += count
          s &+= 1
          if s == windows.columns { (r, s) = (r &+ 1, 0) }
        }
      }
      q &+= 1
      if q == windows.outputColumns { (p, q) = (p &+ 1, 0) }
      if p == windows.outputRows {
        p = 0
        image += windows.image
      }
    }
  }
}
