import SwiftProtobuf

/// Why bytes are not the message that they should be.
package enum CodingFault: Error, Hashable, Sendable {
  /// They end, or a part of them does, in the middle of a field.
  case truncated
  /// Messages inside one another beyond `MessageCoding.depthLimit`.
  case tooDeep
  /// A name or another text that is not UTF-8.
  case text
  /// A field of a kind that there is not, or anything else.
  case malformed
  /// A message of 2 GiB or more, which no reader of protobuf takes.
  case tooLarge
}

/// What the types of `onnx.pb.swift` are, for those who do not see the library.
package typealias SchemaMessage = SwiftProtobuf.Message

/// How messages are decoded and encoded.
package enum MessageCoding {
  /// Messages inside one another that are read at most, as in other readers of protobuf.
  package static let depthLimit = 100

  /// The message that some bytes are; fields that the schema does not know are left out.
  ///
  /// - Parameters:
  ///   - type: The message's type.
  ///   - bytes: All of it.
  ///   - depth: Messages of the file that it lies in.
  /// - Returns: The message, with copies of what it holds.
  /// - Throws: Bytes that are no such message.
  package static func decode<Content: SchemaMessage>(
    _ type: Content.Type, _ bytes: [UInt8], inside depth: Int
  ) throws(CodingFault) -> Content {
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = depthLimit - depth
    options.discardUnknownFields = true
    do {
      return try Content(serializedBytes: bytes, partial: true, options: options)
    } catch BinaryDecodingError.truncated {
      throw .truncated
    } catch BinaryDecodingError.messageDepthLimit {
      throw .tooDeep
    } catch BinaryDecodingError.invalidUTF8 {
      throw .text
    } catch {
      throw .malformed
    }
  }

  /// The bytes of a message, fields by their numbers: the same message is always the same bytes.
  ///
  /// - Parameter message: Less than 2 GiB.
  /// - Returns: All of it, without a length before it.
  /// - Throws: A message that is larger.
  package static func encode(_ message: some SchemaMessage) throws(CodingFault) -> [UInt8] {
    do {
      return try message.serializedBytes(partial: true)
    } catch {
      // With partial messages allowed, the library refuses nothing else.
      throw .tooLarge
    }
  }

  /// The beginning of a field that holds a message or bytes.
  ///
  /// - Parameters:
  ///   - number: The field's.
  ///   - byteCount: Of what it holds.
  /// - Returns: Tag and length, which the content follows.
  package static func prefix(field number: Int, byteCount: Int) -> [UInt8] {
    varint(UInt64(number) << 3 | 2) + varint(UInt64(byteCount))
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
