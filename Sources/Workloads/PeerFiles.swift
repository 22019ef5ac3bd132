import Basics
import Formats
import Graphs
import Harness
import Interchange
import Kernels
import Models
import Programs

/// The model, inputs and expected answers that peers are given, as files that any software reads.
package struct PeerFiles {
  /// Options that name the files, for a `prepare` line.
  package let options: [String: String]
  /// Those of them that are others where the same items are computed in float32 beside another
  /// precision; none without one, and for a file that is quantized itself.
  package let floatOptions: [String: String]

  /// Writes a model as ONNX, what it is given and what we say that it gives; a network's weights, too.
  ///
  /// - Parameters:
  ///   - folder: Exists; whoever made it removes it.
  ///   - subject: A network, whose weights are the seeded ones, or a model of a file.
  ///   - tokens: Of a sequence; nil for the usual number, and for models of files.
  ///   - batch: Items.
  ///   - seed: Of weights and inputs.
  ///   - engine: Whose outputs peers are compared with.
  ///   - threads: Threads for computing them.
  ///   - precision: What peers compute in: int8 from a QDQ file, bf16 from that of float32.
  ///   - table: Path of the ranges that int8 is quantized by; nil to calibrate on seeded items, and for
  ///     a QDQ file.
  /// - Throws: `Problem` for a full disk, and what cannot be exported or computed.
  package init(
    folder: String, of subject: WorkSubject, tokens: Int? = nil, batch: Int, seed: UInt32,
    engine: Engine, threads: Int, precision: CaseID.Precision? = nil, table: String? = nil
  ) throws {
    let source = try PeerSource(subject, tokens: tokens, batch: batch, seed: seed, in: folder)
    let pool = ThreadPool(threads: threads)
    func run(_ pass: ForwardPass) throws(Problem) -> (program: Program, inputs: InputBlock) {
      let program = try pass.program(pool: pool, engine: engine)
      let inputs = InputBlock(for: program, tables: pass.tables)
      inputs.fill(seed: seed)
      inputs.bindLast(to: program)
      withExtendedLifetime(inputs) { program.run() }
      return (program, inputs)
    }
    func write(_ program: Program, as prefix: String) throws -> [String: String] {
      try Self.writeOutputs(of: program, as: folder + "/" + prefix)
    }
    var (options, floats) = (source.options, [String: String]())
    let computed: (program: Program, inputs: InputBlock)
    if precision == .int8 {
      let quantized = try Quantizer(threads: threads).quantized(
        source.subject, table: table, calibration: [])
      computed = try run(quantized.forwardPass(batch: batch))
      var rounded = try quantized.roundedPass(batch: batch)
      if quantized.table != nil {
        floats = try write(run(source.subject.forwardPass(batch: batch)).program, as: "float")
        floats["onnx"] = options["onnx"]
        floats["tolerance"] = "\(PeerTolerance.float32)"
        options["onnx"] = folder + "/model-int8.onnx"
        try ModelExport.model(
          of: rounded.graph, name: subject.name, weights: rounded.weights,
          batch: subject.fixedBatch
        ).write(to: folder + "/model-int8.onnx")
      }
      rounded.graph = try rounded.graph.withoutDropout().withoutRounding().foldingNorms()
        .fusingEpilogues()
      let tolerance = PeerTolerance.int8(of: computed.program, beside: try run(rounded).program)
      options["tolerance"] = "\(tolerance)"
      if let most = try Self.largestWeight(of: quantized, batch: batch) {
        options["largest-weight"] = "\(most)"
      }
    } else {
      computed = try run(source.subject.forwardPass(batch: batch))
      if precision == .bf16 {
        let layers = computed.program.units.count { $0.directFLOPs.count > 0 }
        options["tolerance"] = "\(PeerTolerance.bf16(layers: layers))"
        floats["tolerance"] = "\(PeerTolerance.float32)"
      }
    }
    for (index, port) in source.ports.enumerated() {
      let path = folder + "/input-\(index).npy"
      try computed.inputs.write(index, isChannelsLast: port.isChannelsLast, to: path)
      options["input-\(index)"] = path
      options["name-\(index)"] = computed.program.graph.inputs[index].name
      options["shape-\(index)"] = port.names.joined(separator: ",")
    }
    options.merge(try write(computed.program, as: "expected")) { _, new in new }
    (self.options, floatOptions) = (options, floats)
  }

  /// The largest magnitude of a weight that is multiplied as a byte: where it is at most 64, no sum of
  /// two products leaves 16 bits.
  ///
  /// - Parameters:
  ///   - subject: On bytes.
  ///   - batch: Items.
  /// - Returns: Nil where a file has layers that others may multiply in bytes and we do not.
  /// - Throws: Weights that cannot be read.
  private static func largestWeight(
    of subject: QuantizedSubject, batch: Int
  ) throws(Problem) -> Int? {
    guard subject.table != nil || subject.layers.onBytes == subject.layers.all else { return nil }
    let pass = try subject.forwardPass(batch: batch)
    var most = 0
    for node in pass.graph.nodes {
      guard let layer = node.op as? QuantizedConvolution,
        let filters = pass.graph[node.inputs[1]].parameter
      else { continue }
      let steps = layer.steps(of: try pass.weights.values(filters))
      most = steps.reduce(most) { max($0, abs(Int($1))) }
    }
    return most
  }

  /// Writes the outputs of a run, a file each.
  ///
  /// - Returns: Options that name them.
  private static func writeOutputs(
    of program: Program, as prefix: String
  ) throws -> [String: String] {
    var options: [String: String] = [:]
    for index in program.outputNames.indices {
      let path = "\(prefix)-\(index).npy"
      let values = program.numbers(index)
      let rows = values.count % program.batch == 0 ? program.batch : 1
      try NPYFile.write(
        Tensor(shape: [rows, values.count / rows], values: values), to: path)
      options["expected-\(index)"] = path
    }
    return options
  }
}
