import Basics
import Formats
import Interchange
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Graphs drawn at random from all operators that there are, most of them senseless: a sentence, or
/// a program that runs, never worse.
///
/// `make fuzz` runs these under the address sanitizer.
@Suite struct FuzzImportTests {
  private static let operators = OperatorTable.rows.map { row in
    String(row.dropFirst(3).prefix { $0 != "`" })
  }

  private static let numbers: [Int64] = [
    0, 1, -1, 2, 3, -2, 4, 7, 1 << 40, -1 << 40, .max, .min,
  ]

  /// Attributes that operators have, each with a value that may not suit them.
  private static func attributes(
    _ random: inout SeededRandom
  ) -> [String: ModelFile.Attribute.Value] {
    func number() -> Int64 { numbers.randomElement(using: &random) ?? 0 }
    func small() -> Int64 { Int64.random(in: -1...3, using: &random) }
    var result: [String: ModelFile.Attribute.Value] = [:]
    let single = [
      "axis", "keepdims", "ceil_mode", "group", "to", "transA", "transB", "allowzero", "exclusive",
      "reverse", "largest", "blocksize", "batch_dims", "num_heads", "q_num_heads", "kv_num_heads",
      "hidden_size", "num_outputs", "select_last_index", "count_include_pad", "upper", "stash_type",
      "start", "end", "num_groups", "size", "noop_with_empty_axes", "is_causal", "dtype",
    ]
    let lists = [
      "axes", "perm", "pads", "strides", "dilations", "kernel_shape", "split", "starts", "ends",
      "output_padding", "output_shape", "sizes",
    ]
    let words: [(String, [String])] = [
      ("mode", ["constant", "edge", "reflect", "wrap", "nearest", "linear", "cubic", "DCR", "?"]),
      ("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "?"]),
      ("reduction", ["none", "add", "mul", "max", "min", "mean", "?"]),
      ("direction", ["forward", "reverse", "bidirectional", "?"]),
      ("approximate", ["none", "tanh", "?"]),
    ]
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      switch Int.random(in: 0...3, using: &random) {
      case 0:
        result[single.randomElement(using: &random) ?? ""] =
          .integer(Bool.random(using: &random) ? number() : small())
      case 1:
        let count = Int.random(in: 0...4, using: &random)
        let isSmall = Int.random(in: 0..<4, using: &random) > 0
        result[lists.randomElement(using: &random) ?? ""] = .integers(
          (0..<count).map { _ in isSmall ? small() : number() })
      case 2:
        guard let (name, choices) = words.randomElement(using: &random) else { continue }
        result[name] = .text(Array((choices.randomElement(using: &random) ?? "").utf8))
      default:
        result[["epsilon", "alpha", "beta", "value"].randomElement(using: &random) ?? ""] =
          .float([0, 1, -1, .infinity, .nan, 1e-5].randomElement(using: &random) ?? 0)
      }
    }
    return result
  }

  private static func model(_ random: inout SeededRandom) -> TestModel {
    func integers(_ count: Int) -> [Int64] {
      (0..<count).map { _ in
        Int.random(in: 0..<12, using: &random) == 0
          ? numbers.randomElement(using: &random) ?? 0 : Int64.random(in: -1...4, using: &random)
      }
    }
    var tensors = (0..<5).map { count in TestModel.list("i\(count)", integers(count)) }
    for (place, shape) in [[], [4], [2, 4], [4, 2, 1, 1], [2, 3, 4, 4], [3, 2, 3, 3]].enumerated() {
      let values = TestModel.pattern(shape.reduce(1, *))
      tensors.append(TestModel.floats("f\(place)", shape, values))
    }
    tensors.append(ModelFile.Tensor("b0", .bool, [4], .bytes([0, 1, 1, 0])))
    var values = tensors.map(\.name) + ["x", "x", "r", "r", "k", ""]
    var nodes: [ModelFile.Node] = []
    let count = Int.random(in: 1...4, using: &random)
    for place in 0..<count {
      let inputs = (0..<Int.random(in: 1...4, using: &random)).map { index in
        index == 0
          ? ["x", "r", values.last ?? "x"].randomElement(using: &random) ?? "x"
          : values.randomElement(using: &random) ?? "x"
      }
      let name = place == count - 1 ? "y" : "v\(place)"
      nodes.append(
        node(operators.randomElement(using: &random) ?? "", inputs, name, attributes(&random)))
      values.append(name)
    }
    var model = TestModel([.symbol("N"), .fixed(2), .fixed(4), .fixed(4)], nodes, tensors)
    model.graph.inputs += [
      ModelFile.Port("r", .tensor(.float32, [.symbol("N"), .fixed(4)])),
      ModelFile.Port("k", .tensor(.int64, [.symbol("N"), .fixed(3)])),
    ]
    model.version = [13, 17, 22].randomElement(using: &random) ?? 17
    return model
  }

  /// Computes once, where that is little work.
  private static func run(_ imported: ImportedModel, _ pool: ThreadPool) throws(Problem) {
    let graph = try imported.graph.withoutDropout().foldingNorms().fusingEpilogues()
    let shapes = try graph.shapes(["batch": imported.batch])
    guard shapes.allSatisfy({ $0.count < 1 << 14 }) else { return }
    let program = try Program(
      graph, parameters: .frozen(imported.weights), batch: imported.batch, pool: pool
    ) { _, shape, _ in ConvPlan.native(shape, allowsWinograd: false) }
    let memory = AlignedBuffer(count: 1 << 15)
    for index in graph.inputs.indices { program.bind(index, to: memory.bytes) }
    program.run()
  }

  @Test func survivesAnyGraph() throws {
    let pool = ThreadPool(threads: 1)
    var (random, ran, refused) = (SeededRandom(seed: 23), 0, 0)
    for round in 0..<3000 {
      let model = Self.model(&random)
      do throws(Problem) {
        let imported = try model.imported(ModelSizes(batch: round % 3 + 1))
        #expect(!imported.outputs.isEmpty)
        do throws(Problem) {
          try Self.run(imported, pool)
          ran += 1
        } catch {
          #expect(!error.description.isEmpty)
        }
      } catch {
        #expect(!error.description.isEmpty)
        refused += 1
      }
    }
    #expect(ran > 20 && refused > 500, "\(ran) ran, \(refused) were refused")
  }
}
