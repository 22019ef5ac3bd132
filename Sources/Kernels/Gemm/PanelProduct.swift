/// The loops around the register tile: any part of `output = end(bias + A · B)`.
///
/// One product serves plain matrices, every direct convolution, fully connected layers and the
/// inner products of Winograd's algorithm; they differ in where the rows of A lie.
final class PanelProduct: Sendable {
  let packed: PackedMatrix
  /// Floats of scratch that one thread needs: a tile, and pointers to the rows of a block.
  let scratchCount: Int
  private let chunks: [DepthChunk]
  private let blocking: GemmBlocking
  private let epilogue: Epilogue
  /// What the sums of the first chunk start from, with zeros to the end of the last vector; then
  /// a panel's width of zeros, what those of the others start from.
  private let bias: AlignedBuffer

  /// Makes room for a right-hand matrix and fixes the way through it.
  ///
  /// - Parameters:
  ///   - windows: Window positions of a row of A; 1 in a plain product.
  ///   - channels: Contiguous floats at each of them.
  ///   - columns: Columns of B.
  ///   - epilogue: What is done to the sums before the store.
  ///   - caches: What the block sizes follow from.
  ///   - place: Where B is packed; see `PackedMatrix`.
  init(
    windows: Int, channels: Int, columns: Int, epilogue: Epilogue, caches: CacheSizes,
    at place: UnsafeMutablePointer<Float>? = nil
  ) {
    packed = PackedMatrix(depth: windows * channels, columns: columns, at: place)
    blocking = GemmBlocking(depth: windows * channels, columns: columns, caches: caches)
    chunks = DepthChunk.cut(windows: windows, channels: channels, target: blocking.depth)
    self.epilogue = epilogue
    bias = AlignedBuffer(count: packed.paddedColumns + TileLimits.width)
    let pointers = (chunks.map(\.segments).max() ?? 1) * (blocking.rows + TileLimits.rows)
    scratchCount = TileLimits.rows * TileLimits.width + pointers * 2
  }

  /// Packs B, stored column by column as filters are, and copies the bias; allocates nothing.
  ///
  /// - Parameters:
  ///   - b: `columns` rows of `depth` floats, or the transpose of that.
  ///   - source: The bias, one float a column, or nil for zeros.
  ///   - pool: Shares out the panels.
  func load(_ b: GemmOperand, bias source: UnsafePointer<Float>?, pool: ThreadPool) {
    packed.pack(b, pool: pool)
    for j in 0..<packed.columns { bias.pointer[j] = source?[j] ?? 0 }
  }

  /// Packs B from rows that lie anywhere, without a bias; allocates nothing.
  ///
  /// - Parameters:
  ///   - pool: Shares out the panels.
  ///   - row: The first of the `columns` floats of a row of B.
  func load(pool: ThreadPool, rowAt row: (Int) -> UnsafePointer<Float>) {
    packed.pack(pool: pool, rowAt: row)
  }

  /// Memory of one call on one thread.
  struct Memory {
    /// Top-left of row 0 and column 0.
    var output: UnsafeMutablePointer<Float>
    /// Laid out as the output, which it may be: the first chunk adds it, before sums are stored.
    var residual: UnsafePointer<Float>?
    /// Distance between rows of both, in floats.
    var stride: Int
    /// `scratchCount` floats of this thread, aligned to 64 bytes.
    var scratch: UnsafeMutablePointer<Float>
    /// What will be read right after this product, if that is known.
    var following: UnsafePointer<Float>?
    /// What will be read later on, if that is known.
    var upcoming: UnsafeRawBufferPointer?
  }

