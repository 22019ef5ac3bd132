import Basics
import Harness
import Interchange
import Kernels
import Models

/// Which cases a command measures, as data: ids, options, and the command that repeats each.
package enum CaseSuite {
  /// The sides of the square products.
  package static let squares = [256, 512, 1024]

  /// The compute ceiling at each thread count.
  package static func fmaPeaks(threads: [Int]) -> [CaseRequest] {
    threads.map { peak(PeakWorkload.subject(of: nil), threads: $0) }
  }

  /// The ceiling of a lower precision at each thread count.
  package static func peaks(
    of precision: CaseID.Precision, threads: [Int]
  ) -> [CaseRequest] {
    threads.map { peak(PeakWorkload.subject(of: precision), threads: $0, precision: precision) }
  }

  /// The read ceiling of each level of memory at each thread count.
  package static func bandwidths(threads: [Int]) -> [CaseRequest] {
    threads.flatMap { count in
      BandwidthWorkload.Level.allCases.map { peak("read-\($0.rawValue)", threads: count) }
    }
  }

  /// Square products, then the product of every distinct convolution of the subject.
  ///
  /// A convolution `N H W C → N P Q K` is the product `N·P·Q × K × R·S·C`.
  ///
  /// - Parameters:
  ///   - subject: Whose layers they are.
  ///   - tokens: Of a sequence; nil for the usual number.
  ///   - batch: Items.
  ///   - threads: Squares run on each of these, layers on the last.
  ///   - engines: By which.
  ///   - withPointwise: False leaves out what a convolution is by itself: one of 1x1 that skips
  ///     nothing is that very product, and is measured as a convolution.
  /// - Returns: The cases.
  /// - Throws: A batch other than the one that a file fixes.
  package static func products(
    of subject: WorkSubject, tokens: Int? = nil, batch: Int, threads: [Int], engines: [Engine],
    withPointwise: Bool = true
  ) throws(Problem) -> [CaseRequest] {
    let squares = squares.map { GemmShape(m: $0, n: $0, k: $0) }
    let layers = try subject.convolutions(batch: batch, inputSize: tokens).map(\.shape)
    let measured = withPointwise ? [] : layers.filter(\.isPointwise).map(\.productShape)
    var shapes = squares
    for shape in layers.map(\.productShape)
    where !shapes.contains(shape) && !measured.contains(shape) {
      shapes.append(shape)
    }
    return shapes.flatMap { shape in
      // The squares show how a kernel scales; the layers' shapes are measured as a network runs them.
      (squares.contains(shape) ? threads : threads.suffix(1)).flatMap { count in
        engines.map { engine in
          kernel(
            CaseID(
              kind: "gemm", subject: shape.description, threads: count, engine: engine.rawValue))
        }
      }
    }
  }

  /// Every distinct convolution of the subject, forward and in float32 unless told.
  ///
  /// The first layer has no backward-data: no training step computes the gradient of images.
  package static func convolutions(
    of subject: WorkSubject, inputSize: Int? = nil, batch: Int, threads: [Int],
    engines: [Engine], directions: [CaseID.Direction] = [.forward],
    precision: CaseID.Precision? = nil
  ) throws(Problem) -> [CaseRequest] {
    let layers = try subject.convolutions(batch: batch, inputSize: inputSize)
    return layers.enumerated().flatMap { index, layer in
      directions.filter { index > 0 || $0 != .backwardData }.flatMap { direction in
        threads.flatMap { count in
          engines.map { engine in
            var id = CaseID(
              kind: "conv", subject: "\(subject.name).\(layer.layers[0])", direction: direction,
              batch: batch, threads: count, engine: engine.rawValue)
            id.precision = precision
            return kernel(id, subject: subject, inputSize: inputSize, batch: batch)
          }
        }
      }
    }
  }

  /// A whole network's forward pass or training step, or that of the model of a file.
  package static func network(
    _ kind: CaseRecord.Kind, name: String, batch: Int, threads: Int, engine: Engine,
    options: [CaseOptions.Key: String] = [:], precision: CaseID.Precision? = nil
  ) -> CaseRequest {
    var plain = CaseID(
      kind: kind.rawValue, subject: name, batch: batch, threads: threads,
      engine: engine.rawValue)
    plain.precision = precision
    let given = CaseOptions(options.byName)
    // What no case can be made of is refused by the worker, in a sentence.
    let isFile = options[.model] != nil
    let id =
      (isFile
        ? try? plain.settledForFile(by: given)
        : try? plain.settled(by: given, for: try Network.named(name))) ?? plain
    var line =
      "costcurve \(kind.rawValue)" + (isFile ? "" : " --network \(name)")
      + " --batch-size \(batch) --threads \(threads) --engine \(engine.rawValue)"
      + (precision.map { " --precision \($0.rawValue)" } ?? "")
    // A table of ranges is made anew from the arrays that it was made from.
    let told = options.filter { $0.key != .quantization }
    for (key, value) in told.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      line += key == .tuning ? " --autotune" : Self.flags(key, value)
    }
    return CaseRequest(id: id.description, options: options.byName, repeat: line)
  }

  /// An option as a command line has it, once for each line of its value.
  static func flags(_ key: CaseOptions.Key, _ value: String) -> String {
    value.split(separator: "\n").map { " --\(key.rawValue) \(ShellWords.quoted(String($0)))" }
      .joined()
  }

  private static func peak(
    _ subject: String, threads: Int, precision: CaseID.Precision? = nil
  ) -> CaseRequest {
    var id = CaseID(kind: "peak", subject: subject, threads: threads)
    id.precision = precision
    return CaseRequest(
      id: id.description, repeat: "costcurve roofline --threads \(threads) --filter '^\(id)$'")
  }

  private static func kernel(
    _ id: CaseID, subject: WorkSubject? = nil, inputSize: Int? = nil, batch: Int? = nil
  ) -> CaseRequest {
    var (id, options) = (id, [CaseOptions.Key: String]())
    var flags = " --threads \(id.threads ?? 1)"
    if let precision = id.precision { flags += " --precision \(precision.rawValue)" }
    switch subject {
    case .network(let network)?:
      let unusual = inputSize == network.usualInputSize ? nil : inputSize
      if network.item == .sequence {
        (id.sequence, options[.sequence]) = (unusual, unusual.map { "\($0)" })
      } else {
        (id.inputSize, options[.inputSize]) = (unusual, inputSize.map { "\($0)" })
      }
      flags += " --network \(network.name)"
    case .file(let model)?:
      id.sequence = model.sequence
      options = model.options
    case nil: break
    }
    if let batch { flags += " --batch-size \(batch)" }
    for (key, value) in options.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      flags += Self.flags(key, value)
    }
    return CaseRequest(
      id: id.description, options: options.byName,
      repeat: "costcurve kernels --filter '^\(id)$'" + flags)
  }
}

extension ModelOfFile {
  /// What of it a case's id does not say.
  package var options: [CaseOptions.Key: String] {
    var options: [CaseOptions.Key: String] = [.model: path]
    if let sequence { options[.sequence] = "\(sequence)" }
    if !givenFiles.isEmpty { options[.input] = givenFiles.joined(separator: "\n") }
    return options
  }
}

extension ConvShape {
  /// The plain product that lowering turns this convolution into.
  package var productShape: GemmShape { GemmShape(m: N * P * Q, n: K, k: R * S * C) }
}
