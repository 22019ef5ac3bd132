import Graphs
import Kernels
import Models
import Programs
import Tensors
import Testing
import Workloads

/// What is drawn for the inputs of models, whatever their type.
@Suite struct InputBlockTests {
  private static let inputs: [(name: String, element: DType)] = [
    ("ids", .i64), ("small", .i32), ("attention_mask", .bool), ("flags", .bool),
    ("token_type_ids", .i64), ("position_ids", .i64), ("u", .u8), ("i", .i8),
  ]

  private static func program() throws -> Program {
    var builder = GraphBuilder()
    for (name, element) in inputs {
      let value = builder.input(name, TensorType(element, [.batch, 20]))
      let copy = try builder.append("\(name).copy", Reshape([.batch, 20, 1]), [value])[0]
      builder.output(name, copy)
    }
    let weights = SeededWeights(for: try Network.named("resnet20", classes: 10), seed: 1)
    return try Program(
      builder.graph(), parameters: .frozen(weights), batch: 2, pool: ThreadPool(threads: 1)
    ) { _, _, _ in .reference }
  }

  private static func outputs(_ tables: [String: Int], seed: UInt32) throws -> [String: [Float]] {
    let program = try program()
    let block = InputBlock(for: program, tables: tables)
    block.fill(seed: seed)
    block.bindLast(to: program)
    program.run()
    var result: [String: [Float]] = [:]
    for (index, name) in program.outputNames.enumerated() { result[name] = program.numbers(index) }
    return result
  }

  @Test func drawsRowsOfTables() throws {
    let drawn = try Self.outputs(["ids": 7, "position_ids": 6], seed: 1)
    let ids = try #require(drawn["ids"])
    #expect(ids.allSatisfy { (0..<7).contains($0) } && Set(ids).count > 3)
    #expect(try #require(drawn["small"]).contains { $0 > 7 })
    #expect(try #require(drawn["small"]).allSatisfy { (0..<1000).contains($0) })
    let places = (0..<40).map { Float($0 % 6) }
    #expect(try #require(drawn["position_ids"]) == places)
    #expect(try Self.outputs(["ids": 7], seed: 2)["ids"] != ids)
  }

  @Test func fillsEveryType() throws {
    let drawn = try Self.outputs([:], seed: 1)
    #expect(drawn["attention_mask"] == [Float](repeating: 1, count: 40))
    #expect(drawn["token_type_ids"] == [Float](repeating: 0, count: 40))
    #expect(Set(try #require(drawn["flags"])) == [0, 1])
    #expect(try #require(drawn["u"]).allSatisfy { (0...255).contains($0) })
    #expect(try #require(drawn["i"]).allSatisfy { (0...127).contains($0) })
  }
}
