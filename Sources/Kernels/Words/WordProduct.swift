import CShims

/// The loops around the register tile of words: any part of `output = ending(start + A · B)`.
///
/// As in `PanelProduct`, products differ only in where the rows of A lie: in the input, or in scratch
/// into which a thread lowers those of a block before it multiplies them. Sums never leave the
/// registers, so the depth is not cut: a panel of the whole depth is read from the second level,
/// while the next one is fetched.
final class WordProduct<Kernel: WordKernel>: Sendable {
  let panels: WordPanels
  /// Bytes of scratch that one thread needs: a tile, its residual, pointers to the rows of a block, and
  /// these rows where they are lowered; a multiple of 64.
  let scratchByteCount: Int
  /// The whole depth, in words.
  private let chunk: DepthChunk
  /// Rows of A that all panels are multiplied with in turn.
  private let blockRows: Int
  /// What copies the rows of a block; nil where they are read in place.
  private let im2col: WordIm2col?
  private let ending: Kernel.Ending
  /// What is done to tiles of float32 that are computed aside; nil for nothing.
  private let function: RoundedFunction?
  /// Bytes of an element of the output.
  let width: Int
  /// Bytes of a tile of 32-bit results and of its residual, up to the pointers.
  private let asideByteCount: Int
  /// Bytes of scratch up to lowered rows.
  private let loweredOffset: Int
  /// Per column, with zeros to the end of the last vector.
  private let start: AlignedBuffer
  private let factors: AlignedBuffer

  /// Fixes the way through packed filters.
  ///
  /// - Parameters:
  ///   - panels: The filters.
  ///   - part: How many they are, and how the rows of A lie for them.
  ///   - source: The 32 bits that the sums of a column start from.
  ///   - multipliers: What the sums of each column are multiplied by; empty where they are not.
  ///   - ending: What becomes of the sums; float32 where a function follows.
  ///   - function: What follows.
  ///   - caches: What the block size follows from.
  init(
    _ panels: WordPanels, _ part: WordPart, start source: (_ column: Int) -> UInt32,
    factors multipliers: [Float] = [], ending: Kernel.Ending, function: RoundedFunction? = nil,
    caches: CacheSizes
  ) {
    (self.panels, self.ending, self.function) = (panels, ending, function)
    width = function?.width ?? ending.width
    chunk = DepthChunk(
      start: 0, window: 0, segments: part.taps, channel: 0, length: panels.words / part.taps)
    im2col = part.im2col
    blockRows = Self.rowsOfBlock(part, caches: caches)
    let pointers = part.taps * (blockRows + Kernel.rows) * 8
    let tile = Kernel.rows * WordTileLimits.width
    asideByteCount = (tile * (4 + ending.residualWidth) + 63) / 64 * 64
    loweredOffset = (asideByteCount + pointers + 63) / 64 * 64
    let lowered = (blockRows * part.rowBytes + 63) / 64 * 64
    scratchByteCount =
      loweredOffset + (part.im2col == nil ? 0 : lowered + WordIm2col.slack)
    start = AlignedBuffer(count: panels.paddedColumns)
    factors = AlignedBuffer(count: panels.paddedColumns)
    for (column, factor) in multipliers.enumerated() { factors.pointer[column] = factor }
    setStart(source)
  }

  /// Bytes of lowered rows at most, but for those of a single tile.
  private static var mostLoweredBytes: Int { 3 << 18 }

  /// Rows that all panels are multiplied with in turn: whole tiles.
  private static func rowsOfBlock(_ part: WordPart, caches: CacheSizes) -> Int {
    // The rows share the second level with a panel.
    let shared = caches.l2 * 2 / 5
    let rows: Int
    if part.im2col != nil {
      // They are read soon after they were written, from the first level where it holds enough tiles.
      rows = min(
        max(caches.l1 / 2 / part.rowBytes, 16 * Kernel.rows),
        min(shared, mostLoweredBytes) / part.rowBytes)
    } else {
      // Pointers to them have a part of the first level.
      rows = min(shared / max(1, part.rowBytes), caches.l1 / (8 * part.taps))
    }
    return max(1, rows / Kernel.rows) * Kernel.rows
  }

