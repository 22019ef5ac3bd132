import Economics
import Harness

/// All that a report shows, as one value: every format is a rendering of it.
///
/// Nothing is computed while rendering; a figure that is not in here does not appear. Every part
/// beyond the record may be empty, and its section then says what would fill it.
package struct Report: Sendable {
  /// The run that the report is about, without what cannot be so.
  package var record: ResultRecord
  /// Further runs to set beside it, in the order given.
  package var others: [ResultRecord]
  /// Doubts about the measurement, the gravest first.
  package var doubts: [Doubt]
  /// Name of the file that has the record; nil where it is in none.
  package var recordFile: String?
  /// Public data beside what the networks cost here; nil where none was added.
  package var costs: Costs?
  /// What the machine computes in a time, in petaflop/s-days.
  package var compute: Compute?
  /// The same hardware under newer software, the oldest first, and the peers beside them.
  package var generations: [Generation] = []
  /// Where the generations come from, where that is not this run; a sentence.
  package var generationsBasis: String?
  /// Dated releases of software, where such a comparison was added.
  package var versions: VersionStudy?
  /// How many times as fast training became by software alone, as the documents claim.
  package var claimedSoftwareGain: Double?
  package var roofline: Roofline?
  /// The same of lower precision, one for each that was measured.
  package var lowerRooflines: [Roofline] = []
  /// Our kernels beside OpenBLAS's, where both were measured.
  package var engineRatios: EngineRatios?
  /// How near each engine's kernels come to the measured peak.
  package var peakShares: [PeakShare] = []
  package var claims: [AuditedClaim] = []
  package var findings: [Finding] = []
  /// Titles of the documents by id.
  package var documents: [String: String] = [:]
  /// Where the public records come from.
  package var sources: [PublicSource] = []
  /// Training runs to an accuracy, drawn in one chart.
  package var learning: [LearningCurve] = []
  /// Runs of the headline cases on this machine, oldest first within each case.
  package var history: [HistoryRun] = []

  package init(record: ResultRecord, others: [ResultRecord] = [], doubts: [Doubt] = []) {
    self.record = record.withholdingTheImpossible()
    self.others = others.map { $0.withholdingTheImpossible() }
    self.doubts = doubts
  }

  /// A doubt about the measurement, with what to do about it.
  package struct Doubt: Hashable, Sendable {
    package var sentence: String
    package var remedy: String
    package init(_ sentence: String, remedy: String) {
      (self.sentence, self.remedy) = (sentence, remedy)
    }
    package init(_ warning: Warning) { self.init(warning.sentence, remedy: warning.remedy) }
  }

  /// What a cost chart is drawn from: claimed and fitted curves, public records, limits.
  package struct Costs: Hashable, Sendable {
    package var inferenceCurves: [Curve] = []
    package var trainingCurves: [Curve] = []
    /// DAWNBench's entries.
    package var inference: [PublicRecord] = []
    package var training: [PublicRecord] = []
    /// Results of CPUs, MLPerf's above all, at a list price.
    package var cpuInference: [PublicRecord] = []
    package var cpuTraining: [PublicRecord] = []
    /// USD per 10⁹ images if the measured FMA peak did nothing but direct operations.
    package var inferenceAtPeak: Double?
    /// The same at the measured peak of each lower precision.
    package var inferenceAtLowerPeak: [CaseID.Precision: Double] = [:]
    /// USD for ResNet-50's training target on the terms of the FMA peak.
    package var trainingAtPeak: Double?
    /// The same at the measured peak of each lower precision that steps multiply.
    package var trainingAtLowerPeak: [CaseID.Precision: Double] = [:]
    /// What the documents state, figure by figure, in the order of their dates.
    package var inferenceStated: [StatedFigure] = []
    package var trainingStated: [StatedFigure] = []

    package init() {}
  }

  /// Compute of headline training runs, and of this machine, in petaflop/s-days.
  package struct Compute: Hashable, Sendable {
    package var runs: [PublicRecord]
    package var curves: [Curve]
    package var eras: [Era]
    /// Where the rate comes from that the figures rest on.
    package var basis: String
    package var pfsDaysPerDay: Double
    package var pfsDaysPerMonth: Double
    package var pfsDaysPerYear: Double
    /// The trainings that the documents name, by their counted work.
    package var counted: [Counted] = []

    /// A published training: counted, as published, and here.
    package struct Counted: Hashable, Sendable {
      package var run: PublishedRun
      /// At the rate of its own passes, or at the most operations a second that a training step
      /// executed, in the fastest precision; nil where no step was measured.
      package var here: RunHere?
      /// What that costs; nil without a price.
      package var usd: Estimate?

      package init(_ run: PublishedRun, here: RunHere? = nil, usd: Estimate? = nil) {
        (self.run, self.here, self.usd) = (run, here, usd)
      }
    }

    package init(
      runs: [PublicRecord], curves: [Curve], eras: [Era] = Era.charted, basis: String,
      pfsDaysPerDay: Double, pfsDaysPerMonth: Double, pfsDaysPerYear: Double
    ) {
      (self.runs, self.curves, self.eras, self.basis) = (runs, curves, eras, basis)
      self.pfsDaysPerDay = pfsDaysPerDay
      self.pfsDaysPerMonth = pfsDaysPerMonth
      self.pfsDaysPerYear = pfsDaysPerYear
    }
  }

  /// A span of years that one kind of hardware stands for.
  package struct Era: Hashable, Sendable {
    package var name: String
    package var from: Day
    package var to: Day
    package init(_ name: String, from: Day, to: Day) {
      (self.name, self.from, self.to) = (name, from, to)
    }

    /// The eras of the claims `era-2012-2014`, `era-2014-2016` and `era-2016-2017`.
    package static let charted: [Era] = [
      ("1–8 GPUs", "2012-01-01", "2014-01-01"), ("10–100 GPUs", "2014-01-01", "2016-01-01"),
      ("TPUs", "2016-01-01", "2018-01-01"),
    ].compactMap { name, from, to in
      guard let from = Day(from), let to = Day(to) else { return nil }
      return Era(name, from: from, to: to)
    }
  }

  /// One piece of software on this machine, or a peer beside it.
  package struct Generation: Hashable, Sendable {
    package var name: String
    /// Release of a peer, or what the engine does differently.
    package var detail: String
    package var itemsPerSecond: Double
    /// What these are.
    package var item: WorkItem
    package var interval: [Double]?
    /// Times as fast as the oldest generation, from turns beside it; nil for that itself, and where
    /// they did not take turns often enough for an interval.
    package var ratio: Ratio?
    /// How many times as fast as this one the newest generation is, likewise.
    package var newestRatio: Ratio?
    package var isPeer: Bool
    /// What layers multiply; nil for float32.
    ///
    /// Lower precision is not newer software: it stands beside.
    package var precision: CaseID.Precision?
    /// Requests in flight.
    package var requests: Int

    package init(
      name: String, detail: String, itemsPerSecond: Double, item: WorkItem = .image,
      interval: [Double]? = nil, ratio: Ratio? = nil, newestRatio: Ratio? = nil,
      isPeer: Bool = false, precision: CaseID.Precision? = nil, requests: Int = 1
    ) {
      (self.name, self.detail, self.isPeer, self.item) = (name, detail, isPeer, item)
      (self.itemsPerSecond, self.interval, self.ratio) = (itemsPerSecond, interval, ratio)
      (self.newestRatio, self.precision, self.requests) = (newestRatio, precision, requests)
    }

    /// Whether it is software of ours in float32: one of those that are older and newer.
    var isOwnFloat: Bool { !isPeer && precision == nil }
  }

  /// How many times as fast one thing is as another, with the 95 % interval without which it would
  /// not be told.
  package struct Ratio: Hashable, Sendable {
    package var times: Double
    package var interval: [Double]
    package init(_ times: Double, interval: [Double]) {
      (self.times, self.interval) = (times, interval)
    }
    package init(_ rounds: PairedRounds) { self.init(rounds.speedup, interval: rounds.ci95) }
  }

  /// Measured roofs, and what lies under them.
  package struct Roofline: Hashable, Sendable {
    /// 10^9 operations a second, of what layers multiply.
    package var peakGflops: Double
    /// What layers multiply; nil for float32.
    package var precision: CaseID.Precision?
    package var threads: Int
    package var levels: [Level]
    package var layers: [Layer]
    /// The network whose layers they are, as on the command line; empty for layers of several.
    package var network: String
    /// What limits the engine that comes nearest to its roof.
    package var limits: Limits?

    /// Bandwidth of one level of the memory.
    package struct Level: Hashable, Sendable {
      package var name: String
      package var gbPerS: Double
      package init(_ name: String, gbPerS: Double) { (self.name, self.gbPerS) = (name, gbPerS) }
    }

    /// One layer in one direction.
    package struct Layer: Hashable, Sendable {
      package var name: String
      package var engine: String
      package var direction: String
      package var algorithm: String
      package var flopPerByte: Double
      /// Executed operations, 10^9 a second.
      package var gflops: Double
      /// `compute`, `L2`, `L3`, `DRAM` or `overhead`.
      package var bound: String
      /// Time above what the roof allows, in milliseconds a call.
      package var lostMs: Double
      package var percentOfRoof: Double

      package init(
        name: String, engine: String, direction: String, algorithm: String, flopPerByte: Double,
        gflops: Double, bound: String, lostMs: Double, percentOfRoof: Double
      ) {
        (self.name, self.engine) = (name, engine)
        (self.direction, self.algorithm) = (direction, algorithm)
        (self.flopPerByte, self.gflops, self.bound) = (flopPerByte, gflops, bound)
        (self.lostMs, self.percentOfRoof) = (lostMs, percentOfRoof)
      }
    }

    /// What limits the layers of one engine.
    package struct Limits: Hashable, Sendable {
      package var engine: String
      /// Layers and directions by their bound, as in `Layer`.
      package var counts: [String: Int]
      /// The layer that loses most time to its roof, and its share of all that is lost, in percent.
      package var worst: Layer?
      package var worstPercent: Double
      package init(engine: String, counts: [String: Int], worst: Layer?, worstPercent: Double) {
        (self.engine, self.counts) = (engine, counts)
        (self.worst, self.worstPercent) = (worst, worstPercent)
      }
    }

    package init(
      peakGflops: Double, threads: Int, levels: [Level], layers: [Layer], network: String = "",
      limits: Limits? = nil, precision: CaseID.Precision? = nil
    ) {
      (self.peakGflops, self.threads, self.network) = (peakGflops, threads, network)
      self.precision = precision
      (self.levels, self.layers, self.limits) = (levels, layers, limits)
    }
  }

  /// A real run to an accuracy, epoch by epoch.
  package struct LearningCurve: Hashable, Sendable {
    /// Network and data set.
    package var title: String
    package var epochs: [Epoch]
    /// Hardware and engine, where they are on record.
    package var basis: String
    /// Price of an hour of the run, where it is on record.
    package var usdPerHour: Double?

    package struct Epoch: Hashable, Sendable {
      package var number: Int
      package var hours: Double
      /// Of the test set, 0 to 1.
      package var top1: Double
      package init(number: Int, hours: Double, top1: Double) {
        (self.number, self.hours, self.top1) = (number, hours, top1)
      }
    }

    package init(
      title: String, epochs: [Epoch], basis: String = "", usdPerHour: Double? = nil
    ) {
      (self.title, self.epochs, self.basis, self.usdPerHour) = (title, epochs, basis, usdPerHour)
    }
  }

  /// One earlier run of the same case on the same machine.
  package struct HistoryRun: Hashable, Sendable {
    package var caseID: String
    /// ISO 8601.
    package var date: String
    package var itemsPerSecond: Double
    /// What these are.
    package var item: WorkItem
    package var interval: [Double]?
    package var commit: String?
    /// Level of the segment that step detection puts the run in, where there are enough runs.
    package var level: Double?
    /// How far that lies above the level before it, as a share of it; nil where it is the first.
    package var step: Double?

    package init(
      caseID: String, date: String, itemsPerSecond: Double, item: WorkItem = .image,
      interval: [Double]? = nil, commit: String? = nil, level: Double? = nil, step: Double? = nil
    ) {
      (self.caseID, self.date, self.commit, self.item) = (caseID, date, commit, item)
      (self.itemsPerSecond, self.interval) = (itemsPerSecond, interval)
      (self.level, self.step) = (level, step)
    }
  }
}
