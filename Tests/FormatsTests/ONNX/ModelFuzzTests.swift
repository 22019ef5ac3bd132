import Basics
import Formats
import Foundation
import TestSupport
import Testing

/// Models cut at every byte and damaged anywhere: read or refused with a sentence, never worse.
///
/// `make fuzz` runs these under the address sanitizer.
@Suite struct ModelFuzzTests {
  /// Every beginning of a model is refused: nothing behind the cut could be left out.
  @Test func refusesAModelCutAtAnyByte() throws {
    let directory = try TemporaryDirectory()
    try SampleModel.make().write(to: directory.path("whole"))
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory.path("whole"))))
    #expect(whole.count > 300)
    for count in whole.indices {
      let path = try directory.file("m.onnx", Data(whole[..<count]))
      let error = #expect(throws: Problem.self, "\(count) of \(whole.count) bytes are a model") {
        try ModelFile(path: path)
      }
      #expect(error?.kind == .malformed && error?.description.contains(path) == true)
    }
  }

  @Test func survivesDamage() throws {
    let directory = try TemporaryDirectory()
    var model = SampleModel.make()
    model.notes = [ModelFile.Note("key", "value")]
    try model.write(to: directory.path("whole"))
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory.path("whole"))))
    var (random, accepted) = (SeededRandom(seed: 15), 0)
    var damaged = whole.indices.flatMap { place in
      [0, 1, 3, 7].map { bit in
        var bytes = whole
        bytes[place] ^= 1 << UInt8(bit)
        return bytes
      }
    }
    for _ in 0..<1500 { damaged.append(FuzzTests.damaged(whole, &random)) }
    for bytes in damaged {
      let path = try directory.file("m.onnx", Data(bytes))
      do throws(Problem) {
        let model = try ModelFile(path: path)
        accepted += 1
        for tensor in model.graph.initializers where tensor.element.numbers != nil {
          #expect(try tensor.doubles().count == tensor.count)
        }
      } catch {
        #expect(error.kind == .malformed && !error.description.isEmpty)
      }
    }
    #expect(accepted > 100 && accepted < damaged.count - 100, "\(accepted) accepted")
  }
}