  /// Replaces what sums start from.
  ///
  /// - Parameter source: The 32 bits that the sums of a column start from.
  func setStart(_ source: (_ column: Int) -> UInt32) {
    for column in 0..<panels.columns {
      start.bytes.storeBytes(of: source(column), toByteOffset: 4 * column, as: UInt32.self)
    }
  }

  /// Bytes of a tile of 32-bit results.
  private var tileByteCount: Int { Kernel.rows * WordTileLimits.width * 4 }
  /// Bytes of an element of the residual; 0 where none is added.
  var residualWidth: Int { ending.residualWidth }

  /// Memory of one call on one thread.
  struct Memory {
    /// Row 0, column 0.
    var output: UnsafeMutableRawPointer
    /// Laid out as the output.
    var residual: UnsafeRawPointer?
    /// Elements from a row of both to the next.
    var stride: Int
    /// `scratchByteCount` bytes of this thread.
    var scratch: UnsafeMutableRawPointer
    /// What will be read later on, if that is known.
    var upcoming: UnsafeRawBufferPointer?
  }

  /// Computes the whole output on a pool.
  ///
  /// - Parameters:
  ///   - rows: Rows of A.
  ///   - source: Where they lie, in words; where they are lowered, its base is the input.
  ///   - output: Row 0, column 0.
  ///   - residual: Laid out as the output; left out unless the ending adds it.
  ///   - stride: Elements from a row of both to the next.
  ///   - grid: Who computes what.
  ///   - workspace: `scratchByteCount` bytes for each thread of the grid.
  ///   - upcoming: What the caller reads next, if anything: fetched along the way.
  ///   - pool: As many threads as the grid.
  func run(
    rows: Int, source: RowSource, output: UnsafeMutableRawPointer, residual: UnsafeRawPointer?,
    stride: Int, grid: WorkGrid, workspace: UnsafeMutableRawPointer,
    upcoming: UnsafeRawBufferPointer?, pool: ThreadPool
  ) {
    precondition(
      pool.threads == grid.rowShares * grid.panelShares,
      "compiled for \(grid.rowShares * grid.panelShares) threads, run on \(pool.threads)")
    pool.run { worker in
      let share = grid.share(of: worker, rows: rows, panels: panels.panels)
      guard !share.rows.isEmpty, !share.panels.isEmpty else { return }
      multiply(
        rows: share.rows, panels: share.panels, source: source,
        Memory(
          output: output, residual: ending.residualWidth > 0 ? residual : nil, stride: stride,
          scratch: workspace + worker * scratchByteCount,
          upcoming: upcoming.map { upcoming in
            UnsafeRawBufferPointer(
              rebasing: upcoming[
                ThreadPool.share(
                  of: upcoming.count, worker: worker, workers: pool.threads, grain: 64)])
          }))
    }
  }

