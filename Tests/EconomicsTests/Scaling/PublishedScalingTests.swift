import Basics
import Economics
import Testing

/// Published trainings on few nodes and on many, against what their sources say.
@Suite struct PublishedScalingTests {
  @Test func figuresAreThoseOfTheirTables() throws {
    let all = try PublishedScaling.all()
    try #require(all.count == 2)
    let (caffe, mlperf) = (all[0], all[1])
    #expect(caffe.title.hasPrefix("Intel Caffe on c5.18xlarge"))
    #expect(mlperf.title.hasPrefix("Intel on 2x Xeon Platinum 8180 a node"))
    #expect([caffe.fewer.nodes, caffe.more.nodes] == [64, 128])
    #expect([caffe.fewer.hours, caffe.more.hours] == [6.163689, 3.431735])
    #expect([caffe.fewer.usd, caffe.more.usd] == [1207.1, 1344.14])
    #expect(abs(caffe.efficiency - 0.898) < 5e-4)
    #expect([mlperf.fewer.nodes, mlperf.more.nodes] == [1, 8])
    #expect(abs(mlperf.fewer.hours - 10_402.11 / 60) < 1e-9)
    #expect(abs(mlperf.efficiency - 0.990) < 5e-4)
    #expect(mlperf.fewer.usd == nil && mlperf.more.usd == nil)
    #expect(all.allSatisfy { $0.source.hasPrefix("https://") && !$0.note.isEmpty })
  }

  @Test(arguments: ["fewer", "table", "unit", "nodes", "time"])
  func aRowThatLeadsNowhereIsRefused(column: String) throws {
    let index = try #require(Records.builtIn.table("scaling_records").index(of: column))
    let records = Records.builtIn.replacing(
      table: "scaling_records", row: 0, column: index, with: "nothing")
    #expect(throws: Problem.self) { try PublishedScaling.all(records) }
  }
}
