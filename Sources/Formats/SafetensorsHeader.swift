import Basics
import Foundation

/// The JSON header of a safetensors file, read strictly and without trusting a word of it.
///
/// Format: <https://github.com/huggingface/safetensors>, "Format": one object that maps tensor
/// names to `dtype`, `shape` and `data_offsets`, and `__metadata__` to an object of strings. What
/// `__metadata__` holds is passed over, so it may be any JSON.
struct SafetensorsHeader: Decodable {
  /// One tensor's entry, as written.
  struct Entry: Equatable {
    var type: String
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  private(set) var entries: [String: Entry] = [:]

  /// Parses a whole header.
  ///
  /// - Parameter bytes: UTF-8 JSON, may be followed by spaces.
  /// - Throws: A header that breaks the format's grammar, or names a tensor twice; the caller adds
  ///   the file's name.
  init(parsing bytes: [UInt8]) throws(Problem) {
    // A byte of 0 would make the decoder take the text for UTF-16.
    guard bytes.first == UInt8(ascii: "{"), !bytes.contains(0),
      String(validating: bytes, as: UTF8.self) != nil
    else { throw Problem(.malformed, "its header is not JSON") }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    } catch let problem as Problem {
      throw problem
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      // The decoder tells none of these from another.
      throw Problem(
        .malformed,
        "its header is not valid JSON, is nested too deeply, or has a number beyond 64 bits")
    } catch let error as DecodingError {
      throw Problem(.malformed, "its header cannot be used: \(error.place)")
    } catch { throw Problem(.malformed, "its header cannot be used: \(error)") }
    if let key = try Self.repeatedKey(in: bytes) {
      throw Problem(.malformed, "its header names \(key) twice")
    }
  }

  /// Decodes every entry but the metadata; a `Problem` names what an entry lacks.
  init(from decoder: any Decoder) throws {
    let header = try decoder.container(keyedBy: Key.self)
    for tensor in header.allKeys where tensor.stringValue != Self.metadata {
      let fields = try header.nestedContainer(keyedBy: Key.self, forKey: tensor)
      let name = tensor.stringValue
      guard Set(fields.allKeys.map(\.stringValue)) == ["dtype", "shape", "data_offsets"] else {
        throw Problem(
          .malformed, "tensor \(name) lacks dtype, shape or data_offsets, or has an unknown key")
      }
      let shape = try fields.decode([Int].self, forKey: Key("shape"))
      let offsets = try fields.decode([Int].self, forKey: Key("data_offsets"))
      guard shape.count <= 8, offsets.count == 2, (shape + offsets).allSatisfy({ $0 >= 0 }) else {
        throw Problem(
          .malformed,
          "tensor \(name) has another shape than 8 whole numbers at most, or no pair of data_offsets"
        )
      }
      entries[name] = Entry(
        type: try fields.decode(String.self, forKey: Key("dtype")), shape: shape,
        begin: offsets[0], end: offsets[1])
    }
  }

  private static let metadata = "__metadata__"

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// A key that one object has twice, metadata aside; decoders take one of the two and say nothing.
  ///
  /// - Parameter json: Known to be valid JSON.
  /// - Returns: The first such key; nil where there is none.
  /// - Throws: A key that is no text.
  private static func repeatedKey(in json: [UInt8]) throws(Problem) -> String? {
    // All keys as one array of JSON, each with the number of its object; the header has number 0.
    var (keys, owners): ([UInt8], [Int]) = ([UInt8(ascii: "[")], [])
    var (open, objects, index, isMetadata): ([Int], Int, Int, Bool) = ([], 0, 0, false)
    while index < json.count {
      let byte = json[index]
      if byte == UInt8(ascii: "{") {
        open.append(objects)
        objects += 1
      }
      if byte == UInt8(ascii: "}") { open.removeLast() }
      if byte == UInt8(ascii: "\"") {
        let start = index
        index += 1
        while json[index] != UInt8(ascii: "\"") {
          index += json[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        let next = json[(index + 1)...].first { !" \t\r\n".utf8.contains($0) }
        if next == UInt8(ascii: ":"), let owner = open.last {
          let key = json[start...index]
          if owner == 0 { isMetadata = key.elementsEqual("\"\(metadata)\"".utf8) }
          if owner == 0 || !isMetadata {
            if !owners.isEmpty { keys.append(UInt8(ascii: ",")) }
            keys += key
            owners.append(owner)
          }
        }
      }
      index += 1
    }
    let bytes = Data(keys + [UInt8(ascii: "]")])
    guard let names = try? JSONDecoder().decode([String].self, from: bytes) else {
      throw Problem(.malformed, "its header has a key that is not text")
    }
    var seen = [Set<String>](repeating: [], count: objects)
    return zip(names, owners).first { !seen[$1].insert($0).inserted }?.0
  }
}
