import Basics

/// What a file is, told by its first bytes, where it is not what a reader was promised.
struct FileKind {
  enum Wanted: String {
    case weights = "safetensors file"
    case array = "NumPy array file"
    case bytes = "IDX file"
    case model = "ONNX model"
  }

  /// What an ONNX model is called.
  static let onnx = "an ONNX model"

  /// What it is, after "is".
  var what: String
  /// How to come to the file that was wanted.
  private var remedy: (Wanted) -> String

  /// The refusal of a file of this kind.
  func refusal(_ path: String, wanted: Wanted) -> Problem {
    Problem(
      .malformed, "\(path): is \(what), not a \(wanted.rawValue); \(remedy(wanted))")
  }

  /// Bytes that are enough to tell.
  private static let headCount = 4096

  /// Looks at a file.
  ///
  /// - Returns: nil where the beginning tells nothing.
  /// - Throws: A file that cannot be read.
  init?(of file: RegularFile) throws(Problem) {
    let head = try file.bytes(at: 0, count: min(Self.headCount, file.sizeBytes))
    self.init(head)
  }

  private init(
    _ what: String,
    _ remedy: @escaping (Wanted) -> String = { _ in "is it another option's file?" }
  ) {
    (self.what, self.remedy) = (what, remedy)
  }

  /// Tells from the first bytes.
  init?(_ head: [UInt8]) {
    guard !head.isEmpty else {
      self.init("empty") { _ in "write or fetch the file again" }
      return
    }
    guard let kind = Self.archive(head) ?? Self.model(head) ?? Self.text(head) else { return nil }
    self = kind
  }

  private static func archive(_ head: [UInt8]) -> FileKind? {
    let text = String(decoding: head.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
    if head.starts(with: Array("PK\u{3}\u{4}".utf8)) {
      if text.contains("data.pkl") { return pickle("a PyTorch file (a zip archive with a pickle)") }
      if text.contains(".npy") {
        return FileKind("a zip archive of NumPy arrays, as numpy.savez writes") { wanted in
          switch wanted {
          case .array: "save the one array with numpy.save"
          case .model: toONNX
          case .weights, .bytes: "write the arrays with safetensors.numpy.save_file"
          }
        }
      }
      return packed("a zip archive", "unzip")
    }
    let packers: [(start: [UInt8], name: String, tool: String)] = [
      ([0x1F, 0x8B], "gzip", "gunzip"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz", "unxz"),
      (Array("BZh".utf8), "bzip2", "bunzip2"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "unzstd"),
    ]
    if let packer = packers.first(where: { head.starts(with: $0.start) }) {
      return packed("compressed with \(packer.name)", packer.tool)
    }
    if head.count > 262, head[257..<262].elementsEqual("ustar".utf8) {
      return packed("a tar archive", "tar -xf")
    }
    return nil
  }

  private static func model(_ head: [UInt8]) -> FileKind? {
    if head.count > 2, head[0] == 0x80, (2...5).contains(head[1]) {
      return pickle("a Python pickle, as PyTorch writes for .pt, .pth and .th")
    }
    if head.starts(with: [0x89] + Array("HDF\r\n".utf8)) {
      return exported("an HDF5 file, as Keras writes")
    }
    if head.starts(with: Array("GGUF".utf8)) { return exported("a GGUF model") }
    if head.starts(with: [0x93] + Array("NUMPY".utf8)) { return FileKind("a NumPy array file") }
    if head.starts(with: [0x89] + Array("PNG".utf8)) || head.starts(with: [0xFF, 0xD8, 0xFF]) {
      return FileKind("a picture") { _ in
        "decode, resize and normalise it, and save the array N C H W with numpy.save"
      }
    }
    if head.count > 3, head[0] == 0x08, (1...20).contains(head[1]),
      [0x12, 0x1A, 0x22, 0x3A, 0x42].contains(head[2])
    {
      return exported(onnx)
    }
    if head.count > 8, head[8] == UInt8(ascii: "{"), head[4..<8].allSatisfy({ $0 == 0 }) {
      return FileKind("a safetensors file")
    }
    return head.starts(with: [0, 0, 8]) ? FileKind("an IDX file") : nil
  }

  private static func text(_ head: [UInt8]) -> FileKind? {
    let start = head.drop { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
    guard head.allSatisfy({ $0 >= 0x20 || (0x09...0x0D).contains($0) }), !start.isEmpty,
      let text = String(validating: start.prefix(200).filter { $0 < 0x80 }, as: UTF8.self)
    else { return nil }
    if text.hasPrefix("version https://git-lfs.github.com/spec/") {
      return FileKind("a Git LFS pointer, which stands for the file") { _ in
        "fetch the file itself with 'git lfs pull', or download it"
      }
    }
    let lower = text.lowercased()
    if lower.hasPrefix("<!doctype") || lower.hasPrefix("<html") || lower.hasPrefix("<?xml") {
      return FileKind("a web page, most likely of an error or a log-in") { _ in
        "download from the file's own address"
      }
    }
    if start.first == UInt8(ascii: "{") {
      let isIndex = String(decoding: start, as: UTF8.self).contains("\"weight_map\"")
      return isIndex
        ? FileKind("the index of weights in several files") { _ in
          "join those to one with safetensors.torch.load_file and save_file"
        } : FileKind("JSON text")
    }
    let line = text.prefix { !$0.isNewline }.prefix(40)
    return FileKind("text that begins with '\(line)'") { _ in "fetch the file again" }
  }

  private static let toONNX =
    "load the model with its own program and export it, for example with torch.onnx.export"

  private static func packed(_ what: String, _ tool: String) -> FileKind {
    FileKind(what) { _ in "unpack it with '\(tool)' first" }
  }

  private static func exported(_ what: String) -> FileKind {
    FileKind(what) { wanted in
      switch wanted {
      case .weights:
        "load it with its own program and write the tensors with "
          + "safetensors.numpy.save_file, under torchvision's names"
      case .model: toONNX
      case .array, .bytes: "is it another option's file?"
      }
    }
  }

  private static func pickle(_ what: String) -> FileKind {
    FileKind(what) { wanted in
      guard wanted == .weights else {
        return wanted == .model
          ? toONNX : "load it with torch.load and save the array with numpy.save"
      }
      return """
        convert it with python3 -c "import sys, torch; from safetensors.torch import save_file; \
        w = torch.load(sys.argv[1], map_location='cpu', weights_only=True); \
        w = w.get('state_dict', w); \
        save_file({k: v.contiguous() for k, v in w.items()}, sys.argv[2])" IN OUT.safetensors
        """
    }
  }
}