  /// Computes the given rows and panels in the calling thread: block by block, and in each block panel
  /// by panel; `source` as in `run`.
  func multiply(
    rows: Range<Int>, panels range: Range<Int>, source: RowSource, _ memory: Memory
  ) {
    let pointers = (memory.scratch + asideByteCount)
      .assumingMemoryBound(to: UnsafePointer<Float>.self)
    let lowered = memory.scratch + loweredOffset
    var place = source
    if im2col != nil {
      place = RowSource(
        base: UnsafePointer(lowered.assumingMemoryBound(to: Float.self)),
        layout: .plain(stride: panels.words))
    }
    let pointed = place.pointedSegments(of: chunk)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let block = row..<min(row &+ blockRows, rows.upperBound)
      // The first row of those in place.
      var first = 0
      if let im2col {
        im2col.lower(block, from: UnsafeRawPointer(source.base), to: lowered)
        first = block.lowerBound
      }
      var (tiles, target) = (0, pointers)
      while row < block.upperBound {
        let height = Kernel.height(remaining: block.upperBound &- row)
        place.point(target, first: row &- first, count: height, chunk: chunk)
        target += height &* pointed
        row &+= height
        tiles &+= 1
      }
      for panel in range {
        let following: UnsafeRawBufferPointer? =
          panel &+ 1 < range.upperBound
          ? panels.memory(ofPanel: panel &+ 1)
          : row < rows.upperBound ? panels.memory(ofPanel: range.lowerBound) : memory.upcoming
        let next = following.flatMap { Fetch.spread($0, over: tiles &* panels.words) }
        multiply(
          block, panel, pointers, pointed, segmentPitch: place.segmentPitch ?? 0,
          dense: dense(place, from: block.lowerBound &- first), next, memory)
      }
    }
  }

  /// A row of A where rows follow each other without gaps, so that those of a tile are one stream.
  private func dense(_ source: RowSource, from row: Int) -> UnsafeRawPointer? {
    guard case .plain(let stride) = source.layout, stride == panels.words else { return nil }
    return UnsafeRawPointer(source.base + row &* stride)
  }

  /// One block of rows by one panel.
  @inline(__always)
  private func multiply(
    _ rows: Range<Int>, _ panel: Int, _ pointers: UnsafePointer<UnsafePointer<Float>>,
    _ pointed: Int, segmentPitch: Int, dense: UnsafeRawPointer?, _ next: Fetch?, _ memory: Memory
  ) {
    let vectors = panels.width(ofPanel: panel)
    let column = panel &* WordTileLimits.width
    let used = min(panels.columns &- column, vectors &* WordTileLimits.lanes)
    let isAside = used < vectors &* WordTileLimits.lanes || function != nil
    let (width, residualWidth) = (width, ending.residualWidth)
    guard let first = panels.memory(ofPanel: panel).baseAddress else { return }
    var call = WordTileCall(
      rows: pointers, rowsStep: 0, segmentPitch: segmentPitch, segments: chunk.segments,
      words: chunk.length, panel: first, start: UnsafeRawPointer(start.bytes + 4 &* column),
      factors: UnsafeRawPointer(factors.bytes + 4 &* column), output: memory.output,
      stride: memory.stride, residual: nil, ending: ending,
      next: next ?? Fetch(place: first, pace: 0), nextRows: first)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let height = Kernel.height(remaining: rows.upperBound &- row)
      let offset = row &* memory.stride &+ column
      call.output = memory.output + offset &* width
      call.residual = memory.residual.map { $0 + offset &* residualWidth }
      call.rowsStep = pointed == 1 ? 0 : height
      if let dense {
        let after = row &+ height
        call.nextRows =
          dense + 4 &* panels.words &* (after < rows.upperBound ? after &- rows.lowerBound : 0)
      }
      if isAside {
        aside(height: height, vectors: vectors, used: used, call, memory.scratch)
      } else {
        WordTiles<Kernel>.multiply(rows: height, columns: vectors, call)
      }
      call.rows += height &* pointed
      call.next.advance(steps: panels.words)
      row &+= height
    }
  }

  /// A tile that is computed aside, because its last vector reaches past the end of the output's
  /// rows, or because a function follows.
  private func aside(
    height: Int, vectors: Int, used: Int, _ call: WordTileCall<Kernel.Ending>,
    _ scratch: UnsafeMutableRawPointer
  ) {
    var aside = call
    aside.output = scratch
    aside.stride = vectors * WordTileLimits.lanes
    if let residual = call.residual {
      let (copy, width) = (scratch + tileByteCount, ending.residualWidth)
      for i in 0..<height {
        (copy + i * aside.stride * width).copyMemory(
          from: residual + i * call.stride * width, byteCount: used * width)
      }
      aside.residual = UnsafeRawPointer(copy)
    }
    WordTiles<Kernel>.multiply(rows: height, columns: vectors, aside)
    if let function {
      return function.store(
        scratch.assumingMemoryBound(to: Float.self), pitch: aside.stride, rows: height,
        columns: used, to: call.output, stride: call.stride)
    }
    for i in 0..<height {
      (call.output + i * call.stride * width).copyMemory(
        from: scratch + i * aside.stride * width, byteCount: used * width)
    }
  }
}
