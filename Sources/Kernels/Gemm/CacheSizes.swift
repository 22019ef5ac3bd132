import Glibc

/// Sizes of the data caches that one thread can count on, in bytes; block sizes follow from them.
public struct CacheSizes: Hashable, Sendable {
  /// First level, of one core.
  public var l1: Int
  /// Second level, of one core.
  public var l2: Int
  /// Third level, shared; 0 where there is none.
  public var l3: Int

  /// Names the sizes.
  public init(l1: Int, l2: Int, l3: Int) { (self.l1, self.l2, self.l3) = (l1, l2, l3) }

  /// What the system says of CPU 0, read once; where it says nothing, sizes that every server
  /// core of the last ten years has at least.
  public static let current = CacheSizes(
    l1: size(level: 1) ?? 32 << 10, l2: size(level: 2) ?? 512 << 10, l3: size(level: 3) ?? 0)

  /// The size of CPU 0's data or unified cache at a level.
  private static func size(level: Int) -> Int? {
    for index in 0..<8 {
      let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
      guard let found = word(in: folder + "level") else { return nil }
      guard found == "\(level)", word(in: folder + "type") != "Instruction" else { continue }
      guard let size = word(in: folder + "size"), let unit = size.last else { return nil }
      let scale = unit == "K" ? 1 << 10 : unit == "M" ? 1 << 20 : 1
      let digits = size.prefix { $0.isNumber }
      return Int(digits).map { $0 * scale }
    }
    return nil
  }

  /// The first line of a small file.
  private static func word(in path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let bytes = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
