import Basics
import Glibc
import Kernels
import TestSupport
import Testing

@Suite("Functions of two numbers, repeated until shapes agree")
struct BroadcastTests {
  /// Lengths of two operands, and of what they give.
  struct Shapes: Sendable, CustomStringConvertible {
    var (a, b, output): ([Int], [Int], [Int])

    var description: String { "\(a) and \(b)" }
  }

  static let shapes: [Shapes] = [
    Shapes(a: [], b: [], output: []), Shapes(a: [1], b: [1], output: [1]),
    Shapes(a: [7], b: [], output: [7]), Shapes(a: [], b: [3, 5], output: [3, 5]),
    Shapes(a: [2, 3, 4, 5], b: [2, 3, 4, 5], output: [2, 3, 4, 5]),
    Shapes(a: [2, 6, 7, 19], b: [19], output: [2, 6, 7, 19]),
    Shapes(a: [2, 1, 1, 37], b: [2, 6, 7, 37], output: [2, 6, 7, 37]),
    Shapes(a: [3, 1], b: [1, 4], output: [3, 4]), Shapes(a: [3, 1], b: [4], output: [3, 4]),
    Shapes(a: [2, 3, 1, 5], b: [3, 4, 1], output: [2, 3, 4, 5]),
    Shapes(a: [5, 1, 2, 1], b: [1, 3, 1, 2], output: [5, 3, 2, 2]),
    Shapes(a: [2, 9_001], b: [2, 1], output: [2, 9_001]),
    Shapes(a: [9_001], b: [9_001], output: [9_001]),
  ]

  /// Where elements of the output come from.
  private func sources(_ lengths: [Int], _ output: [Int]) -> [Int] {
    let aligned = [Int](repeating: 1, count: output.count - lengths.count) + lengths
    return (0..<output.reduce(1, *)).map { index in
      var (rest, place, stride) = (index, 0, 1)
      for (own, length) in zip(aligned, output).reversed() {
        place += own == 1 ? 0 : rest % length * stride
        (rest, stride) = (rest / length, stride * own)
      }
      return place
    }
  }

  /// Each function on whole numbers, without those that are none of whole numbers.
  private func exact(_ function: PairFunction, _ a: Int, _ b: Int) -> Int? {
    switch function {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .quotient: return b == 0 ? 0 : a / b
    case .truncatingModulo: return b == 0 ? 0 : a % b
    case .floorModulo: return b == 0 ? 0 : ((a % b) + b) % b
    case .minimum: return min(a, b)
    case .maximum: return max(a, b)
    case .leaky: return a < 0 ? a * b : a
    case .equal: return a == b ? 1 : 0
    case .less: return a < b ? 1 : 0
    case .greater: return a > b ? 1 : 0
    case .lessOrEqual: return a <= b ? 1 : 0
    case .greaterOrEqual: return a >= b ? 1 : 0
    case .and: return a & b
    case .or: return a | b
    case .xor: return a ^ b
    case .shiftLeft: return b < 0 ? 0 : a << b
    case .shiftRight: return b < 0 ? (a < 0 ? -1 : 0) : a >> b
    case .divide, .power: return nil
    }
  }

  private func check<T: Equatable & Sendable & BitwiseCopyable>(
    _ shapes: Shapes, _ element: DType, _ range: ClosedRange<Int>, _ number: (Int) -> T
  ) {
    var random = SeededRandom(seed: 3)
    func values(_ lengths: [Int]) -> [Int] {
      random.integers(lengths.reduce(1, *), in: range).map { Int($0) }
    }
    let (a, b) = (values(shapes.a), values(shapes.b))
    let pairs = zip(sources(shapes.a, shapes.output), sources(shapes.b, shapes.output))
    let broadcast = Broadcast(shapes.output, operands: [shapes.a, shapes.b])
    for function in PairFunction.allCases {
      guard let type = function.output(of: element), function != .divide, function != .power else {
        continue
      }
      // The C library's remainder by 0 is NaN.
      if element == .f32, function == .truncatingModulo, b.contains(0) { continue }
      let expected = pairs.compactMap { exact(function, a[$0], b[$1]) }
      for threads in [1, 2] {
        let pool = ThreadPool(threads: threads)
        let (left, right) = (a.map(number), b.map(number))
        if type == .bool, element != .bool {
          var own = [UInt8](repeating: 9, count: expected.count)
          broadcast.apply(function, element, left, right, output: &own, pool: pool)
          #expect(own == expected.map { UInt8($0) }, "\(function)")
        } else {
          var own = [T](repeating: number(1), count: expected.count)
          broadcast.apply(function, element, left, right, output: &own, pool: pool)
          #expect(own == expected.map(number), "\(function)")
        }
      }
    }
  }