  /// Computes the whole output on a pool.
  ///
  /// - Parameters:
  ///   - rows: Rows of A.
  ///   - source: Where they lie.
  ///   - output: Row 0, column 0.
  ///   - residual: Laid out as the output; left out unless the epilogue adds it.
  ///   - stride: Distance between rows of both, in floats.
  ///   - grid: Who computes what.
  ///   - workspace: `scratchCount` floats for each thread of the grid.
  ///   - upcoming: What the caller reads next, if anything: fetched along the way.
  ///   - pool: As many threads as the grid.
  func run(
    rows: Int, source: RowSource, output: UnsafeMutablePointer<Float>,
    residual: UnsafePointer<Float>?, stride: Int, grid: WorkGrid,
    workspace: UnsafeMutablePointer<Float>, upcoming: UnsafeRawBufferPointer? = nil,
    pool: ThreadPool
  ) {
    precondition(
      pool.threads == grid.rowShares * grid.panelShares,
      "compiled for \(grid.rowShares * grid.panelShares) threads, run on \(pool.threads)")
    let scratchCount = scratchCount
    pool.run { worker in
      let share = grid.share(of: worker, rows: rows, panels: packed.panels)
      multiply(
        rows: share.rows, panels: share.panels, source: source,
        Memory(
          output: output, residual: epilogue.addsResidual ? residual : nil, stride: stride,
          scratch: workspace + worker * scratchCount, following: nil,
          upcoming: upcoming.map { upcoming in
            UnsafeRawBufferPointer(
              rebasing: upcoming[
                ThreadPool.share(
                  of: upcoming.count, worker: worker, workers: pool.threads, grain: 64)])
          }))
    }
  }

  /// Computes the given rows and panels of the output.
  ///
  /// - Parameters:
  ///   - rows: Rows of A and of the output.
  ///   - panels: Panels of B.
  ///   - source: Where the rows of A lie.
  ///   - memory: Output, residual and scratch.
  func multiply(rows: Range<Int>, panels: Range<Int>, source: RowSource, _ memory: Memory) {
    guard !rows.isEmpty, !panels.isEmpty else { return }
    let raw = UnsafeMutableRawPointer(memory.scratch + TileLimits.rows * TileLimits.width)
    let pointers = raw.assumingMemoryBound(to: UnsafePointer<Float>.self)
    var upcoming = fetch(memory.upcoming, rows: rows.count, panels: panels.count)
    // One tile's rows read each panel once: its chunks follow one another as they lie, so that all of B
    // comes from memory in one stream.
    let panelsAtATime = rows.count <= TileLimits.rows ? 1 : blocking.panels
    chunks.withUnsafeBufferPointer { chunks in
      var panel = panels.lowerBound
      while panel < panels.upperBound {
        let panelEnd = min(panel &+ panelsAtATime, panels.upperBound)
        for index in chunks.indices {
          let isLast = index == chunks.count &- 1
          let stage = Stage(
            chunk: chunks[index], isFirst: index == 0, isLast: isLast,
            following: isLast
              ? panelEnd < panels.upperBound
                ? packed.start(ofPanel: panelEnd, depth: 0) : memory.following
              : packed.start(ofPanel: panel, depth: chunks[index &+ 1].start))
          var row = rows.lowerBound
          while row < rows.upperBound {
            let rowEnd = min(row &+ blocking.rows, rows.upperBound)
            block(row..<rowEnd, panel..<panelEnd, stage, source, pointers, memory, &upcoming)
            row = rowEnd
          }
        }
        panel = panelEnd
      }
    }
  }

  /// A chunk of the depth and its place among the chunks.
  private struct Stage {
    var chunk: DepthChunk
    var isFirst: Bool
    var isLast: Bool
    /// What is read after the last panel of this chunk.
    var following: UnsafePointer<Float>?
  }

