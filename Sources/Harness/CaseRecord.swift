import Foundation

/// What was measured of one case: samples, statistics, and what follows from them.
package struct CaseRecord: Codable, Hashable, Sendable {
  /// As `CaseID` writes it.
  package var id: String
  package var kind: Kind
  /// The software that computed it, where it was not costcurve's own; null where it was.
  @Nullable package var origin: Origin?
  /// Requests under way at a time; null where nothing is requested.
  @Nullable package var requestsInFlight: Int?
  /// How those are answered; null where nothing is requested.
  @Nullable package var batching: Batching?
  package var parameters: [String: JSONValue]
  package var algorithm: String
  package var flop: Work
  package var correctness: Correctness
  package var accuracy: Accuracy
  package var processes: [ProcessSamples]
  /// Each process's median, nanoseconds per call; only in the history, which keeps no samples.
  package var processMediansNs: [Double]?
  @Nullable package var statistics: Statistics?
  package var derived: Derived
  /// What its timed processes took together; absent where nobody asked, and in older records.
  package var energy: Energy?
  /// What it gave by LoadGen's counting; absent where queries were not counted so.
  package var scenario: ScenarioResult?
  package var validity: Validity
  /// The command line that repeats this case.
  package var `repeat`: String

  package enum Kind: String, Codable, Sendable, CaseIterable {
    case peak, gemm, conv, infer, prefill, decode, train
  }

  /// Operations of one call: of the direct algorithm, and as the algorithm executes them; on integers
  /// where the id says so.
  package struct Work: Codable, Hashable, Sendable {
    package var direct: Double
    /// 0 where software of others executes what is not known.
    package var executed: Double
    /// Operations of float32 that are executed beside those on integers or bfloat16, which the
    /// others count alone; absent where there are none.
    package var float: Double?
    package init(direct: Double, executed: Double, float: Double? = nil) {
      (self.direct, self.executed, self.float) = (direct, executed, float)
    }
  }

  /// Whether the answer was right; no speed is shown unless `status` is `passed`.
  package struct Correctness: Codable, Hashable, Sendable {
    package enum Status: String, Codable, Sendable {
      case passed, failed
      case notChecked = "not checked"
    }
    /// What the answer was held against.
    package enum Basis: String, Codable, Sendable {
      /// Every operator by its own plain float64 loops.
      case operators = "float64 operators"
      /// Convolutions and fully connected layers by plain loops with float64 sums, of bytes with
      /// whole numbers; what else there is ran by the same kernels on both sides.
      case kernels = "reference kernels"
    }
    package var status: Status
    /// max |a−b| / max |b| against the oracle.
    @Nullable package var maxError: Double?
    /// Absent where there was another check, or none, and in older records.
    package var against: Basis?
    package init(status: Status, maxError: Double?, against: Basis? = nil) {
      self.status = status
      self._maxError = Nullable(wrappedValue: maxError)
      self.against = against
    }
  }

  /// Whether the network's predictions were compared with labels.
  package struct Accuracy: Codable, Hashable, Sendable {
    /// `not evaluated`, `evaluated`, or `not applicable`.
    package var status: String
    @Nullable package var top1: Double?
    @Nullable package var top5: Double?
    /// Why it was not evaluated though there were labels; absent elsewhere.
    package var reason: String?
    /// Beside float32's answers to the same images; absent for float32 and where none were compared.
    package var againstF32: AgainstF32?
    package init(
      status: String, top1: Double? = nil, top5: Double? = nil, reason: String? = nil,
      againstF32: AgainstF32? = nil
    ) {
      (self.status, self.reason) = (status, reason)
      self._top1 = Nullable(wrappedValue: top1)
      self._top5 = Nullable(wrappedValue: top5)
      self.againstF32 = againstF32
    }
  }

  /// The raw samples of one process: nanoseconds per call, with what disturbed each.
  package struct ProcessSamples: Codable, Hashable, Sendable {
    package var samplesNs: [Double]
    /// One entry per sample: the flags raised during it, joined by `+`, or an empty string.
    package var flags: [String]
    /// Calls timed together in one sample.
    package var callsPerSample: Int
    /// Nanoseconds per call of the first `warmupsKept` batches before the samples.
    ///
    /// They show how a call settles; short calls are warmed up by thousands, which would make most
    /// of a record.
    package var warmupNs: [Double]
    /// Batches of the whole warm-up; nil in a race, which keeps none, and in older records, which
    /// keep all.
    package var warmupCount: Int?
    @Nullable package var peakMemoryBytes: Int?
    /// Samples of each turn where the process took turns with others of the same subject, in their
    /// order; absent where it ran alone.
    package var turnSamples: [Int]?
    /// Nanoseconds of all calls in each phase, warm-up included; only of workloads with phases.
    @Nullable package var phaseNs: [String: Double]?
    /// Of all calls, warm-up included, however short; absent where nobody asked.
    package var energy: Energy?

    package static let warmupsKept = 32

    package init(
      samplesNs: [Double], flags: [String], callsPerSample: Int, warmupNs: [Double],
      peakMemoryBytes: Int? = nil, phaseNs: [String: Double] = [:]
    ) {
      self.samplesNs = samplesNs
      self.flags = flags
      self.callsPerSample = callsPerSample
      self.warmupNs = Array(warmupNs.prefix(Self.warmupsKept))
      warmupCount = warmupNs.isEmpty ? nil : warmupNs.count
      self._peakMemoryBytes = Nullable(wrappedValue: peakMemoryBytes)
      self._phaseNs = Nullable(wrappedValue: phaseNs.isEmpty ? nil : phaseNs)
    }
  }

  /// Time per call over all processes.
  package struct Statistics: Codable, Hashable, Sendable {
    package var medianNs: Double
    @Nullable package var ci95Ns: [Double]?
    /// `processes`, `blocks`, or null where no interval could be had.
    @Nullable package var ci95Method: String?
    package var p05Ns: Double
    package var relativeIqr: Double
    package var n: Int
    package var nEffective: Double
    package var minNs: Double
    package var maxNs: Double
    /// True where the interval rests on one process.
    package var provisional: Bool

    package init(
      medianNs: Double, ci95Ns: [Double]?, ci95Method: String?, p05Ns: Double,
      relativeIqr: Double, n: Int, nEffective: Double, minNs: Double, maxNs: Double,
      provisional: Bool
    ) {
      self.medianNs = medianNs
      self._ci95Ns = Nullable(wrappedValue: ci95Ns)
      self._ci95Method = Nullable(wrappedValue: ci95Method)
      self.p05Ns = p05Ns
      self.relativeIqr = relativeIqr
      self.n = n
      self.nEffective = nEffective
      self.minNs = minNs
      self.maxNs = maxNs
      self.provisional = provisional
    }
  }

  /// What follows from the statistics, the work and the price.
  package struct Derived: Codable, Hashable, Sendable {
    @Nullable package var gflopsDirect: Double?
    @Nullable package var gflopsExecuted: Double?
    /// Direct operations on integers, 10^9 a second, where a case does these; absent elsewhere.
    package var gigaOperationsPerSecond: Double?
    /// Executed rate over the measured FMA peak at the same thread count, both times at their 5th
    /// percentile, in percent.
    ///
    /// Null also where that peak was disturbed; `percentOfPeakWithheld` says so then.
    @Nullable package var percentOfPeak: Double?
    /// Why a share of the peak that could be computed is not told; absent where it is.
    package var percentOfPeakWithheld: String?
    /// Whether other work had the CPU for so much of the samples that the median is its doing too;
    /// absent where it is not.
    package var medianDisturbed: Bool?
    /// What a call handles some of, such as `image`; null for kernels and probes.
    @Nullable package var item: String?
    @Nullable package var itemsPerSecond: Double?
    @Nullable package var itemsPerSecondCi95: [Double]?
    @Nullable package var imagesPerSecond: Double?
    @Nullable package var imagesPerSecondCi95: [Double]?
    @Nullable package var latencyMs: Latency?
    @Nullable package var usdPerBillionImages: Double?
    @Nullable package var usdPerBillionImagesCi95: [Double]?
    /// Of a network that judges positions of a game; absent elsewhere.
    package var usdPerMillionPositions: Double?
    package var usdPerMillionPositionsCi95: [Double]?
    /// Of what has another item, such as sequences; absent elsewhere.
    package var usdPerMillionItems: Double?
    package var usdPerMillionItemsCi95: [Double]?
    /// Of a model that reads tokens, all of those of a call; absent elsewhere.
    package var tokensPerSecond: Double?
    package var tokensPerSecondCi95: [Double]?
    package var usdPerMillionTokens: Double?
    package var usdPerMillionTokensCi95: [Double]?
    /// Of reading a prompt, until the token behind it is told; absent elsewhere.
    package var timeToFirstTokenMs: Double?
    package var timeToFirstTokenMsCi95: [Double]?
    @Nullable package var peakMemoryBytes: Int?
    /// Bytes per second of a bandwidth probe, or of a step of text generation by the fewest bytes that
    /// it can move, in 10^9.
    @Nullable package var gbPerS: Double?
    /// The rate of such a step as a share of the memory bandwidth measured in the same rounds at the
    /// same thread count, both times at their 5th percentile, in percent; absent elsewhere.
    package var percentOfBandwidth: Double?
    /// Why that share is not told though it could be computed; absent where it is.
    package var percentOfBandwidthWithheld: String?
    /// What steps of this case lead to; null where they lead to no trained network.
    @Nullable package var trainingTarget: TrainingTarget?
    /// Cost of the training target at this rate, extrapolated; null where there is no target.
    @Nullable package var usdToTrain: Double?
    @Nullable package var usdToTrainCi95: [Double]?
    /// Share of a training step that each phase takes, in percent; the phases add up to 100.
    @Nullable package var phasePercent: [String: Double]?
    /// Joules of the CPU package for an item, where that was measured, and what these cost at the
    /// price of electricity that the user stated; absent elsewhere.
    package var joulesPerItem: Double?
    package var joulesPerItemCi95: [Double]?
    package var electricityUsdPerMillionItems: Double?
    package var electricityUsdPerMillionItemsCi95: [Double]?
    /// The same by the watts that the user stated, where nothing was measured; absent elsewhere.
    package var estimatedJoulesPerItem: Double?
    package var estimatedJoulesPerItemCi95: [Double]?
    package var estimatedElectricityUsdPerMillionItems: Double?
    package var estimatedElectricityUsdPerMillionItemsCi95: [Double]?
    /// How several ranks summed the gradients of their steps; absent where one process took them.
    package var allReduce: AllReduce?
    /// In a race of several arms: how many times as fast as this one the first arm is, per image,
    /// from interleaved blocks.
    @Nullable package var firstArmSpeedup: Double?
    @Nullable package var firstArmSpeedupCi95: [Double]?
    /// The same of the arm of ours, named, that has as many requests under way as this one.
    @Nullable package var ownArm: String?
    @Nullable package var ownArmSpeedup: Double?
    @Nullable package var ownArmSpeedupCi95: [Double]?

    package init() {}
  }

  /// Tail latencies in milliseconds; null where the sample is too small to support one.
  package struct Latency: Codable, Hashable, Sendable {
    @Nullable package var p50: Double?
    @Nullable package var p90: Double?
    @Nullable package var p95: Double?
    @Nullable package var p99: Double?
    /// For each percentile that is null, how many samples it needs.
    package var needs: [String: Int]
  }

  /// Whether the figures may be used, and why not.
  package struct Validity: Codable, Hashable, Sendable {
    package var ok: Bool
    package var reasons: [String]
    package init(ok: Bool, reasons: [String] = []) { (self.ok, self.reasons) = (ok, reasons) }
  }

  package init(
    id: String, kind: Kind, parameters: [String: JSONValue], algorithm: String, flop: Work,
    correctness: Correctness, accuracy: Accuracy, processes: [ProcessSamples],
    statistics: Statistics?, derived: Derived, validity: Validity, repeat: String,
    origin: Origin? = nil, requestsInFlight: Int? = nil, batching: Batching? = nil
  ) {
    self.id = id
    self.kind = kind
    self._origin = Nullable(wrappedValue: origin)
    self._requestsInFlight = Nullable(wrappedValue: requestsInFlight)
    self._batching = Nullable(wrappedValue: batching)
    self.parameters = parameters
    self.algorithm = algorithm
    self.flop = flop
    self.correctness = correctness
    self.accuracy = accuracy
    self.processes = processes
    self._statistics = Nullable(wrappedValue: statistics)
    self.derived = derived
    self.validity = validity
    self.repeat = `repeat`
  }
}
