import CShims

/// The loops around the register tile of bytes: any part of `output = ending(start + A · B)`.
///
/// As in `PanelProduct`, products differ only in where the rows of A lie. Sums never leave the
/// registers, so the depth is not cut: a panel of the whole depth is read from the second level,
/// while the next one is fetched.
final class Int8Product: Sendable {
  let panels: Int8Panels
  /// Bytes of scratch that one thread needs: a tile, its residual, and pointers to the rows of a
  /// block; a multiple of 64.
  let scratchByteCount: Int
  /// The whole depth, in words.
  private let chunk: DepthChunk
  /// Rows of A that all panels are multiplied with in turn.
  private let blockRows: Int
  private let ending: Int8Ending
  private let usesPairs: Bool
  /// Per column, with zeros to the end of the last vector.
  private let start: AlignedBuffer
  private let factors: AlignedBuffer

  /// Packs filters and fixes the way through them.
  ///
  /// - Parameters:
  ///   - filters: Those of this product, `columns` rows of `taps · channels` weights.
  ///   - columns: Number of filters.
  ///   - taps: Window positions of a filter.
  ///   - channels: Weights at each of them.
  ///   - segments: Pieces that rows of A consist of: `taps`, or fewer that hold several positions.
  ///   - input: What the bytes of A stand for.
  ///   - epilogue: What becomes of the sums.
  ///   - rowBytes: Bytes of A that a row adds to those of the row before.
  ///   - usesPairs: Whether neighbouring products are added in 16 bits, which must be exact.
  ///   - caches: What the block size follows from.
  init(
    _ filters: Int8Filters, columns: Int, taps: Int, channels: Int, segments: Int,
    input: Quantization, epilogue: Int8Epilogue, rowBytes: Int, usesPairs: Bool, caches: CacheSizes
  ) {
    panels = Int8Panels(filters.weights, columns: columns, taps: taps, channels: channels)
    chunk = DepthChunk(
      start: 0, window: 0, segments: segments, channel: 0, length: panels.quads / segments)
    let multipliers = (0..<columns).map {
      epilogue.factor(input: input, filter: filters.scales[$0])
    }
    ending = Int8Ending(epilogue, largestFactor: multipliers.max() ?? 0)
    self.usesPairs = usesPairs
    // The rows share the second level with a panel, and pointers to them a part of the first.
    let rows = min(caches.l2 * 2 / 5 / max(1, rowBytes), caches.l1 / (8 * segments))
    blockRows = max(1, rows / Int8TileLimits.rows) * Int8TileLimits.rows
    let pointers = segments * (blockRows + Int8TileLimits.rows) * 8
    scratchByteCount = (Self.asideByteCount + pointers + 63) / 64 * 64
    start = AlignedBuffer(count: panels.paddedColumns)
    factors = AlignedBuffer(count: panels.paddedColumns)
    for column in 0..<columns {
      let first = (filters.bias?[column] ?? 0) &- Int32(input.zeroPoint) &* panels.sums[column]
      start.bytes.storeBytes(of: first, toByteOffset: 4 * column, as: Int32.self)
      factors.pointer[column] = multipliers[column]
    }
  }

  /// Bytes of a tile of 32-bit results.
  private static let tileByteCount = Int8TileLimits.rows * Int8TileLimits.width * 4
  /// Bytes of that and of a tile's residual.
  private static let asideByteCount = Int8TileLimits.rows * Int8TileLimits.width * 5