  /// One block of rows by one block of panels, one chunk deep.
  @inline(__always)
  private func block(
    _ rows: Range<Int>, _ panels: Range<Int>, _ stage: Stage, _ source: RowSource,
    _ pointers: UnsafeMutablePointer<UnsafePointer<Float>>, _ memory: Memory,
    _ upcoming: inout Fetch
  ) {
    let chunk = stage.chunk
    let pointed = source.pointedSegments(of: chunk)
    var row = rows.lowerBound
    var target = pointers
    while row < rows.upperBound {
      let height = TileLimits.height(remaining: rows.upperBound &- row)
      source.point(target, first: row, count: height, chunk: chunk)
      target += height &* pointed
      row &+= height
    }

    let pace = Self.panelPace(rows: rows.count)
    let depth = chunk.segments &* chunk.length
    for panel in panels {
      let vectors = packed.width(ofPanel: panel)
      let column = panel &* TileLimits.width
      let isRagged = packed.columns &- column < vectors &* VectorUnit.lanes
      let start = packed.start(ofPanel: panel, depth: chunk.start)
      let next =
        panel &+ 1 < panels.upperBound
        ? packed.start(ofPanel: panel &+ 1, depth: chunk.start) : stage.following
      var call = TileCall(
        rows: pointers, rowsStep: 0, segmentPitch: source.segmentPitch ?? 0,
        segments: chunk.segments,
        length: chunk.length, panel: start, output: memory.output, stride: memory.stride,
        bias: bias.pointer + (stage.isFirst ? column : packed.paddedColumns), residual: nil,
        rectifies: stage.isLast && epilogue.appliesReLU,
        nextPanel: next.map { Fetch(place: $0, pace: pace) } ?? .nothing(at: start),
        nextRows: start, upcoming: upcoming)
      let function = stage.isLast ? epilogue.function : nil
      var (row, unfinished) = (rows.lowerBound, rows.lowerBound)
      while row < rows.upperBound {
        let height = TileLimits.height(remaining: rows.upperBound &- row)
        let offset = row &* memory.stride &+ column
        call.output = memory.output + offset
        // Later chunks add what the earlier ones left: read at the end of the tile, not waited for
        // at its beginning.
        call.residual =
          stage.isFirst ? memory.residual.map { $0 + offset } : UnsafePointer(call.output)
        if let residual = call.residual, depth >= Self.leastDepthToFetchResidual {
          Fetch.rows(residual, stride: memory.stride, height: height, vectors: vectors)
        }
        if panel == panels.lowerBound, case .plain(let stride) = source.layout {
          // In each chunk its share of the rows, so that together they bring all of them.
          let share = (row &+ height) &* stride &+ chunk.start &* TileLimits.rows
          call.nextRows = UnsafeRawPointer(source.base + share)
        }
        if pace <= Fetch.line {
          call.upcoming = upcoming
          upcoming.advance(steps: depth)
        } else if next != nil {
          call.upcoming = Fetch(place: call.nextPanel.place + Fetch.line, pace: pace)
        }
        call.rowsStep = pointed == 1 ? 0 : height
        if isRagged {
          ragged(height: height, vectors: vectors, used: packed.columns &- column, call, memory)
        } else {
          GemmTiles.multiply(rows: height, columns: vectors, call)
        }
        call.rows += height &* pointed
        call.nextPanel.advance(steps: depth)
        row &+= height
        if let function, row &- unfinished >= Self.rowsToFinish || row == rows.upperBound {
          apply(function, rows: unfinished..<row, column: column, memory)
          unfinished = row
        }
      }
    }
  }

  /// A tile whose last vector reaches past the end of the output's rows: computed aside.
  private func ragged(
    height: Int, vectors: Int, used: Int, _ call: TileCall, _ memory: Memory
  ) {
    let pitch = vectors * VectorUnit.lanes
    var aside = call
    aside.output = memory.scratch
    aside.stride = pitch
    aside.residual = nil
    aside.rectifies = false
    GemmTiles.multiply(rows: height, columns: vectors, aside)
    for i in 0..<height {
      for j in 0..<used {
        let at = i * call.stride + j
        var sum = memory.scratch[i * pitch + j]
        if let residual = call.residual { sum += residual[at] }
        if call.rectifies { sum = sum < 0 ? 0 : sum }
        call.output[at] = sum
      }
    }
  }
}
