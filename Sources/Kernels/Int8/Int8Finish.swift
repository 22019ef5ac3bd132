import CShims

/// What becomes of a tile of sums of bytes.
extension ByteDot {
  @inline(__always)
  static func finish<let Rows: Int, let Columns: Int>(
    _ sums: inout InlineArray<Rows, InlineArray<Columns, IntVector>>,
    _ call: borrowing WordTileCall<Int8Ending>
  ) {
    let vector = MemoryLayout<IntVector>.stride
    let (output, stride) = (call.output, call.stride)
    if call.ending.form == .sums {
      for i in 0..<Rows {
        let row = output + i &* stride &* 4
        for j in 0..<Columns {
          row.storeBytes(of: sums[i][j], toByteOffset: j &* vector, as: IntVector.self)
        }
      }
      return
    }

    var y = InlineArray<Rows, InlineArray<Columns, FloatVector>>(
      repeating: InlineArray<Columns, FloatVector>(repeating: .zero))
    let residual = call.residual?.assumingMemoryBound(to: UInt8.self)
    if call.ending.isJoined, let residual {
      // In two halves: all rows in one loop are more than the compiler unrolls.
      join(residual, to: sums, giving: &y, rows: 0..<Rows / 2, call)
      join(residual, to: sums, giving: &y, rows: Rows / 2..<Rows, call)
    } else {
      for j in 0..<Columns {
        let factor = (call.factors + j &* vector).floats()
        for i in 0..<Rows { y[i][j] = costcurve_to_floats(sums[i][j]) * factor }
      }
    }
    if call.ending.clampsSums {
      let least = FloatVector(repeating: call.ending.least)
      let most = FloatVector(repeating: call.ending.most)
      for i in 0..<Rows {
        for j in 0..<Columns { y[i][j] = costcurve_clamp(y[i][j], least, most) }
      }
    }
    if let residual {
      if !call.ending.isJoined {
        addResidual(residual, to: &y, rows: 0..<Rows / 2, call)
        addResidual(residual, to: &y, rows: Rows / 2..<Rows, call)
      }
      if call.ending.clampsTotal {
        let least = FloatVector(repeating: call.ending.leastTotal)
        let most = FloatVector(repeating: call.ending.mostTotal)
        for i in 0..<Rows {
          for j in 0..<Columns { y[i][j] = costcurve_clamp(y[i][j], least, most) }
        }
      }
    }

    if call.ending.form == .floats {
      for i in 0..<Rows {
        let row = output + i &* stride &* 4
        for j in 0..<Columns {
          row.storeBytes(of: y[i][j], toByteOffset: j &* vector, as: FloatVector.self)
        }
      }
      return
    }
    let range = call.ending.range
    for i in 0..<Rows {
      let row = (output + i &* stride).assumingMemoryBound(to: UInt8.self)
      if Columns == WordTileLimits.columns {
        #if COSTCURVE_AVX512
          costcurve_store_bytes4(row, y[i][0], y[i][1], y[i][2], y[i][3], range)
        #elseif COSTCURVE_AVX2
          costcurve_store_bytes2(row, y[i][0], y[i][1], range)
        #else
          for j in 0..<Columns {
            costcurve_store_bytes(row + j &* WordTileLimits.lanes, y[i][j], range)
          }
        #endif
      } else {
        for j in 0..<Columns {
          costcurve_store_bytes(row + j &* WordTileLimits.lanes, y[i][j], range)
        }
      }
    }
  }

  /// Scales sums of some rows and adds the residual's steps.
  @inline(__always)
  private static func join<let Rows: Int, let Columns: Int>(
    _ residual: UnsafePointer<UInt8>,
    to sums: InlineArray<Rows, InlineArray<Columns, IntVector>>,
    giving y: inout InlineArray<Rows, InlineArray<Columns, FloatVector>>, rows: Range<Int>,
    _ call: borrowing WordTileCall<Int8Ending>
  ) {
    let factor = FloatVector(repeating: call.ending.residualFactor)
    let offset = FloatVector(repeating: call.ending.residualOffset)
    for i in rows {
      let row = residual + i &* call.stride
      for j in 0..<Columns {
        let bytes = costcurve_to_floats(costcurve_load_bytes(row + j &* WordTileLimits.lanes))
        let own = (call.factors + j &* MemoryLayout<IntVector>.stride).floats()
        y[i][j] = offset.addingProduct(bytes, factor)
          .addingProduct(costcurve_to_floats(sums[i][j]), own)
      }
    }
  }

  /// Rounds scaled sums of some rows to whole steps, and adds the residual's to them.
  ///
  /// Rounding is no pass of its own: products of all sums, waiting for the residual, would spill.
  @inline(__always)
  private static func addResidual<let Rows: Int, let Columns: Int>(
    _ residual: UnsafePointer<UInt8>,
    to y: inout InlineArray<Rows, InlineArray<Columns, FloatVector>>, rows: Range<Int>,
    _ call: borrowing WordTileCall<Int8Ending>
  ) {
    let own = FloatVector(repeating: call.ending.ownFactor)
    let factor = FloatVector(repeating: call.ending.residualFactor)
    let zero = call.ending.residualZero
    for i in rows {
      let row = residual + i &* call.stride
      for j in 0..<Columns {
        let steps = costcurve_load_steps(row + j &* WordTileLimits.lanes, zero)
        y[i][j] = (costcurve_round(y[i][j]) * own).addingProduct(steps, factor)
      }
    }
  }
}