  /// Memory of one call on one thread.
  private struct Memory {
    /// Row 0, column 0.
    var output: UnsafeMutableRawPointer
    /// Laid out as the output.
    var residual: UnsafePointer<UInt8>?
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
  ///   - source: Where they lie, in words.
  ///   - output: Row 0, column 0.
  ///   - residual: Laid out as the output; left out unless the epilogue adds it.
  ///   - stride: Elements from a row of both to the next.
  ///   - grid: Who computes what.
  ///   - workspace: `scratchByteCount` bytes for each thread of the grid.
  ///   - upcoming: What the caller reads next, if anything: fetched along the way.
  ///   - pool: As many threads as the grid.
  func run(
    rows: Int, source: RowSource, output: UnsafeMutableRawPointer, residual: UnsafePointer<UInt8>?,
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
          output: output, residual: ending.addsResidual ? residual : nil, stride: stride,
          scratch: workspace + worker * scratchByteCount,
          upcoming: upcoming.map { upcoming in
            UnsafeRawBufferPointer(
              rebasing: upcoming[
                ThreadPool.share(
                  of: upcoming.count, worker: worker, workers: pool.threads, grain: 64)])
          }))
    }
  }

  /// Computes the given rows and panels: block by block, and in each block panel by panel.
  private func multiply(
    rows: Range<Int>, panels range: Range<Int>, source: RowSource, _ memory: Memory
  ) {
    let pointers = (memory.scratch + Self.asideByteCount)
      .assumingMemoryBound(to: UnsafePointer<Float>.self)
    let pointed = source.pointedSegments(of: chunk)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let block = row..<min(row &+ blockRows, rows.upperBound)
      var (tiles, target) = (0, pointers)
      while row < block.upperBound {
        let height = Int8TileLimits.height(remaining: block.upperBound &- row)
        source.point(target, first: row, count: height, chunk: chunk)
        target += height &* pointed
        row &+= height
        tiles &+= 1
      }
      for panel in range {
        let following: UnsafeRawBufferPointer? =
          panel &+ 1 < range.upperBound
          ? panels.memory(ofPanel: panel &+ 1)
          : row < rows.upperBound ? panels.memory(ofPanel: range.lowerBound) : memory.upcoming
        let next = following.flatMap { Fetch.spread($0, over: tiles &* panels.quads) }
        multiply(
          block, panel, pointers, pointed, segmentPitch: source.segmentPitch ?? 0,
          dense: dense(source), next, memory)
      }
    }
  }

  /// Row 0 of A where rows follow each other without gaps, so that those of a tile are one stream.
  private func dense(_ source: RowSource) -> UnsafeRawPointer? {
    guard case .plain(let stride) = source.layout, stride == panels.quads else { return nil }
    return UnsafeRawPointer(source.base)
  }

  /// One block of rows by one panel.
  @inline(__always)
  private func multiply(
    _ rows: Range<Int>, _ panel: Int, _ pointers: UnsafePointer<UnsafePointer<Float>>,
    _ pointed: Int, segmentPitch: Int, dense: UnsafeRawPointer?, _ next: Fetch?, _ memory: Memory
  ) {
    let vectors = panels.width(ofPanel: panel)
    let column = panel &* Int8TileLimits.width
    let used = min(panels.columns &- column, vectors &* Int8TileLimits.lanes)
    guard let first = panels.memory(ofPanel: panel).baseAddress else { return }
    var call = Int8TileCall(
      rows: pointers, rowsStep: 0, segmentPitch: segmentPitch, segments: chunk.segments,
      quads: chunk.length, panel: first, start: start.bytes + 4 &* column,
      factors: factors.bytes + 4 &* column, output: memory.output, stride: memory.stride,
      residual: nil, ending: ending, next: next ?? Fetch(place: first, pace: 0),
      nextRows: first)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let height = Int8TileLimits.height(remaining: rows.upperBound &- row)
      let offset = row &* memory.stride &+ column
      call.output = memory.output + offset &* ending.width
      call.residual = memory.residual.map { $0 + offset }
      call.rowsStep = pointed == 1 ? 0 : height
      if let dense {
        let after = row &+ height
        call.nextRows =
          dense + 4 &* panels.quads &* (after < rows.upperBound ? after : rows.lowerBound)
      }
      if used < vectors &* Int8TileLimits.lanes {
        ragged(height: height, vectors: vectors, used: used, call, memory.scratch)
      } else {
        tile(height: height, vectors: vectors, call)
      }
      call.rows += height &* pointed
      call.next.advance(steps: panels.quads)
      row &+= height
    }
  }

  /// A tile whose last vector reaches past the end of the output's rows: computed aside.
  private func ragged(
    height: Int, vectors: Int, used: Int, _ call: Int8TileCall, _ scratch: UnsafeMutableRawPointer
  ) {
    var aside = call
    aside.output = scratch
    aside.stride = vectors * Int8TileLimits.lanes
    if let residual = call.residual {
      let copy = (scratch + Self.tileByteCount).assumingMemoryBound(to: UInt8.self)
      for i in 0..<height {
        (copy + i * aside.stride).update(from: residual + i * call.stride, count: used)
      }
      aside.residual = UnsafePointer(copy)
    }
    tile(height: height, vectors: vectors, aside)
    for i in 0..<height {
      (call.output + i * call.stride * ending.width).copyMemory(
        from: scratch + i * aside.stride * ending.width, byteCount: used * ending.width)
    }
  }

  @inline(__always)
  private func tile(height: Int, vectors: Int, _ call: borrowing Int8TileCall) {
    if PairDot.isBuilt, usesPairs {
      Int8Tiles<PairDot>.multiply(rows: height, columns: vectors, call)
    } else {
      Int8Tiles<ExactDot>.multiply(rows: height, columns: vectors, call)
    }
  }
}
