import Kernels
import Models

/// Texts of one length whose tokens are drawn from a seed: those that `infer` reads.
final class SeededTexts {
  private let batch: Int
  private let length: Int
  private let vocabulary: Int
  private let hash: HashFill

  init(batch: Int, length: Int, vocabulary: Int, seed: UInt32) {
    (self.batch, self.length, self.vocabulary) = (batch, length, vocabulary)
    hash = HashFill(name: "input_ids", seed: seed)
  }

  /// Some tokens of each text, one text behind the other.
  final class Tokens {
    private let memory: AlignedBuffer
    /// The first of them.
    let first: UnsafePointer<Int64>

    fileprivate init(_ tokens: [Int64]) {
      let buffer = AlignedBuffer(byteCount: tokens.count * MemoryLayout<Int64>.stride)
      let place = buffer.bytes.bindMemory(to: Int64.self, capacity: tokens.count)
      for (index, token) in tokens.enumerated() { place[index] = token }
      first = UnsafePointer(place)
      memory = buffer
    }
  }

  /// The tokens of all texts at some places.
  func tokens(_ places: Range<Int>) -> Tokens {
    Tokens(
      (0..<batch).flatMap { text in
        places.map { Int64(Int(hash.word(text * length + $0)) % vocabulary) }
      })
  }
}
