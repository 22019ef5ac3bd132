/// A count of multiply-accumulate operations.
///
/// Published tables mix MACs and FLOPs; here they are different types, so the compiler keeps them
/// apart. One MAC is one multiplication and one addition.
public struct MACs: Hashable, Sendable, Comparable {
  /// The number of multiply-accumulates.
  public var count: Int

  /// Wraps a number of multiply-accumulates.
  public init(_ count: Int) { self.count = count }

  /// The same work in floating-point operations: 1 MAC = 2 FLOP.
  public var flops: FLOPs { FLOPs(2 * Double(count)) }

  /// Orders by size.
  public static func < (a: MACs, b: MACs) -> Bool { a.count < b.count }
  /// The work of both.
  public static func + (a: MACs, b: MACs) -> MACs { MACs(a.count + b.count) }
}

/// A count of floating-point operations, not a rate.
///
/// Held in Double, because a training run exceeds 2^63 operations.
public struct FLOPs: Hashable, Sendable, Comparable {
  /// The number of operations.
  public var count: Double

  /// Wraps a number of operations.
  public init(_ count: Double) { self.count = count }

  /// The same work in petaflop/s-days: 10^15 operations a second for a day, 8.64e19 operations.
  public var petaflopPerSecondDays: Double { count / 8.64e19 }

  /// Orders by size.
  public static func < (a: FLOPs, b: FLOPs) -> Bool { a.count < b.count }
  /// The work of both.
  public static func + (a: FLOPs, b: FLOPs) -> FLOPs { FLOPs(a.count + b.count) }
  /// The work done `factor` times.
  public static func * (factor: Double, work: FLOPs) -> FLOPs { FLOPs(factor * work.count) }
}

/// A count of operations on integers, not a rate.
///
/// Not to be added to `FLOPs`: the two have peaks of their own.
public struct IntegerOperations: Hashable, Sendable, Comparable {
  /// The number of operations.
  public var count: Double

  /// Wraps a number of operations.
  public init(_ count: Double) { self.count = count }

  /// Orders by size.
  public static func < (a: IntegerOperations, b: IntegerOperations) -> Bool { a.count < b.count }
  /// The work of both.
  public static func + (a: IntegerOperations, b: IntegerOperations) -> IntegerOperations {
    IntegerOperations(a.count + b.count)
  }
}

extension MACs {
  /// The same work on integers: 1 MAC = 2 operations.
  public var integerOperations: IntegerOperations { IntegerOperations(2 * Double(count)) }
}
