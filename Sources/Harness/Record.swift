import Foundation

/// The one value that a measurement leaves behind; schema `costcurve.result`.
///
/// Units are in the names, nothing is auto-scaled, a missing value is null. Fields may be added,
/// never renamed. Version 2 says in fields of their own what version 1 left to ids and zeros.
package struct ResultRecord: Codable, Hashable, Sendable {
  package var schema = "costcurve.result"
  package var schemaVersion = ResultRecord.currentVersion
  package var kind = Kind.run
  /// Null where nothing was timed, as in steps on given arrays.
  @Nullable package var extent: Extent?
  package var context: Context
  /// Whether the run found a quiet machine; absent in records of earlier versions.
  package var validity: RunValidity?
  @Nullable package var price: PriceRecord?
  /// What the user stated of electricity; absent where nothing.
  package var electricity: Electricity?
  package var peaks: [Peak]
  package var cases: [CaseRecord]
  /// One loss per step; only where `train` ran on given arrays.
  package var losses: [Double]?
  /// What the layers of those steps multiplied, as a case has it in its id; absent for float32.
  package var precision: CaseID.Precision?
  /// What releases of software gain in a year; only in a comparison of dated releases.
  package var softwareTrends: [SoftwareTrend]?

  package init(
    context: Context, price: PriceRecord? = nil, peaks: [Peak] = [], cases: [CaseRecord] = [],
    losses: [Double]? = nil, precision: CaseID.Precision? = nil, kind: Kind = .run,
    extent: Extent? = nil
  ) {
    (self.kind, self._extent) = (kind, Nullable(wrappedValue: extent))
    self.context = context
    self._price = Nullable(wrappedValue: price)
    self.peaks = peaks
    self.cases = cases
    (self.losses, self.precision) = (losses, precision)
  }

  /// The price that every dollar of the record rests on.
  package struct PriceRecord: Codable, Hashable, Sendable {
    package var usdPerHour: Double
    /// What kind of price it is, in words, such as `on-demand` or `assumed: median per vCPU`.
    package var basis: String
    @Nullable package var instance: String?
    @Nullable package var region: String?
    @Nullable package var asOf: String?
    @Nullable package var source: String?

    package init(
      usdPerHour: Double, basis: String, instance: String? = nil, region: String? = nil,
      asOf: String? = nil, source: String? = nil
    ) {
      self.usdPerHour = usdPerHour
      self.basis = basis
      self._instance = Nullable(wrappedValue: instance)
      self._region = Nullable(wrappedValue: region)
      self._asOf = Nullable(wrappedValue: asOf)
      self._source = Nullable(wrappedValue: source)
    }

    /// The basis of a price that nobody gave, to be told from the others by `assumption`.
    package static func assumedBasis(_ assumption: String) -> String { mark + assumption }

    /// What was assumed, where nobody gave a price; else nil.
    package var assumption: String? {
      basis.hasPrefix(Self.mark) ? String(basis.dropFirst(Self.mark.count)) : nil
    }

    // Records say it in the words of their basis, so it is read from there too.
    private static let mark = "assumed: "
  }

  /// What this machine reached at best with one thread count.
  package struct Peak: Codable, Hashable, Sendable {
    package var threads: Int
    /// The element type; absent for float32.
    package var precision: CaseID.Precision?
    /// What the probe of whole numbers reached, 10^9 operations a second; absent for floats.
    package var gigaOperationsPerSecond: Double?
    /// What the probe of floats reached, of the peak's element type.
    @Nullable package var fmaGflops: Double?
    @Nullable package var bandwidthGbPerS: Double?
    /// What the FMA probe reached where that is no peak, something else having been faster or the
    /// probe's own times having varied too much; `fmaGflops` is null then.
    package var disturbedFmaGflops: Double?
    /// The same of whole numbers.
    package var disturbedGigaOperationsPerSecond: Double?

    package init(threads: Int, fmaGflops: Double?, bandwidthGbPerS: Double?) {
      self.threads = threads
      self._fmaGflops = Nullable(wrappedValue: fmaGflops)
      self._bandwidthGbPerS = Nullable(wrappedValue: bandwidthGbPerS)
    }

    /// The peak of whole numbers.
    package init(threads: Int, precision: CaseID.Precision, gigaOperationsPerSecond: Double) {
      self.init(threads: threads, fmaGflops: nil, bandwidthGbPerS: nil)
      (self.precision, self.gigaOperationsPerSecond) = (precision, gigaOperationsPerSecond)
    }

    /// The peak of a lower precision, 10^9 operations a second of its elements.
    package init(threads: Int, precision: CaseID.Precision, rate: Double) {
      switch precision {
      case .int8: self.init(threads: threads, precision: .int8, gigaOperationsPerSecond: rate)
      case .bf16:
        self.init(threads: threads, fmaGflops: rate, bandwidthGbPerS: nil)
        self.precision = .bf16
      }
    }

    /// 10^9 operations a second, of whatever elements; nil where that was disturbed or not probed.
    package var rate: Double? { fmaGflops ?? gigaOperationsPerSecond }

    /// The unit of its rate: whole numbers are no floats.
    package var rateUnit: String { precision == .int8 ? "GOP/s" : "GFLOP/s" }
  }

  /// The encoder that all records are written with: sorted keys, snake case, one shape for all.
  package static func encoder(onOneLine: Bool = false) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !onOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }

  package static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}