  @Test("Equal plain loops", arguments: shapes)
  func exact(shapes: Shapes) {
    check(shapes, .f32, -4...4) { Float($0) }
    check(shapes, .f32, 1...4) { Float($0) }
    check(shapes, .i32, -4...4) { Int32($0) }
    check(shapes, .i64, -4...4) { Int64($0) }
    check(shapes, .i8, -4...4) { Int8($0) }
    check(shapes, .bool, 0...1) { UInt8($0) }
  }

  @Test("Quotients and powers are rounded once, or almost", arguments: shapes)
  func rounded(shapes: Shapes) {
    var random = SeededRandom(seed: 5)
    let a = random.floats(shapes.a.reduce(1, *), in: 0.5...3)
    let b = random.floats(shapes.b.reduce(1, *), in: 0.5...3)
    let broadcast = Broadcast(shapes.output, operands: [shapes.a, shapes.b])
    let places = Array(zip(sources(shapes.a, shapes.output), sources(shapes.b, shapes.output)))
    var own = [Float](repeating: .nan, count: places.count)
    let pool = ThreadPool(threads: 2)
    broadcast.apply(.divide, .f32, a, b, output: &own, pool: pool)
    #expect(own == places.map { a[$0] / b[$1] })
    broadcast.apply(.power, .f32, a, b, output: &own, pool: pool)
    for (own, (i, j)) in zip(own, places) {
      #expect(abs(own - powf(a[i], b[j])) <= 1e-6 * own)
    }
  }

  @Test("Extremes: NaN, whole numbers that overflow, quotients by 0")
  func extremes() {
    let pool = ThreadPool(threads: 1)
    let row = Broadcast([4], operands: [[4], [4]])
    var floats = [Float](repeating: 0, count: 4)
    let (a, b): ([Float], [Float]) = ([.nan, 1, -.infinity, 2], [1, .nan, 3, .infinity])
    row.apply(.minimum, .f32, a, b, output: &floats, pool: pool)
    #expect(floats[0].isNaN && floats[1].isNaN && floats[2] == -.infinity && floats[3] == 2)
    row.apply(.maximum, .f32, a, b, output: &floats, pool: pool)
    #expect(floats[0].isNaN && floats[1].isNaN && floats[2] == 3 && floats[3] == .infinity)
    func whole(_ function: PairFunction, _ a: [Int64], _ b: [Int64]) -> [Int64] {
      var result = [Int64](repeating: 9, count: 4)
      row.apply(function, .i64, a, b, output: &result, pool: pool)
      return result
    }
    let divisors: [Int64] = [0, -1, -1, 2]
    #expect(whole(.quotient, [5, .min, 5, -5], divisors) == [0, .min, -5, -2])
    #expect(whole(.truncatingModulo, [5, .min, 5, -5], divisors) == [0, 0, 0, -1])
    #expect(whole(.floorModulo, [5, .min, 5, -5], divisors) == [0, 0, 0, 1])
    #expect(whole(.add, [.max, 1, 2, 3], [1, 1, 1, 1]) == [.min, 2, 3, 4])
  }

  @Test("In place of an operand of the same size")
  func inPlace() {
    let count = 2 * 3 * 33
    let broadcast = Broadcast([2, 3, 33], operands: [[2, 3, 33], [33]])
    let (x, row) = (Tensor((0..<count).map(Float.init)), Tensor((0..<33).map(Float.init)))
    broadcast.apply(
      .subtract, .f32, x.pointer, row.pointer, output: x.pointer, pool: ThreadPool(threads: 2))
    #expect(x.values == (0..<count).map { Float($0 - $0 % 33) })
  }

  @Test("Takes elements as a condition says", arguments: [1, 2])
  func choice(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let broadcast = Broadcast([3, 40], operands: [[3, 1], [3, 40], [40]])
    let a = (0..<120).map { Double($0) }
    let b = (0..<40).map { -Double($0) }
    let expected = (0..<120).map { $0 / 40 == 1 ? a[$0] : b[$0 % 40] }
    let condition: [UInt8] = [0, 1, 0]
    var wide = [Double](repeating: .nan, count: 120)
    broadcast.choose(condition, a, b, byteCount: 8, output: &wide, pool: pool)
    #expect(wide == expected)
    var floats = [Float](repeating: .nan, count: 120)
    broadcast.choose(
      condition, a.map { Float($0) }, b.map { Float($0) }, byteCount: 4, output: &floats,
      pool: pool)
    #expect(floats == expected.map { Float($0) })
    var bytes = [UInt8](repeating: 9, count: 2)
    Broadcast([2], operands: [[2], [], [2]]).choose(
      [1, 0] as [UInt8], [7] as [UInt8], [3, 4] as [UInt8], byteCount: 1, output: &bytes,
      pool: pool)
    #expect(bytes == [7, 4])
  }
}
