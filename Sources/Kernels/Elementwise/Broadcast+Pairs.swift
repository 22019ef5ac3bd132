import Glibc
import Tensors

extension Broadcast {
  /// Computes a function of the elements of two operands.
  ///
  /// Arithmetic of floats goes by vectors and is rounded once; powers and remainders are the C
  /// library's. Whole numbers wrap round; a quotient or a remainder by 0 is 0.
  ///
  /// - Parameters:
  ///   - function: One that is for the type of the elements.
  ///   - element: That type: f32, i64, i32, i8, u8 or bool.
  ///   - a: The first operand.
  ///   - b: The second operand.
  ///   - output: Elements of `function.output(of: element)`; may be an operand of the same size and
  ///     type.
  ///   - pool: Runs the work.
  package func apply(
    _ function: PairFunction, _ element: DType, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
    output: UnsafeMutableRawPointer, pool: ThreadPool
  ) {
    precondition(function.output(of: element) != nil, "no \(function) of \(element)")
    switch element {
    case .f32:
      if function.isComparison { return compare(function, a, b, output, as: Float.self, pool) }
      floats(
        function, a.assumingMemoryBound(to: Float.self), b.assumingMemoryBound(to: Float.self),
        output.assumingMemoryBound(to: Float.self), pool)
    case .i32: whole(function, a, b, output, as: Int32.self, pool)
    case .i64: whole(function, a, b, output, as: Int64.self, pool)
    case .i8: whole(function, a, b, output, as: Int8.self, pool)
    default: whole(function, a, b, output, as: UInt8.self, pool)
    }
  }

  private func floats(
    _ function: PairFunction, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    func map(_ lanes: some PairLanes) { self.map(lanes, a, b, output, pool) }
    switch function {
    case .add: map(SumLanes())
    case .subtract: map(DifferenceLanes())
    case .multiply: map(ProductLanes())
    case .divide: map(QuotientLanes())
    case .minimum: map(MinimumLanes())
    case .maximum: map(MaximumLanes())
    case .leaky: map(LeakyPairLanes())
    case .power: map(EachPair(function: powf))
    case .truncatingModulo: map(EachPair(function: fmodf))
    default: preconditionFailure("no \(function) of floats")
    }
  }

  private func map(
    _ lanes: some PairLanes, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let (isOneA, isOneB) = (inner.steps[0] == 0, inner.steps[1] == 0)
    forEachRow(pool) { sources, target, count in
      let (a, b, output) = (a + sources[0], b + sources[1], output + target)
      let (oneA, oneB) = (Vector(repeating: a[0]), Vector(repeating: b[0]))
      var i = 0
      while i + Vector.scalarCount <= count {
        lanes(isOneA ? oneA : Vector.load(a + i), isOneB ? oneB : Vector.load(b + i))
          .store(output + i)
        i += Vector.scalarCount
      }
      guard i < count else { return }
      let rest = FirstLanes(count: count - i)
      rest.store(
        lanes(isOneA ? oneA : rest.load(a + i), isOneB ? oneB : rest.load(b + i)), output + i)
    }
  }

  private func whole<T: FixedWidthInteger>(
    _ function: PairFunction, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
    _ output: UnsafeMutableRawPointer, as type: T.Type, _ pool: ThreadPool
  ) {
    switch function {
    case .add: each(a, b, output, pool) { (a: T, b: T) in a &+ b }
    case .subtract: each(a, b, output, pool) { (a: T, b: T) in a &- b }
    case .multiply: each(a, b, output, pool) { (a: T, b: T) in a &* b }
    case .quotient:
      each(a, b, output, pool) { (a: T, b: T) in
        b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
      }
    case .truncatingModulo: each(a, b, output, pool) { (a: T, b: T) in Self.remainder(a, b) }
    case .floorModulo:
      each(a, b, output, pool) { (a: T, b: T) in
        let rest = Self.remainder(a, b)
        return rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
      }
    case .minimum: each(a, b, output, pool) { (a: T, b: T) in min(a, b) }
    case .maximum: each(a, b, output, pool) { (a: T, b: T) in max(a, b) }
    case .and: each(a, b, output, pool) { (a: T, b: T) in a & b }
    case .or: each(a, b, output, pool) { (a: T, b: T) in a | b }
    case .xor: each(a, b, output, pool) { (a: T, b: T) in a ^ b }
    case .shiftLeft: each(a, b, output, pool) { (a: T, b: T) in a << Self.bits(b) }
    case .shiftRight: each(a, b, output, pool) { (a: T, b: T) in a >> Self.bits(b) }
    default: compare(function, a, b, output, as: type, pool)
    }
  }

  /// By how many bits to shift: a negative number counts as all.
  private static func bits<T: FixedWidthInteger>(_ number: T) -> T {
    number < 0 ? T(T.bitWidth) : number
  }

  private static func remainder<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
    b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
  }

  private func compare<T: Comparable>(
    _ function: PairFunction, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
    _ output: UnsafeMutableRawPointer, as type: T.Type, _ pool: ThreadPool
  ) {
    switch function {
    case .equal: each(a, b, output, pool) { (a: T, b: T) in a == b ? 1 as UInt8 : 0 }
    case .less: each(a, b, output, pool) { (a: T, b: T) in a < b ? 1 as UInt8 : 0 }
    case .greater: each(a, b, output, pool) { (a: T, b: T) in a > b ? 1 as UInt8 : 0 }
    case .lessOrEqual: each(a, b, output, pool) { (a: T, b: T) in a <= b ? 1 as UInt8 : 0 }
    case .greaterOrEqual: each(a, b, output, pool) { (a: T, b: T) in a >= b ? 1 as UInt8 : 0 }
    default: preconditionFailure("\(function) compares nothing")
    }
  }

  /// Plain loops over the rows.
  @inline(__always)
  private func each<T, R>(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ output: UnsafeMutableRawPointer,
    _ pool: ThreadPool, _ function: (T, T) -> R
  ) {
    let (stepA, stepB) = (inner.steps[0], inner.steps[1])
    forEachRow(pool) { sources, target, count in
      let a = a.assumingMemoryBound(to: T.self) + sources[0]
      let b = b.assumingMemoryBound(to: T.self) + sources[1]
      let output = output.assumingMemoryBound(to: R.self) + target
      for i in 0..<count { output[i] = function(a[i &* stepA], b[i &* stepB]) }
    }
  }
}
