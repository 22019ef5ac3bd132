import CShims

extension Int8Ending {
  /// Stores what becomes of one vector of sums, by the steps of the tile.
  ///
  /// - Parameters:
  ///   - sums: Bias and products, one a channel.
  ///   - factors: What they are multiplied by.
  ///   - residual: Element 0, where one is added.
  ///   - output: Element 0.
  ///   - index: The element of both that the first sum becomes.
  @inline(__always)
  func store(
    _ sums: IntVector, factors: UnsafeRawPointer, residual: UnsafePointer<UInt8>?,
    to output: UnsafeMutableRawPointer, at index: Int
  ) {
    if form == .sums {
      output.storeBytes(of: sums, toByteOffset: 4 &* index, as: IntVector.self)
      return
    }
    let factor = factors.floats()
    var y = costcurve_to_floats(sums) * factor
    if clampsSums {
      y = costcurve_clamp(y, FloatVector(repeating: least), FloatVector(repeating: most))
    }
    if addsResidual, let residual {
      let share = FloatVector(repeating: residualFactor)
      if isJoined {
        let bytes = costcurve_to_floats(costcurve_load_bytes(residual + index))
        y = FloatVector(repeating: residualOffset).addingProduct(bytes, share)
          .addingProduct(costcurve_to_floats(sums), factor)
      } else {
        y = costcurve_round(y) * FloatVector(repeating: ownFactor)
        y.addProduct(costcurve_load_steps(residual + index, residualZero), share)
      }
      if clampsTotal {
        y = costcurve_clamp(
          y, FloatVector(repeating: leastTotal), FloatVector(repeating: mostTotal))
      }
    }
    if form == .floats {
      output.storeBytes(of: y, toByteOffset: 4 &* index, as: FloatVector.self)
    } else {
      costcurve_store_bytes((output + index).assumingMemoryBound(to: UInt8.self), y, range)
    }
  }
}
