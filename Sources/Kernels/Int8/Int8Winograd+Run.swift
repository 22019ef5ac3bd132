extension Int8Winograd {
  func run(_ operands: Int8Operands, pool: ThreadPool) {
    precondition(!epilogue.addsResidual || operands.residual != nil, "the residual is missing")
    precondition(pool.threads == threads, "compiled for \(threads) threads, run on \(pool.threads)")
    switch partition {
    case .tiles(let block): runByTiles(operands, block: block, pool: pool)
    case .panels: runByPanels(operands, pool: pool)
    }
  }

  /// The matrices and the scratch that one thread works on.
  private struct Memory {
    var inputs: UnsafeMutableRawPointer
    var outputs: UnsafeMutableRawPointer
    var scratch: UnsafeMutableRawPointer
  }

  private func runByTiles(_ operands: Int8Operands, block: Int, pool: ThreadPool) {
    let tileCount = tiles.count
    pool.run { worker in
      let share = ThreadPool.share(of: tileCount, worker: worker, workers: threads)
      let first = operands.workspace + worker * (matricesByteCount + scratchByteCount)
      let own = regions(at: first, scratch: first + matricesByteCount)
      share.forEachBlock(of: block) { range in
        transformInputs(range, from: range.lowerBound, operands, own)
        multiply(0..<product.panels.panels, rows: range.count, own)
        transformOutputs(range, from: range.lowerBound, operands, own)
      }
    }
  }

  private func runByPanels(_ operands: Int8Operands, pool: ThreadPool) {
    let (tileCount, panelCount) = (tiles.count, product.panels.panels)
    func own(_ worker: Int) -> Memory {
      regions(
        at: operands.workspace,
        scratch: operands.workspace + matricesByteCount + worker * scratchByteCount)
    }
    pool.run { worker in
      let share = ThreadPool.share(of: tileCount, worker: worker, workers: threads)
      transformInputs(share, from: 0, operands, own(worker))
    }
    pool.run { worker in
      let share = ThreadPool.share(of: panelCount, worker: worker, workers: threads)
      multiply(share, rows: tileCount, own(worker))
    }
    pool.run { worker in
      let share = ThreadPool.share(of: tileCount, worker: worker, workers: threads)
      transformOutputs(share, from: 0, operands, own(worker))
    }
  }

  private func regions(
    at first: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer
  ) -> Memory {
    Memory(
      inputs: first, outputs: first + Int8WinogradTiles.positions * inputPitchBytes,
      scratch: scratch)
  }

  private func transformInputs(
    _ range: Range<Int>, from first: Int, _ operands: Int8Operands, _ memory: Memory
  ) {
    let block = Int8WinogradTiles.Block(
      tiles: range, matrices: memory.inputs + (range.lowerBound - first) * inputRowBytes,
      pitchBytes: inputPitchBytes, rowBytes: inputRowBytes)
    tiles.transformInputs(
      block, from: operands.input,
      border: UnsafePointer(border.bytes.assumingMemoryBound(to: UInt8.self)),
      scratch: memory.scratch.assumingMemoryBound(to: UInt8.self))
  }

  /// Multiplies all rows with some panels, those of one position after the other.
  private func multiply(_ panels: Range<Int>, rows: Int, _ memory: Memory) {
    let each = product.panels.panels / Int8WinogradTiles.positions
    let scratch = memory.scratch + Int8WinogradTiles.scratchByteCount
    var panel = panels.lowerBound
    while panel < panels.upperBound {
      let position = panel / each
      let end = min(panels.upperBound, (position + 1) * each)
      let inputs = (memory.inputs + position * inputPitchBytes).assumingMemoryBound(to: Float.self)
      // Columns of a position follow those of all before it; in memory they begin anew.
      let outputs = memory.outputs + position * (outputPitchBytes - outputRowBytes)
      let following = end < panels.upperBound ? product.panels.memory(ofPanel: end) : nil
      product.multiply(
        rows: 0..<rows, panels: panel..<end,
        source: RowSource(base: inputs, layout: .plain(stride: inputRowBytes / 4)),
        WordProduct<Int16Dot>.Memory(
          output: outputs, residual: nil, stride: outputRowBytes / 4, scratch: scratch,
          upcoming: following))
      panel = end
    }
  }

  private func transformOutputs(
    _ range: Range<Int>, from first: Int, _ operands: Int8Operands, _ memory: Memory
  ) {
    let block = Int8WinogradTiles.Block(
      tiles: range, matrices: memory.outputs + (range.lowerBound - first) * outputRowBytes,
      pitchBytes: outputPitchBytes, rowBytes: outputRowBytes)
    let sums = Int8WinogradSums(
      epilogue: epilogue, ending: ending, start: start.bytes, factors: factors.pointer)
    tiles.transformOutputs(block, sums, to: operands)
  }
}
