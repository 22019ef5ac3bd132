import Basics
import Economics
import Graphs
import Models
import Testing

/// The counted work of published trainings is that of the networks that run here.
struct PublishedRunTests {
  private let table: Table

  init() throws { table = try Records.builtIn.table("published_work") }

  private func macs(_ part: String) throws -> Double {
    let row = try #require(table.rows.indices.first { table.text($0, "part") == part })
    return try #require(table.number(row, "macs_per_unit"))
  }

  @Test func multiplyAddsAreThoseOfOurNetworks() throws {
    for name in ["bert-base", "bert-large"] {
      for tokens in [128, 512] {
        let graph = try #require(try Network.named(name).lossGraph(inputSize: tokens))
        #expect(try Double(graph.macs(batch: 1).count) == macs("\(name)-\(tokens)"))
      }
    }
    for name in ["transformer-base", "transformer-big"] {
      let all = try Network.named(name).macs(batch: 1, inputSize: 28)
      #expect(try Double(all.count) == 28 * macs(name))
    }
    let pair = try Network.named("seq2seq").macs(batch: 1, inputSize: 28)
    #expect(try Double(pair.count) == 28 * (macs("seq2seq-source") + macs("seq2seq-target")))
    for (name, size) in [("alphago-zero-20", 19), ("alphago-zero-40", 19), ("alphazero-chess", 8)] {
      let all = try Double(Network.named(name).macs(batch: 1, inputSize: size).count)
      #expect(try all == macs("\(name)-play") && all == macs("\(name)-learn"))
    }
    let gpt3 = GPT2(name: "gpt3", layers: 96, width: 12_288, heads: 96, positions: 2048).network
    #expect(try Double(gpt3.macs(batch: 1, inputSize: 2048).count) == 2048 * macs("gpt3"))
    let grover = GPT2(
      name: "grover", layers: 48, width: 1536, heads: 24, vocabulary: 50_270
    ).network
    #expect(try Double(grover.macs(batch: 1, inputSize: 1024).count) == 1024 * macs("grover"))
  }

  @Test func everyPartIsAPassOfANetwork() throws {
    let runs = try PublishedRun.all()
    #expect(runs.count == 12 && runs.flatMap(\.parts).count == table.rows.count)
    for part in runs.flatMap(\.parts) { #expect(Network.names.contains(part.network), "\(part)") }
    #expect(runs.filter(\.isCharted).count == 4)
    let charted = Set(try PublicRecord.trainingRuns().map(\.value))
    for run in runs where run.isCharted {
      #expect(charted.contains(run.publishedPfsDays ?? 0), "\(run.id)")
    }
  }

  @Test func aRowWithoutWorkIsRefused() throws {
    let column = try #require(table.index(of: "flop"))
    let bare = Records.builtIn.replacing(
      table: "published_work", row: 0, column: column, with: "")
    #expect(throws: Problem.self) { try PublishedRun.all(bare) }
    let run = try #require(table.index(of: "run"))
    let orphan = Records.builtIn.replacing(
      table: "published_work", row: table.rows.count - 1, column: run, with: "another")
    #expect(throws: Problem.self) { try PublishedRun.all(orphan) }
  }
}
