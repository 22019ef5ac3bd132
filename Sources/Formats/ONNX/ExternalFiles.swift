import Basics
import Glibc

/// The files beside a model that hold elements of its tensors, each opened once.
///
/// A model names them, so a name is trusted no further than the model's own folder: nothing
/// absolute, no `..`, no link that leads out.
final class ExternalFiles {
  private let model: String
  private let folder: String
  private var files: [String: RegularFile] = [:]

  /// Knows the folder of a model.
  ///
  /// - Parameter model: The model's path.
  init(of model: String) {
    self.model = model
    folder = OutputTarget.folder(of: model)
  }

  /// Where a tensor's elements lie.
  ///
  /// - Parameters:
  ///   - entries: The tensor's `location` and, if they are given, `offset` and `length` in bytes.
  ///   - tensor: Its name, for sentences.
  ///   - byteCount: What it takes.
  /// - Returns: A range of a file, which lies in it as a whole.
  /// - Throws: A place outside the folder, an absent file, or one that is too short.
  func content(
    _ entries: [ModelFile.Note], tensor: String, byteCount: Int
  ) throws(Problem) -> ModelFile.Tensor.Content {
    func entry(_ key: String) -> String? { entries.last { $0.key == key }?.value }
    func number(_ key: String) throws(Problem) -> Int? {
      guard let text = entry(key) else { return nil }
      guard let value = Int(text), value >= 0 else {
        throw refusal(tensor, "has '\(text)' as the \(key) of its external data")
      }
      return value
    }
    guard let location = entry("location") else {
      throw refusal(tensor, "has external data, but does not say where")
    }
    let (offset, length) = (try number("offset") ?? 0, try number("length") ?? byteCount)
    guard length == byteCount else {
      throw refusal(tensor, "takes \(byteCount) bytes, but names \(length) of external data")
    }
    let file = try file(location, tensor)
    guard byteCount <= file.sizeBytes, offset <= file.sizeBytes - byteCount else {
      throw refusal(
        tensor,
        "names bytes \(offset) to \(offset) + \(byteCount) of \(location), which has "
          + "\(file.sizeBytes)")
    }
    return .stored(file, offset: offset)
  }

  private func file(_ location: String, _ tensor: String) throws(Problem) -> RegularFile {
    if let file = files[location] { return file }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.utf8.contains(0), !location.hasPrefix("/"),
      !parts.contains("..")
    else {
      throw refusal(
        tensor, "has external data at '\(location)'; only files in the model's own folder are read")
    }
    let path = folder + "/" + location
    guard let place = Self.real(path) else {
      throw Problem(
        .absent,
        "\(model): tensor \(tensor) has external data in \(path), which is not there; "
          + "put that file beside the model")
    }
    guard let own = Self.real(folder), place.hasPrefix(own == "/" ? own : own + "/") else {
      throw refusal(
        tensor,
        "has external data at '\(location)', a link out of the model's folder; copy the file there")
    }
    let file = try RegularFile(path: place)
    files[location] = file
    return file
  }

  private func refusal(_ tensor: String, _ reason: String) -> Problem {
    Problem(.malformed, "\(model): tensor \(tensor) \(reason)")
  }

  /// A path without links; nil where nothing is there.
  private static func real(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }
}
