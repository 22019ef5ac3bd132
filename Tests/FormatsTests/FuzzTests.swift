import Basics
import Formats
import Foundation
import Models
import TestSupport
import Testing

/// Thousands of damaged files: each is read or refused with a sentence, never worse.
///
/// `make fuzz` runs these under the address sanitizer.
@Suite struct FuzzTests {
  /// A copy with a few bytes changed, removed, doubled, or digits replaced.
  static func damaged(_ original: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      // Mostly near the start, where the header is.
      let limit = Bool.random(using: &random) ? bytes.count : min(bytes.count, 160)
      let place = Int.random(in: 0..<limit, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.removeSubrange(place...)
      case 3: bytes.remove(at: place)
      case 4:
        let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
        bytes.insert(contentsOf: bytes[place..<end], at: place)
      default:
        let words = ["9", "-", "99999999999999999999", "\"", "{", "[", "}", ",", "\\u12", "None"]
        let word = words[Int.random(in: 0..<words.count, using: &random)]
        bytes.replaceSubrange(place..<place + 1, with: Array(word.utf8))
      }
    }
    return bytes
  }

  @Test func survivesDamagedSafetensors() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("w")
    try SafetensorsFile.write(
      [("conv1.weight", [2, 3, 1, 1]), ("fc.bias", [5]), ("empty", [0])], to: path
    ) { name in [Float](repeating: 1, count: ["conv1.weight": 6, "fc.bias": 5][name] ?? 0) }
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var random = SeededRandom(seed: 11)
    var accepted = 0
    for _ in 0..<3000 {
      _ = try directory.file("w", Data(Self.damaged(original, &random)))
      do throws(Problem) {
        let file = try SafetensorsFile(path: path)
        accepted += 1
        for (name, entry) in file.entries {
          var failure: Problem?
          withUnsafeTemporaryAllocation(of: Float.self, capacity: entry.count) { buffer in
            do throws(Problem) { try file.read(name, into: buffer) } catch { failure = error }
          }
          if let failure { throw failure }
        }
      } catch {
        #expect(error.kind == .malformed && error.description.contains(path))
      }
      do throws(Problem) { _ = try WeightFile(path: path, network: "resnet18") } catch {
        #expect(error.kind == .malformed)
      }
    }
    #expect(accepted > 10 && accepted < 2000, "\(accepted) of 3000 accepted")
    #expect(directory.names() == ["w"])
  }

  @Test func survivesDamagedArrays() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("x")
    try NPYFile.write(Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]), to: path)
    let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var random = SeededRandom(seed: 12)
    var accepted = 0
    for _ in 0..<3000 {
      _ = try directory.file("x", Data(Self.damaged(original, &random)))
      do throws(Problem) {
        let file = try NPYFile(path: path, element: .float32, rank: 2)
        accepted += 1
        #expect(try file.readTensor().values.count == 6)
      } catch {
        #expect(error.kind == .malformed && error.description.contains(path))
      }
      do throws(Problem) {
        _ = try NPYFile(path: path, element: .int64, rank: 1).readIntegers()
      } catch { #expect(error.kind == .malformed) }
    }
    #expect(accepted > 10 && accepted < 2000, "\(accepted) of 3000 accepted")
    #expect(directory.names() == ["x"])
  }
}
